#include "compiler/wfc/test_expectations.hpp"

#include <algorithm>

#include "compiler/wfc/timeline.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"

namespace wf::wfc {

using bytecode::kNone;
using bytecode::ResourceKind;
using engine::Happening;
using sema::Expectation;
using value::Value;

namespace {

/// What each expectation of something that happens looks for; empty for states.
std::set<Happening> happenings(Expectation what) {
  switch (what) {
    case Expectation::sent:
      return {Happening::mail_sent};
    case Expectation::refused:
      return {Happening::mail_refused};
    case Expectation::task:
      return {Happening::task_created};
    case Expectation::notified:
      return {Happening::notified};
    case Expectation::called:
      return {Happening::call_made, Happening::call_retry, Happening::call_failed};
    case Expectation::ended:
      return {Happening::ended};
    case Expectation::marketing_refused:
      return {Happening::marketing_refused};
    case Expectation::nothing:
      return {Happening::mail_sent, Happening::mail_refused, Happening::task_created, Happening::notified,
              Happening::call_made, Happening::call_retry,   Happening::call_failed};
    case Expectation::enrolled:
    case Expectation::member:
    case Expectation::tagged:
    case Expectation::subscribed:
    case Expectation::variant:
    case Expectation::winner:
    case Expectation::marketing:
      break;
  }
  return {};
}

/// `expect no sent email.x to taro` without `expect` and `no`.
std::string claim(const sema::TestLine& line, bool negated) {
  std::string text = line.label;
  for (const std::string_view word : {"expect ", negated ? "no " : "", negated ? "not " : ""}) {
    if (text.starts_with(word)) text.erase(0, word.size());
  }
  if (const std::size_t at = text.find(" not "); negated && at != text.npos) text.erase(at, 4);
  return text;
}

/// The body's members against what is expected of them; a missing one counts as unknown.
bool fits_body(const std::vector<std::pair<std::string, Value>>& fields, const Observation& o) {
  if (fields.empty()) return true;
  const auto* call = o.delivery ? std::get_if<engine::CallDelivery>(&o.delivery->what) : nullptr;
  if (call == nullptr) return false;
  const auto body = api::parse_json(call->body);
  if (!body) return false;
  return std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
    const Value* found = api::member(*body, field.first);
    return (found ? *found : Value()) == field.second;
  });
}

const std::string* sent_subject(const Observation& o) {
  const auto* mail = o.delivery ? std::get_if<engine::MailDelivery>(&o.delivery->what) : nullptr;
  return mail ? &mail->subject : nullptr;
}

/// A user or team as properties of records show it.
std::string shown_person(const bytecode::Catalogue& catalogue, const std::string& person) {
  const std::size_t dot = person.find('.');
  const std::string name = person.substr(dot + 1);
  std::string title;
  if (person.starts_with("user.")) {
    title = catalogue.users[catalogue.find_resource(ResourceKind::user, name)].title;
  } else {
    title = catalogue.teams[catalogue.find_resource(ResourceKind::team, name)].title;
  }
  return title.empty() ? name : title;
}

}  // namespace

std::optional<TestFailure> Expectations::check(const sema::TestLine& line) {
  return std::visit(
      [&](const auto& node) -> std::optional<TestFailure> {
        if constexpr (requires { this->check(line, node); }) return check(line, node);
        return std::nullopt;
      },
      line.node);
}

// ---- does it hold
// -----------------------------------------------------------------------------------------------

bool Expectations::holds(const sema::TestLine& line, const sema::TestExpect& e) {
  if (e.what == Expectation::nothing) return nothing(e);
  if (is_state(e)) return state(e);
  if (e.times) return count(e, true) == *e.times;
  if (e.negated) return count(e, false) > 0;
  const bool whole_run = line.when == ast::TestLine::When::finally || e.what == Expectation::ended;
  return whole_run ? count(e, true) > 0 : find_now(e);
}

bool Expectations::is_state(const sema::TestExpect& e) const {
  return happenings(e.what).empty();
}

bool Expectations::won(const sema::TestExpect& e) {
  const auto rows = world_.run().engine().report();
  const std::string experiment = "experiment." + world_.catalogue().experiments[e.resource].name;
  return rows && std::any_of(rows->begin(), rows->end(), [&](const engine::ReportRow& row) {
           return row.subject == experiment && row.metric == "winner" && row.detail == e.word;
         });
}

