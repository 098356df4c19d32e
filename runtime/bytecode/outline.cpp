#include "runtime/bytecode/outline.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/words.hpp"

namespace wf::bytecode {

namespace {

/// The facts of one item, gathered. A fact without words is left out.
class Facts {
 public:
  explicit Facts(const Program& program) : p_(program), c_(program.catalogue) {}

  void add(const std::string& what, const std::string& words) { add(what, words, words); }
  void add(const std::string& what, const std::string& words, const std::string& exact) {
    if (!words.empty()) facts_.push_back({what, words, exact});
  }
  void flag(const std::string& what, bool is_so) { add(what, is_so ? "yes" : ""); }
  void condition(const std::string& what, std::uint32_t function) {
    if (function != kNone) add(what, expression_words(p_, function), function_text(p_, function));
  }
  template <class Items>
  void name(const std::string& what, const Items& items, std::uint32_t index) {
    if (index != kNone) add(what, items[index].name);
  }
  void text(const std::string& what, const Template& source) { add(what, template_words(source)); }

  std::vector<Fact> of(const Property& p);
  const Program& p_;
  const Catalogue& c_;
  std::vector<Fact> facts_;
};

std::string property_words(const Program& p, const Property& property) {
  std::string text = type_words(p.catalogue, property.type);
  if (!property.initial.is_unknown()) text += " default " + value_words(p, property.initial);
  if (property.minimum || property.maximum) {
    text += " " + (property.minimum ? value::format_decimal(*property.minimum) : "") + "..";
    text += property.maximum ? value::format_decimal(*property.maximum) : "";
  }
  for (const auto& [is_so, word] :
       {std::pair{property.unique, " unique"}, std::pair{property.pii, " pii"},
        std::pair{property.immutable, " immutable"}, std::pair{property.owned, " owned"}}) {
    if (is_so) text += word;
  }
  return text;
}

const char* word_of(LatePolicy policy) {
  return policy == LatePolicy::fire ? "fire" : policy == LatePolicy::skip ? "skip" : "hold";
}
const char* word_of(WhenBlocked policy) {
  return policy == WhenBlocked::continue_ ? "" : policy == WhenBlocked::stop ? "stop" : "delay";
}
const char* word_of(OnDeploy policy) {
  constexpr const char* kWords[] = {"", "migrate compatible", "cancel", "restart"};
  return kWords[static_cast<std::size_t>(policy)];
}
const char* word_of(MailClass mail_class) {
  constexpr const char* kWords[] = {"", "marketing", "transactional", "internal"};
  return kWords[static_cast<std::size_t>(mail_class)];
}

std::string instant_words(const Program& p, std::int64_t at) {
  return at == 0 ? "" : value::format_instant(at, p.catalogue.zone);
}

std::vector<Fact> facts_of(const Program& p, const Workflow& w) {
  Facts f(p);
  f.add("on", p.catalogue.objects[w.object].name);
  f.add("title", w.title);
  f.add("owner", w.owner);
  for (const Trigger& t : w.triggers) {
    const std::string words = trigger_words(p, w, t);
    f.add("enroll when", words, words + function_text(p, t.condition) + function_text(p, t.guard));
  }
  f.flag("enroll manually", w.manual);
  f.flag("enroll existing", w.existing);
  f.add("reenroll", reenroll_words(p, w.reenroll));
  f.condition("unless", w.unless);
  for (const std::uint32_t list : w.suppress) f.add("suppress", "list." + p.catalogue.lists[list].name);
  f.condition(w.goal_is_edge ? "goal becomes" : "goal", w.goal);
  if (!w.goal_edge.path.empty())
    f.add("goal", "some " + p.catalogue.objects[w.goal_edge.object].name + " becomes (" +
                      expression_words(p, w.goal_edge.became) + ")");
  f.condition("cancel when", w.cancel);
  for (const Exit& exit : w.exits)
    f.add(std::string("ends as ") + to_string(exit.reason), match_words(p, exit.match));
  if (w.priority != 0) f.add("priority", std::to_string(w.priority));
  f.add("exclusive group", w.exclusive_group);
  for (const Pause& pause : w.pauses)
    f.add("pause", value::format_date(pause.from) + ".." + value::format_date(pause.to));
  if (w.late.policy != LatePolicy::fire)
    f.add("on late",
          word_of(w.late.policy) + std::string(" after ") + value::format_compact_duration(w.late.after));
  f.add("when blocked", word_of(w.when_blocked));
  f.add("on deploy", word_of(w.on_deploy));
  f.add("allow loop", w.allow_loop);
  for (const Kpi& kpi : w.kpis)
    f.add("kpi", "\"" + kpi.title + "\" target " +
                     value::format_decimal(kpi.percent ? kpi.target * 100 : kpi.target) +
                     (kpi.percent ? "%" : "") + " by " + value::format_date(kpi.by));
  f.add("enter until", instant_words(p, w.enter_until));
  f.add("ends at", instant_words(p, w.ends_at));
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Object& o) {
  Facts f(p);
  for (const Property& property : o.properties) {
    if (property.hidden) continue;
    f.add("property " + property.name, property_words(p, property));
    if (!property.title.empty()) f.add("title of " + property.name, property.title);
  }
  for (const Inverse& inverse : o.inverses)
    f.add("other side " + inverse.name,
          p.catalogue.objects[inverse.object].name + "." +
              p.catalogue.objects[inverse.object].properties[inverse.property].name);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const EventType& e) {
  Facts f(p);
  f.add("on", p.catalogue.objects[e.object].name);
  for (const EventParameter& parameter : e.parameters)
    f.add("field " + parameter.name, type_words(p.catalogue, parameter.type));
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Email& e) {
  Facts f(p);
  f.add("class", word_of(e.mail_class));
  f.name("topic", p.catalogue.topics, e.topic);
  f.name("from", p.catalogue.senders, e.sender);
  f.text("subject", e.subject);
  f.text("html", e.html);
  f.text("text", e.text);
  f.add("reply to", e.reply_to);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Message& m) {
  Facts f(p);
  f.text("subject", m.subject);
  f.text("body", m.body);
  f.name("from", p.catalogue.senders, m.sender);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Sender& s) {
  Facts f(p);
  f.add("name", s.display_name);
  f.add("address", s.address);
  f.add("postal address", s.postal_address);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Form& form) {
  Facts f(p);
  f.add("title", form.title);
  for (const FormField& field : form.fields)
    f.add("field " + field.property, field.required ? "required" : "optional");
  f.name("creates", p.catalogue.objects, form.creates);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Page& page) {
  Facts f(p);
  for (const std::string& url : page.urls) f.add("url", url);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Occasion& o) {
  Facts f(p);
  f.add("starts", instant_words(p, o.starts_at));
  f.add("ends", instant_words(p, o.ends_at));
  f.add("zone", o.zone);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Webhook& w) {
  Facts f(p);
  f.add("url", w.url);
  f.add("url from", w.url_secret.empty() ? "" : "secret." + w.url_secret);
  f.add("signed with", w.sign_secret.empty() ? "" : "secret." + w.sign_secret);
  f.flag("accepts personal data", w.accepts_pii);
  f.text("payload", w.payload);
  for (const EventParameter& field : w.returns)
    f.add("returns " + field.name, type_words(p.catalogue, field.type));
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Segment& s) {
  Facts f(p);
  f.add("title", s.title);
  f.name("of", p.catalogue.objects, s.object);
  f.condition("condition", s.condition);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Team& t) {
  Facts f(p);
  f.add("email", t.email);
  f.add("title", t.title);
  for (const std::uint32_t user : t.members) f.add("member", "user." + p.catalogue.users[user].name);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const User& u) {
  Facts f(p);
  f.add("email", u.email);
  f.add("title", u.title);
  return std::move(f.facts_);
}

template <class Titled>
std::vector<Fact> titled(const Program& p, const Titled& item) {
  Facts f(p);
  f.add("title", item.title);
  return std::move(f.facts_);
}
std::vector<Fact> facts_of(const Program& p, const Topic& t) {
  return titled(p, t);
}
std::vector<Fact> facts_of(const Program& p, const StaticList& l) {
  return titled(p, l);
}

std::vector<Fact> facts_of(const Program& p, const Video& v) {
  Facts f(p);
  f.add("title", v.title);
  f.add("url", v.url);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Survey& s) {
  Facts f(p);
  f.add("title", s.title);
  f.add("url", s.url);
  for (const FormField& field : s.fields)
    f.add("field " + field.property, field.required ? "required" : "optional");
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Audience& a) {
  Facts f(p);
  f.add("title", a.title);
  f.add("platform", a.platform);
  f.name("webhook", p.catalogue.webhooks, a.webhook);
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Policy& policy) {
  Facts f(p);
  for (const SendLimit& limit : policy.limits)
    f.add(std::string("limit ") + word_of(limit.mail_class),
          std::to_string(limit.most) + " per " + value::format_compact_duration(limit.per));
  if (policy.marketing_contacts != kNone)
    f.add("marketing contacts", std::to_string(policy.marketing_contacts));
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Scoring& s) {
  Facts f(p);
  f.add("title", s.title);
  if (s.hot) f.add("hot from", std::to_string(*s.hot));
  for (const Scoring::Band& band : s.bands)
    f.add(band.label, std::to_string(band.points) + " points",
          std::to_string(band.points) + function_text(p, band.condition));
  return std::move(f.facts_);
}

std::vector<Fact> facts_of(const Program& p, const Campaign& c) {
  Facts f(p);
  f.add("title", c.title);
  f.add("state", c.on ? "on" : "off");
  f.add("from", instant_words(p, c.from));
  f.add("to", instant_words(p, c.to));
  f.name("scoring", p.catalogue.scorings, c.scoring);
  for (const auto& [what, report] : {std::pair{"digest", &c.digest}, std::pair{"summary", &c.summary}})
    if (report->at >= 0) f.add(what, "at " + value::format_time_of_day(report->at));
  return std::move(f.facts_);
}

/// What the words leave out of a resource is told as one fact.
template <class Resource>
std::vector<Fact> whole(const Program& p, ResourceKind kind, const std::vector<Resource>& items,
                        const Resource& item) {
  Facts f(p);
  const auto index = static_cast<std::uint32_t>(&item - items.data());
  f.add("content", item.title.empty() ? item.name : item.title, resource_text(p, kind, index));
  return std::move(f.facts_);
}

std::string winner_words(const Experiment& e) {
  constexpr const char* kWords[] = {"", "opens", "clicks", "goal"};
  if (e.winner_by == WinnerBy::none) return "";
  return kWords[static_cast<std::size_t>(e.winner_by)] +
         (" after " + value::format_compact_duration(e.after));
}

class Collector {
 public:
  explicit Collector(const Program& program) : p_(program) {}

