#include "tests/reference/generator/workflows.hpp"

#include <algorithm>

namespace wf::reference {

using value::Kind;

// ---- headers
// ----------------------------------------------------------------------------------------------------

std::string WorkflowMaker::trigger() {
  Place place;
  place.object = object_;
  const auto property = [&]() -> const Property& {
    const Property& p = conditions_.property_of(object_);
    hooks_.properties.emplace_back(object_, p.name);
    return p;
  };
  std::string text;
  switch (rng_.weighted({45, 15, 15, 5, 20, 8, 4})) {
    case 0: {
      text = conditions_.event_phrase(place, false);
      if (text.empty()) return "created";
      has_event_trigger_ = true;
      if (rng_.chance(25)) text += " at least " + std::to_string(rng_.between(1, 3)) + " times";
      break;
    }
    case 1: {
      const Property& p = property();
      if (p.kind == Kind::ref || p.kind == Kind::duration) {
        text = p.name + " changes";
      } else {
        text = p.name + " becomes " + conditions_.literal_of(p);
      }
      break;
    }
    case 2:
      text = property().name + " changes";
      break;
    case 3:
      text = "created";
      break;
    case 4:
      // An event alone would be an occurrence, and there is none that `at most` waits for.
      do text = conditions_.condition(place);
      while (text.find(" most ") != text.npos || text.find(" exactly ") != text.npos ||
             conditions_.asks_others(object_, text));
      return text;
    case 5:
      hooks_.lists.push_back(rng_.pick(words_.lists));
      text = rng_.pick({"added to list.", "removed from list."}) + hooks_.lists.back();
      break;
    default: {
      bool needs = false;
      const std::string moment = conditions_.moment(place, needs);
      // What comes again and again is a schedule.
      if (!needs) return schedule(place);
      return "at " + moment + ", if past " +
             (rng_.chance(50) ? "within " + conditions_.duration() + " " : std::string()) +
             rng_.pick({"enroll now", "skip"});
    }
  }
  if (rng_.chance(20)) text += ", if " + conditions_.condition(place, 1);
  return text;
}

std::string WorkflowMaker::schedule(const Place& place) {
  std::string text = rng_.pick({"daily at 09:00", "weekly on mon at 02:30", "weekly on tue, sat at 18:00",
                                "monthly on 15 at 00:00", "monthly on last day at 10:30",
                                "monthly on first mon at 09:00", "yearly on 03-10 at 12:00"});
  text += conditions_.zone_clause(place);
  if (rng_.chance(30)) text += ", if " + conditions_.condition(place, 1);
  return text;
}

Node WorkflowMaker::triggers() {
  has_event_trigger_ = false;
  if (rng_.chance(55)) {
    const std::string one = trigger();
    const bool by_clock = one.starts_with("at ") || one.starts_with("daily ") || one.starts_with("weekly ") ||
                          one.starts_with("monthly ") || one.starts_with("yearly ");
    return Node((by_clock ? "enroll " : "enroll when ") + one);
  }
  Node any("enroll when any", {});
  for (int i = rng_.between(2, 3); i > 0; --i) any.children.push_back(trigger());
  return any;
}

std::string WorkflowMaker::reenroll() {
  std::string text = "reenroll ";
  switch (rng_.weighted({20, 50, has_event_trigger_ ? 20 : 0, 10})) {
    case 0:
      return text + "never";
    case 1:
      text += "every time";
      if (rng_.chance(40)) text += ", if enrolled restart";
      break;
    case 2:
      text += "each event";
      break;
    default:
      text += "each " + conditions_.property_of(object_).name;
  }
  if (rng_.chance(20)) text += ", at most once per " + conditions_.duration();
  return text;
}

std::string WorkflowMaker::of_the_record(const Place& place) {
  std::string text;
  do text = conditions_.condition(place, 1);
  while (conditions_.asks_others(object_, text));
  return text;
}

std::string WorkflowMaker::window() {
  Place place;
  place.object = object_;
  return "window " +
         rng_.pick({"mon..fri 09:00..18:00", "09:00..12:00", "mon..wed 08:00..20:00", "22:00..06:00",
                    "sat 10:00..11:00", "mon..sun 00:00..23:59"}) +
         conditions_.zone_clause(place);
}

void WorkflowMaker::headers(Node& workflow) {
  auto& lines = workflow.children;
  Place place;
  place.object = object_;
  lines.push_back(triggers());
  if (rng_.chance(75)) lines.push_back(reenroll());
  if (rng_.chance(12)) lines.push_back("suppress list." + rng_.pick(words_.lists));
  if (rng_.chance(10)) lines.push_back("unless " + conditions_.condition(place, 1));
  if (rng_.chance(30)) {
    const Property& p = conditions_.property_of(object_);
    const bool edge = rng_.chance(40) && p.kind != Kind::ref && p.kind != Kind::duration;
    hooks_.properties.emplace_back(object_, p.name);
    lines.push_back("goal " +
                    (edge ? p.name + " becomes " + conditions_.literal_of(p) : of_the_record(place)));
  }
  if (rng_.chance(15)) lines.push_back("cancel when " + of_the_record(place));
  if (rng_.chance(25)) lines.push_back(window());
  if (rng_.chance(8)) lines.push_back(window());
  if (rng_.chance(20)) lines.push_back("priority " + std::to_string(rng_.between(0, 3)));
  if (rng_.chance(12)) lines.push_back("exclusive group " + rng_.pick({"g0", "g1"}));
  if (rng_.chance(15)) lines.push_back("when blocked " + rng_.pick({"continue", "stop", "delay", "delay"}));
  if (rng_.chance(8)) {
    lines.push_back("pause dates " +
                    rng_.pick({"2026-03-03..2026-03-04", "2026-03-08", "2026-03-29..2026-03-30"}) +
                    rng_.pick({"", ", 2026-04-05..2026-04-06", " in \"America/New_York\""}));
  }
}

// ---- steps
// ------------------------------------------------------------------------------------------------------

Node WorkflowMaker::block(const std::string& head, const Place& place, int depth) {
  Node node(head, {});
  Place inside = place;
  steps(node.children, inside, rng_.between(1, 3), depth - 1);
  return node;
}

void WorkflowMaker::send(std::vector<Node>& out, Place& place) {
  const bool contact = object_ == "contact";
  if (!contact && words_.property(object_, "contact") == nullptr) return people(out);
  std::string text = "send email." + rng_.pick(words_.emails);
  if (!contact) text += " to contact";
  if (rng_.chance(15)) text += " with subject \"S {{ contact.source | default: '-' }}\"";
  // Reactions belong to the contact.
  if (contact && rng_.chance(35)) {
    const std::string label = "s" + std::to_string(labels_++);
    text += " as " + label;
    place.labels.push_back(label);
  }
  out.push_back(text);
}

void WorkflowMaker::write(std::vector<Node>& out, Place& place) {
  switch (rng_.weighted({45, 20, 8, 12, 10, 5, 5})) {
    case 0: {
      const Property& p = conditions_.property_of(object_);
      const std::string v = p.writable ? conditions_.value(place, p) : "";
      if (v.empty()) return;
      hooks_.properties.emplace_back(object_, p.name);
      out.push_back("set " + p.name + " to " + v);
      place.known.erase(p.name);
      place.recent.push_back(conditions_.about(place, p, p.name));
      return;
    }
    case 1:
      for (const Property& p : words_.object(object_).properties) {
        if ((p.kind != Kind::integer && p.kind != Kind::decimal) || !rng_.chance(50)) continue;
        out.push_back("add " + std::to_string(rng_.between(-5, 9)) + " to " + p.name);
        place.recent.push_back(conditions_.about(place, p, p.name));
        return;
      }
      return;
    case 2:
      for (const Property& p : words_.object(object_).properties) {
        if (!p.nullable || !p.writable || !rng_.chance(30)) continue;
        out.push_back("clear " + p.name);
        place.known.erase(p.name);
        place.recent.push_back(p.name + " is unknown");
        return;
      }
      return;
    case 3: {
      const std::string verb = rng_.pick({"add to list.", "remove from list."});
      const std::string list = rng_.pick(words_.lists);
      out.push_back(verb + list);
      place.recent.push_back(rng_.pick({"in list.", "not in list."}) + list);
      return;
    }
    case 4:
      out.push_back(rng_.pick({"add tag hot", "add tag cold", "remove tag hot"}));
      place.recent.push_back(rng_.pick({"has tag hot", "has tag cold"}));
      return;
    case 5:
      for (const Property& p : words_.object(object_).properties) {
        if (p.kind != Kind::ref || !rng_.chance(70)) continue;
        const Property& far = conditions_.property_of(p.target);
        const bool number = far.kind == Kind::integer || far.kind == Kind::decimal;
        if (!far.writable || far.kind == Kind::ref || far.kind == Kind::duration) return;
        const std::string path = p.name + "." + far.name;
        if (number && rng_.chance(40)) {
          out.push_back("add " + std::to_string(rng_.between(1, 30)) + " to " + path);
        } else {
          out.push_back("set " + path + " to " + conditions_.literal_of(far));
        }
        hooks_.properties.emplace_back(p.target, far.name);
        Place other = place;
        other.known.clear();
        place.recent.push_back(conditions_.about(other, far, path));
        return;
      }
      return;
    default:
      if (object_ != "contact") return;
      out.push_back(rng_.chance(60) ? rng_.pick({"subscribe to topic.", "unsubscribe from topic."}) +
                                          rng_.pick(words_.topics)
                                    : rng_.pick({"mark as marketing", "mark as non_marketing"}));
  }
}

std::string WorkflowMaker::assignee() {
  if (words_.property(object_, "owner") && rng_.chance(50)) return "owner else team.t0";
  return rng_.pick({"user.u0", "user.u1", "team.t0"});
}

void WorkflowMaker::people(std::vector<Node>& out) {
  if (rng_.chance(50)) {
    std::string text = "create task \"T" + std::to_string(rng_.between(0, 2)) + "\" for " + assignee();
    if (rng_.chance(50)) text += " due in " + conditions_.duration();
    out.push_back(text);
    return;
  }
  const auto& messages = object_ == "contact" ? words_.messages : words_.plain_messages;
  out.push_back("notify " + assignee() + " using message." + rng_.pick(messages));
}

void WorkflowMaker::call(std::vector<Node>& out, int depth) {
  const std::string webhook = rng_.pick(words_.webhooks);
  std::string fields;
  for (const Property& p : words_.object(object_).properties) {
    if (!p.pii && p.kind != Kind::ref && rng_.chance(20)) fields += (fields.empty() ? "" : ", ") + p.name;
  }
  std::string text = "call webhook." + webhook + (fields.empty() ? "" : " with (" + fields + ")");
  if (rng_.chance(35) || depth < 1) {
    out.push_back(text);
    return;
  }
  text += " on failure";
  if (rng_.chance(70)) {
    text += " retry " + std::to_string(rng_.between(1, 3)) + " times over " + conditions_.duration();
  }
  Node node(text + " then", {});
  Place inside;
  inside.object = object_;
  for (int i = rng_.between(1, 2); i > 0; --i) {
    if (rng_.chance(60)) {
      people(node.children);
    } else {
      write(node.children, inside);
    }
  }
  if (rng_.chance(25)) other_workflow(node.children);
  out.push_back(std::move(node));
}

void WorkflowMaker::other_workflow(std::vector<Node>& out) {
  const auto& [name, object] = rng_.pick(words_.workflows);
  std::string record;
  if (object != object_) {
    if (words_.property(object_, object) == nullptr) return;
    record = object + " ";
  }
  out.push_back(rng_.chance(75) ? "enroll " + record + "in workflow." + name
                                : "unenroll " + record + "from workflow." + name);
}

void WorkflowMaker::let(std::vector<Node>& out, Place& place) {
  const Property& p = conditions_.property_of(object_);
  if (p.kind == Kind::ref || p.kind == Kind::resource) return;
  Property x = p;
  x.name = "x" + std::to_string(lets_++);
  x.nullable = p.nullable && place.known.count(p.name) == 0;
  out.push_back("let " + x.name + " = " + p.name);
  place.lets.push_back(std::move(x));
}

void WorkflowMaker::branch(std::vector<Node>& out, Place& place, int depth) {
  Place inside = place;
  std::string condition = conditions_.condition(place);
  if (rng_.chance(25)) {
    const Property& p = conditions_.property_of(object_);
    if (p.nullable) {
      condition = p.name + " is known";
      inside.known.insert(p.name);
    }
  }
  out.push_back(block("if " + condition, inside, depth));
  if (rng_.chance(25)) out.push_back(block("else if " + conditions_.condition(place), place, depth));
  if (rng_.chance(55)) out.push_back(block("else", place, depth));
  passed(place);
}

void WorkflowMaker::match(std::vector<Node>& out, Place& place, int depth) {
  const Property& p = conditions_.property_of(object_);
  const bool ok = p.kind == Kind::enumeration || p.kind == Kind::boolean || p.kind == Kind::integer ||
                  (p.kind == Kind::text && p.format == bytecode::Format::plain);
  if (!ok) return branch(out, place, depth);
  hooks_.properties.emplace_back(object_, p.name);
  Node node("match " + p.name, {});
  std::set<std::string> used;
  std::string arm;
  for (int i = rng_.between(1, 3); i > 0; --i) {
    const std::string v = conditions_.literal_of(p);
    if (!used.insert(v).second) continue;
    arm += (arm.empty() ? "" : ", ") + v;
    if (rng_.chance(40)) continue;
    node.children.push_back(block(arm, place, depth));
    arm.clear();
  }
  if (!arm.empty()) node.children.push_back(block(arm, place, depth));
  if (p.nullable && rng_.chance(40)) node.children.push_back(block("unknown", place, depth));
  node.children.push_back(block("else", place, depth));
  out.push_back(std::move(node));
  passed(place);
}

void WorkflowMaker::wait(std::vector<Node>& out, Place& place, int depth) {
  const auto limit = [&] {
    if (!rng_.chance(10)) return ", at most " + conditions_.duration();
    return ", at most " + conditions_.business_length() + conditions_.calendar_clause();
  };
  switch (rng_.weighted({36, 6, 20, 24, 10, 6})) {
    case 0:
      out.push_back("wait " + conditions_.duration());
      break;
    case 5: {
      const std::string length = conditions_.business_length();
      const bool dated = length.ends_with("days") && rng_.chance(40);
      out.push_back("wait " + length + (dated ? " at 10:00" : "") + conditions_.calendar_clause());
      break;
    }
    case 1:
      out.push_back("wait " + std::to_string(rng_.between(1, 3)) + " calendar " +
                    rng_.pick({"days", "weeks", "months"}) + (rng_.chance(60) ? " at 10:00" : "") +
                    conditions_.zone_clause(place));
      break;
    case 2: {
      bool needs = false;
      const std::string moment = conditions_.moment(place, needs);
      std::string text = "wait until " + moment;
      if (needs) {
        text += ", if past " + (rng_.chance(20) ? "within " + conditions_.duration() + " " : std::string()) +
                rng_.pick({"continue", "continue", "stop"});
      }
      out.push_back(text);
      break;
    }
    case 3: {
      std::string phrase;
      if (!place.labels.empty() && rng_.chance(45)) {
        phrase = rng_.pick(place.labels) + rng_.pick({" opened", " clicked"});
      } else {
        phrase = conditions_.event_phrase(place, false);
      }
      if (phrase.empty()) return;
      if (depth < 1 || rng_.chance(20)) {
        out.push_back("wait until " + phrase + limit());
        break;
      }
      Node node("wait until " + phrase + limit(), {});
      Place inside = place;
      passed(inside);
      if (rng_.chance(90)) node.children.push_back(block("happened", inside, depth));
      if (rng_.chance(80)) node.children.push_back(block("timed_out", inside, depth));
      out.push_back(std::move(node));
      break;
    }
    default: {
      if (depth < 1) return;
      bool needs = false;
      std::string moment;
      do moment = conditions_.moment(place, needs);
      while (!needs);
      Place inside = place;
      passed(inside);
      out.push_back(
          block("at " + moment + ", if past " + rng_.pick({"skip", "continue", "stop"}), inside, depth));
    }
  }
  passed(place);
}

void WorkflowMaker::step(std::vector<Node>& out, Place& place, int depth) {
  switch (rng_.weighted({22, 24, depth > 0 ? 14 : 0, depth > 0 ? 6 : 0, 20, 6, 6, 4, 4})) {
    case 0:
      return send(out, place);
    case 1:
      return wait(out, place, depth);
    case 2:
      return branch(out, place, depth);
    case 3:
      return match(out, place, depth);
    case 4:
      return write(out, place);
    case 5:
      return people(out);
    case 6:
      return call(out, depth);
    case 7:
      return other_workflow(out);
    default:
      return let(out, place);
  }
}

void WorkflowMaker::steps(std::vector<Node>& out, Place& place, int budget, int depth) {
  for (; budget > 0; --budget) step(out, place, depth);
  if (depth < 2 && rng_.chance(6)) out.push_back(std::string("stop"));
}

Node WorkflowMaker::make(const std::string& name, const std::string& object) {
  object_ = object;
  labels_ = lets_ = 0;
  Node workflow("workflow " + name + " on " + object, {});
  headers(workflow);
  Place place;
  place.object = object;
  place.body = true;
  steps(workflow.children, place, rng_.between(2, 7), 2);
  return workflow;
}

}  // namespace wf::reference