bool Expectations::state(const sema::TestExpect& e) {
  if (e.what == Expectation::winner) return won(e);
  const auto info = world_.run().engine().describe(world_.key(e.record));
  if (!info || !*info) return false;
  const auto has = [](const std::vector<std::string>& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  if (e.what == Expectation::subscribed) {
    const std::string& topic = world_.catalogue().topics[e.resource].name;
    return !has((*info)->unsubscribed, topic) && !has((*info)->unsubscribed, "");
  }
  if (e.what == Expectation::marketing) return (*info)->marketing;
  if (e.what == Expectation::variant) {
    const std::pair wanted(world_.catalogue().experiments[e.resource].name, e.word);
    return std::find((*info)->variants.begin(), (*info)->variants.end(), wanted) != (*info)->variants.end();
  }
  const std::string& workflow = world_.program().workflows[e.resource].name;
  return std::any_of((*info)->enrolments.begin(), (*info)->enrolments.end(),
                     [&](const auto& enrolment) { return enrolment.workflow == workflow; });
}

bool Expectations::nothing(const sema::TestExpect& e) {
  for (std::size_t i = 0; i < world_.observations().size(); ++i) {
    if (!named_.contains(i) && fits(i, e)) return false;
  }
  return true;
}

bool Expectations::find_now(const sema::TestExpect& e) {
  const std::int64_t now = world_.run().now();
  for (std::size_t i = 0; i < world_.observations().size(); ++i) {
    const std::int64_t at = world_.observations()[i].item.at;
    const bool in_time = at <= now && at >= now - kExpectTolerance;
    if (!in_time || named_.contains(i) || !fits(i, e)) continue;
    named_.insert(i);
    return true;
  }
  return false;
}

/// Anywhere in the run. Looking for a send that must not be there does not name it.
std::int64_t Expectations::count(const sema::TestExpect& e, bool name_them) {
  std::int64_t found = 0;
  for (std::size_t i = 0; i < world_.observations().size(); ++i) {
    if (!fits(i, e)) continue;
    ++found;
    if (name_them) named_.insert(i);
  }
  return found;
}

// ---- does an observation fit
// ----------------------------------------------------------------------------------------

std::string Expectations::resource_name(const sema::TestExpect& e) const {
  if (e.resource == kNone) return {};
  switch (e.what) {
    case Expectation::sent:
    case Expectation::refused:
      return "email." + world_.catalogue().emails[e.resource].name;
    case Expectation::notified:
      return "message." + world_.catalogue().messages[e.resource].name;
    case Expectation::called:
      return "webhook." + world_.catalogue().webhooks[e.resource].name;
    case Expectation::enrolled:
    case Expectation::ended:
      return bytecode::workflow_label(world_.program().workflows[e.resource].name);
    default:
      return {};
  }
}

bool Expectations::fits(std::size_t index, const sema::TestExpect& e) {
  const Observation& o = world_.observations()[index];
  if (!happenings(e.what).contains(o.item.what)) return false;
  if (e.record != kNone && o.record != world_.key(e.record)) return false;
  const std::string resource = resource_name(e);
  if (!resource.empty() && world_.subject(o) != resource) return false;
  if (!fits_word(o, e)) return false;
  switch (e.what) {
    case Expectation::sent: {
      const std::string* subject = sent_subject(o);
      return !e.subject || (subject && *subject == *e.subject);
    }
    case Expectation::task:
      return fits_task(index, e);
    case Expectation::notified:
      return (e.person.empty() || o.item.detail == e.person) &&
             (!e.subject || created_property(index, "notification", "subject") == *e.subject);
    case Expectation::called:
      return fits_body(e.fields, o);
    default:
      return true;
  }
}

/// The word of an expectation against the detail: a title, a reason.
bool Expectations::fits_word(const Observation& o, const sema::TestExpect& e) const {
  const std::string& detail = o.item.detail;
  if (e.word.empty() || detail == e.word) return true;
  switch (e.what) {
    case Expectation::task:
      return detail.starts_with(e.word + " · ");
    case Expectation::ended:
      return detail.starts_with(e.word + ":");
    case Expectation::refused:
      return detail.find(e.word) != std::string::npos;
    default:
      return false;
  }
}

std::string Expectations::created_property(std::size_t index, std::string_view object,
                                           std::string_view property) {
  const auto& all = world_.observations();
  std::size_t from = index;
  while (from > 0 && all[from].item.what != Happening::created) --from;
  const std::string name = "property." + std::string(object) + "." + std::string(property);
  for (std::size_t i = from; i < index; ++i) {
    const bool own = all[i].item.what == Happening::property && all[i].record == all[from].record;
    if (own && world_.subject(all[i]) == name) return all[i].item.detail;
  }
  return {};
}

bool Expectations::fits_task(std::size_t index, const sema::TestExpect& e) {
  if (!e.person.empty()) {
    const bool team = e.person.starts_with("team.");
    const std::string assignee = created_property(index, "task", team ? "team" : "assignee");
    if (assignee != shown_person(world_.catalogue(), e.person)) return false;
  }
  if (!e.due && !e.due_in) return true;
  const auto due = value::parse_instant(created_property(index, "task", "due"));
  const std::int64_t wanted = e.due.value_or(world_.observations()[index].item.at + e.due_in.value_or(0));
  return due && *due / value::kSecond == wanted / value::kSecond;
}

// ---- what to say
// ------------------------------------------------------------------------------------------------

TestFailure Expectations::failure(const sema::TestLine& line, std::string message) const {
  TestFailure f;
  f.span = line.what;
  f.at = world_.run().now();
  f.message = std::move(message);
  return f;
}

std::optional<TestFailure> Expectations::check(const sema::TestLine& line, const sema::TestExpect& e) {
  if (holds(line, e) != e.negated) return std::nullopt;
  const std::string what = "`" + claim(line, e.negated) + "`";
  TestFailure f = failure(line, e.negated ? what + " happened and must not" : what + " did not happen");
  if (is_state(e)) f.message = what + (e.negated ? " holds and must not" : " does not hold");
  if (e.what == Expectation::nothing) f.message = "something happened that no `expect` names";
  explain(f, e);
  return f;
}

std::string Expectations::describe(const Observation& o) {
  std::string text = world_.offset(o.item.at) + "  " + world_.name(o.record) + "  ";
  return text + happening_text(o, world_.subject(o), world_.test().zone);
}

/// What happened instead, so that nobody need run it again with --trace.
void Expectations::explain(TestFailure& failure, const sema::TestExpect& e) {
  constexpr std::size_t kMost = 5;
  failure.label = std::string(e.negated ? "by " : "not by ") + world_.instant(failure.at);
  if (is_state(e)) failure.label = "at " + world_.instant(failure.at);
  sema::TestExpect loose;
  loose.what = e.what;
  if (e.negated || e.what == Expectation::nothing) loose = e;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < world_.observations().size(); ++i) {
    const bool named = e.what == Expectation::nothing && named_.contains(i);
    if (!named && fits(i, loose)) found.push_back(i);
  }
  // The nearest in time, in order of time.
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    const auto distance = [&](std::size_t i) {
      return std::abs(world_.observations()[i].item.at - failure.at);
    };
    return distance(a) < distance(b);
  });
  const std::size_t more = found.size() > kMost ? found.size() - kMost : 0;
  found.resize(found.size() - more);
  std::sort(found.begin(), found.end());
  for (const std::size_t i : found) failure.notes.push_back(describe(world_.observations()[i]));
  if (more > 0) failure.notes.push_back("and " + std::to_string(more) + " more");
  const bool mail = e.what == Expectation::sent;
  for (std::size_t i = 0; mail && !e.negated && i < world_.observations().size(); ++i) {
    sema::TestExpect refused = e;
    refused.what = Expectation::refused;
    if (fits(i, refused)) failure.notes.push_back(describe(world_.observations()[i]));
  }
  if (!e.negated && e.record != kNone) say_where(failure, e.record);
}

