// What declared resources are, whole.
#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/canonical_parts.hpp"

namespace wf::bytecode {

namespace canonical {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string template_text(const Template& t) {
  std::string out = "[" + quoted(t.text);
  for (const TemplateRead& read : t.reads) {
    out += " {";
    for (const std::string& name : read.path) out += quoted(name);
    out += " " + number(read.source) + " " + number(read.argument) + "}";
  }
  for (const Partial& partial : t.partials) out += " |" + quoted(partial.name) + quoted(partial.text);
  return out + "]";
}

std::string hours_text(const std::vector<value::WeeklyWindow>& hours) {
  std::string out;
  for (const auto& w : hours) out += " " + number(w.days) + ":" + number(w.from) + ".." + number(w.to);
  return out;
}

}  // namespace canonical

using namespace canonical;

namespace {

std::string parameters_text(const Catalogue& c, const std::vector<EventParameter>& parameters) {
  std::string out = "(";
  for (const EventParameter& parameter : parameters)
    out += parameter.name + " " + type_text(c, parameter.type) + ", ";
  return out + ")";
}

}  // namespace

std::string type_text(const Catalogue& catalogue, const Type& type) {
  std::string text = value::to_string(type.kind);
  switch (type.kind) {
    case value::Kind::enumeration:
      text = "enum " + catalogue.enums[type.aux].name;
      break;
    case value::Kind::integer:
      text = "int";
      break;
    case value::Kind::ref:
      text = catalogue.objects[type.aux].name;
      break;
    case value::Kind::resource:
      text = to_string(static_cast<ResourceKind>(type.aux));
      break;
    case value::Kind::text: {
      constexpr const char* kFormats[] = {"", " email", " url", " phone", " timezone"};
      text += kFormats[static_cast<std::size_t>(type.format)];
      break;
    }
    default:
      break;
  }
  return text + (type.nullable ? "?" : "");
}

std::string resource_text(const Program& program, ResourceKind kind, std::uint32_t index) {
  const Catalogue& c = program.catalogue;
  std::string text = std::string(to_string(kind)) + "." + c.resource_name(kind, index);
  const auto sender = [&](std::uint32_t at) {
    return at == kNone ? std::string("-") : resource_text(program, ResourceKind::sender, at);
  };
  switch (kind) {
    case ResourceKind::email: {
      const Email& e = c.emails[index];
      text += " " + number(e.mail_class) + " " + name_of(c.topics, e.topic) + " from " + sender(e.sender);
      text += " subject " + template_text(e.subject) + " html " + template_text(e.html) + " text " +
              template_text(e.text) + " reply " + quoted(e.reply_to);
      for (const std::string& path : e.placeholders) text += " " + path;
      break;
    }
    case ResourceKind::message: {
      const Message& m = c.messages[index];
      text += " " + template_text(m.subject) + template_text(m.body) + " from " + sender(m.sender);
      for (const std::string& path : m.placeholders) text += " " + path;
      break;
    }
    case ResourceKind::sender: {
      const Sender& s = c.senders[index];
      text += " " + quoted(s.display_name) + quoted(s.address) + quoted(s.postal_address);
      break;
    }
    case ResourceKind::webhook: {
      const Webhook& w = c.webhooks[index];
      text += " " + quoted(w.url) + quoted(w.url_secret) + quoted(w.sign_secret) + number(w.accepts_pii);
      text += " returns " + parameters_text(c, w.returns);
      if (!w.payload.text.empty()) text += " payload " + template_text(w.payload);
      break;
    }
    case ResourceKind::user:
      text += " " + quoted(c.users[index].email);
      break;
    case ResourceKind::team:
      text += " " + quoted(c.teams[index].email);
      for (const std::uint32_t user : c.teams[index].members) text += " " + c.users[user].name;
      break;
    case ResourceKind::calendar: {
      const Calendar& calendar = c.calendars[index];
      text += " " + quoted(calendar.hours.zone) + hours_text(calendar.hours.open) + " closed";
      for (const std::int32_t day : calendar.hours.closed) text += " " + number(day);
      text += " known until " + number(calendar.known_until);
      break;
    }
    case ResourceKind::experiment: {
      const Experiment& e = c.experiments[index];
      text += " " + number(e.winner_by) + " after " + number(e.after) + " " + name_of(c.events, e.event) +
              " " + number(e.parameter);
      for (const ExperimentArm& arm : e.arms) {
        text += ", " + arm.name + " " + number(arm.share) + number(arm.is_holdout);
        for (const std::uint32_t email : arm.emails) text += " " + c.emails[email].name;
      }
      break;
    }
    case ResourceKind::audience: {
      const Audience& a = c.audiences[index];
      text +=
          " " + quoted(a.platform) + " " + name_of(c.lists, a.list) + " " + name_of(c.webhooks, a.webhook);
      break;
    }
    default:
      break;
  }
  return text;
}

}  // namespace wf::bytecode