  template <class Items>
  void all(const std::string& prefix, const Items& items) {
    for (const auto& item : items) items_.push_back({prefix + item.name, facts_of(p_, item), {}});
  }
  std::vector<Item> take() {
    std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
    return std::move(items_);
  }

  const Program& p_;
  std::vector<Item> items_;
};

Item project(const Program& p) {
  Facts f(p);
  f.add("name", p.catalogue.project);
  f.add("timezone", p.catalogue.zone);
  f.add("locale", p.catalogue.locale);
  f.name("calendar", p.catalogue.calendars, p.catalogue.calendar);
  return {"project", std::move(f.facts_), {}};
}

}  // namespace

std::vector<Item> outline(const Program& p) {
  const Catalogue& c = p.catalogue;
  Collector all(p);
  all.items_.push_back(project(p));
  for (const Workflow& w : p.workflows)
    all.items_.push_back({workflow_label(w.name), facts_of(p, w), steps_of(p, w.body)});
  all.all("object ", c.objects);
  all.all("event ", c.events);
  all.all("email.", c.emails);
  all.all("message.", c.messages);
  all.all("sender.", c.senders);
  all.all("topic.", c.topics);
  all.all("form.", c.forms);
  all.all("page.", c.pages);
  all.all("link.", c.links);
  all.all("occasion.", c.occasions);
  all.all("list.", c.lists);
  all.all("segment.", c.segments);
  all.all("user.", c.users);
  all.all("team.", c.teams);
  all.all("webhook.", c.webhooks);
  all.all("policy.", c.policies);
  all.all("video.", c.videos);
  all.all("survey.", c.surveys);
  all.all("audience.", c.audiences);
  all.all("scoring.", c.scorings);
  all.all("campaign.", c.campaigns);
  for (const Calendar& calendar : c.calendars)
    all.items_.push_back(
        {"calendar." + calendar.name, whole(p, ResourceKind::calendar, c.calendars, calendar), {}});
  for (std::uint32_t i = 0; i < c.experiments.size(); ++i) {
    Facts f(p);
    for (const ExperimentArm& arm : c.experiments[i].arms)
      f.add("arm " + arm.name, std::to_string(arm.share / 100) + "%", std::to_string(arm.share));
    f.add("winner by", winner_words(c.experiments[i]));
    all.items_.push_back({"experiment." + c.experiments[i].name, std::move(f.facts_), {}});
  }
  return all.take();
}

}  // namespace wf::bytecode