/// Where the record's enrolments stand, or why there is none.
void Expectations::say_where(TestFailure& failure, std::uint32_t record) {
  const engine::Key key = world_.key(record);
  const std::string& name = world_.test().records[record].name;
  const auto info = world_.run().engine().describe(key);
  if (!info || !*info) return;
  for (const engine::EnrolmentInfo& e : (*info)->enrolments) {
    std::string text = name + " is in " + bytecode::workflow_label(e.workflow) + ", " + e.status;
    if (!e.step.empty() && e.status == "waiting") text += " at `" + e.step + "`";
    if (e.due != 0) text += " until " + world_.instant(e.due) + " (" + world_.offset(e.due) + ")";
    failure.notes.push_back(std::move(text));
  }
  if (!(*info)->enrolments.empty()) return;
  const Observation* last = nullptr;
  for (const Observation& o : world_.observations()) {
    const bool exit = o.item.what == Happening::ended || o.item.what == Happening::not_enrolled;
    if (exit && o.record == key) last = &o;
  }
  failure.notes.push_back(last ? describe(*last) : name + " was never enrolled");
}

std::optional<TestFailure> Expectations::check(const sema::TestLine& line, const sema::TestLimit& limit) {
  std::vector<const Observation*> sends;
  for (const Observation& o : world_.observations()) {
    if (o.item.what == Happening::mail_sent && o.record == world_.key(limit.record)) sends.push_back(&o);
  }
  for (std::size_t first = 0; first < sends.size(); ++first) {
    std::size_t end = first;
    while (end < sends.size() && sends[end]->item.at < sends[first]->item.at + limit.window) ++end;
    if (static_cast<std::int64_t>(end - first) <= limit.at_most) continue;
    TestFailure f = failure(line, "`" + claim(line, false) + "` does not hold");
    f.label = std::to_string(end - first) + " from " + world_.instant(sends[first]->item.at) + " on";
    for (std::size_t i = first; i < end; ++i) f.notes.push_back(describe(*sends[i]));
    return f;
  }
  return std::nullopt;
}

std::optional<TestFailure> Expectations::check(const sema::TestLine& line, const sema::TestThat& that) {
  const ConditionFunctions& functions = conditions_.at(&that);
  const engine::Key key = world_.key(that.record);
  const auto evaluate = [&](std::uint32_t function) {
    return world_.run().engine().evaluate(world_.program(), function, key, world_.run().now());
  };
  const auto v = evaluate(functions.condition);
  if (!v) return failure(line, v.error().message);
  if (v->kind() == value::Kind::boolean && v->as_boolean()) return std::nullopt;
  const std::string truth = v->is_unknown() ? "unknown" : "false";
  TestFailure f = failure(line, "`" + claim(line, false) + "` is " + truth);
  for (const auto& [expression, function] : functions.values) {
    const auto actual = evaluate(function);
    if (!actual) continue;
    const std::string name(sources_.text(expression->span));
    const std::string text = literal(*actual).value_or(actual->debug());
    f.label += (f.label.empty() ? "" : ", ") + ("`" + name + "` is " + text);
    add_update(f, line, that, *actual);
  }
  f.notes.push_back("at " + world_.instant(f.at) + " (" + world_.offset(f.at) + ")");
  return f;
}

std::optional<std::string> Expectations::literal(const Value& v) const {
  const bytecode::Catalogue& catalogue = world_.catalogue();
  switch (v.kind()) {
    case value::Kind::unknown:
      return "unknown";
    case value::Kind::boolean:
      return v.as_boolean() ? "true" : "false";
    case value::Kind::integer:
    case value::Kind::decimal:
      return value::format_decimal(v.as_micros());
    case value::Kind::text: {
      const std::string text(v.as_text());
      const bool plain = text.find_first_of("\"\\\n\r\t") == text.npos;
      return plain ? std::optional("\"" + text + "\"") : std::nullopt;
    }
    case value::Kind::date:
      return value::format_date(v.as_date());
    case value::Kind::enumeration:
      return catalogue.enums[v.aux()].values[v.as_ordinal()];
    case value::Kind::resource: {
      const auto kind = static_cast<ResourceKind>(v.aux());
      if (kind == ResourceKind::workflow) return std::nullopt;
      return std::string(to_string(kind)) + "." + catalogue.resource_name(kind, v.as_resource());
    }
    default:
      return std::nullopt;
  }
}

/// `taro.score = 5` and `taro.stage is unknown` can be rewritten; more than one value is not clear.
void Expectations::add_update(TestFailure& failure, const sema::TestLine& line, const sema::TestThat& that,
                              const Value& actual) const {
  using sema::ExprOp;
  const auto text = literal(actual);
  if (!text) return;
  const sema::Expr& c = that.condition;
  const auto is_value = [](const sema::Expr& e) { return e.op == ExprOp::property || e.op == ExprOp::field; };
  if (c.op == ExprOp::eq && is_value(c.args[0]) && c.args[1].op == ExprOp::constant) {
    text::Span span = c.args[1].span;
    if (span.begin < c.args[0].span.end || span.end > line.what.end) return;
    if (actual.is_unknown()) span.begin = c.args[0].span.end;
    failure.edits = {{span, (actual.is_unknown() ? " is " : "") + *text}};
  } else if (c.op == ExprOp::not_ && c.args[0].op == ExprOp::is_known && is_value(c.args[0].args[0])) {
    text::Span span = line.what;
    span.begin = c.args[0].args[0].span.end;
    failure.edits = {{span, " is " + *text}};
  }
}

std::vector<TestFailure> Expectations::unnamed_sends(std::int64_t until) {
  std::vector<TestFailure> failures;
  const auto& all = world_.observations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].item.what != Happening::mail_sent || named_.contains(i) || all[i].item.at > until) continue;
    TestFailure f;
    f.span = world_.test().title_span;
    f.at = all[i].item.at;
    f.message = "no `expect` names a mail that was sent: `" + world_.subject(all[i]) + "` to " +
                world_.name(all[i].record);
    f.label = world_.offset(f.at) + ", " + world_.instant(f.at);
    f.notes.push_back("`allow others` permits mails that no line names");
    const auto& records = world_.test().records;
    const std::string to = world_.name(all[i].record);
    const bool given =
        std::any_of(records.begin(), records.end(), [&](const auto& r) { return r.name == to; });
    if (given) f.missing_line = "expect sent " + world_.subject(all[i]) + " to " + to;
    failures.push_back(std::move(f));
  }
  return failures;
}

}  // namespace wf::wfc
