// The abstract syntax: what every notation builds and every later stage reads.
//
// Plain structs with spans. Nothing here is resolved: a name is a name, an action is a row of atoms.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grammar/ast/rare.hpp"
#include "grammar/text/source.hpp"
#include "grammar/value/calendar.hpp"

// One line a node reads as a grammar.
// clang-format off
namespace wf::ast {

using text::Span;

struct Name {
  std::string text;  ///< NFC
  Span span;
};

/// `email.welcome`, `company.employees`, `owner`.
struct Path {
  std::vector<Name> parts;
  Span span;
};

// ---- literals -------------------------------------------------------------------------------------------------

struct Number {
  std::int64_t micros = 0;   ///< times 1,000,000
  bool has_point = false;    ///< decimal rather than int
  bool percent = false;      ///< written with %
};
struct Text { std::string value; };
struct Bool { bool value = false; };
enum class Unit : std::uint8_t { second, minute, hour, day, week, month, year };
struct Duration {
  std::int64_t count = 0;
  Unit unit = Unit::day;
  bool business = false;
  bool calendar = false;
};
struct Date { std::int32_t days = 0; };
struct LocalDateTime { value::Civil civil; };   ///< 2026-11-05T14:00, a zone is given elsewhere
struct TimeOfDay { std::int32_t minutes = 0; };
struct TimeRange { std::int32_t from = 0, to = 0; };      ///< 09:00..18:00
struct NameRange { Name from, to; };                      ///< mon..fri
struct NumberRange { std::optional<std::int64_t> from, to; };  ///< 0.. and -1000..1000, in micros

struct Literal {
  std::variant<Number, Text, Bool, Duration, Date, LocalDateTime, TimeOfDay> value;
  Span span;
};

// ---- expressions ----------------------------------------------------------------------------------------------

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// `form.ebook submitted`, `benefits opened`, `added to list.vip`, `event demo_asked`.
struct EventPhrase {
  Rare<Path> subject;       ///< form.ebook, a label, list.vip; absent for the generic form
  Name verb;                         ///< submitted; the event's name in the generic form
  Rare<Name> preposition;   ///< `to` of `added to list.vip`: the reference stands behind the verb
  bool generic = false;              ///< `event NAME`
  enum class Times : std::uint8_t { any, at_least, at_most, exactly };
  Times times = Times::any;
  std::int64_t count = 0;
  Rare<Duration> within_last;
  Rare<Name> since_step;
  bool ever = false;
  ExprPtr where;                     ///< over the event's fields
  Span span;
};

struct PathExpr { Path path; };
enum class CompareOp : std::uint8_t { eq, ne, lt, le, gt, ge, is, is_not, is_at_least, is_at_most };
struct Compare { CompareOp op; ExprPtr left, right; };
struct OneOf { bool negated = false; ExprPtr left; std::vector<ExprPtr> values; };   // is any of / is none of
struct Known { bool negated = false; ExprPtr left; };                                 // is known / is unknown
struct Between { ExprPtr left, low, high; };
enum class TextOp : std::uint8_t { contains, starts_with, ends_with, matches };
struct TextTest { TextOp op; ExprPtr left, right; };
enum class AgeOp : std::uint8_t { more_than_ago, less_than_ago, within_last, within_next };
struct AgeTest { AgeOp op; ExprPtr left; Duration duration; };
struct EverBeen { ExprPtr left, value; };
struct Member { bool negated = false; Path set; };                                    // in list.x, not in segment.x
struct HasTag { Name tag; };
struct Not { ExprPtr operand; };
struct Logic { bool conjunction = true; std::vector<ExprPtr> operands; bool group = false; };  // and/or, all{}/any{}
struct EventTerm { EventPhrase event; };
struct Count { std::variant<EventPhrase, Path> what; ExprPtr where; };                // count(page.any viewed)
struct NoEvents { std::vector<EventPhrase> events; Duration duration; };              // no (E1, E2) for 90 days
struct Related { bool none = false; Path association; ExprPtr where; };               // some/no ASSOC where (…)
struct Becomes { ExprPtr left, value; };
struct Changes { ExprPtr left; };
struct Created {};
enum class ArithOp : std::uint8_t { add, sub, mul, div };
struct Arith { ArithOp op; ExprPtr left, right; };
struct Negate { ExprPtr operand; };
/// A name where only the left side's enum tells what it is stays a PathExpr with one part.

struct Expr {
  std::variant<Literal, PathExpr, Compare, OneOf, Known, Between, TextTest, AgeTest, EverBeen, Member, HasTag, Not,
               Logic, EventTerm, Count, NoEvents, Related, Becomes, Changes, Created, Arith, Negate>
      node;
  Span span;
};

// ---- actions: rows of atoms -----------------------------------------------------------------------------------

struct Atom;
struct AtomList { std::vector<Atom> items; };            // (email, firstname)
struct ElseAtom { std::unique_ptr<Atom> first, second; };  // owner else team.sales
struct Atom {
  std::variant<Path, Literal, AtomList, ElseAtom, TimeRange, NameRange, NumberRange> value;
  Span span;
};

struct Step;
using Block = std::vector<Step>;

struct OnFailure {           // on failure retry 5 times over 1 day then { … }
  std::int64_t retries = 0;
  std::optional<Duration> over;
  Block then;
  Span span;
};

struct ReplyBlocks {         // as reply, at most 1 hour { answered { … } failed { … } timed_out { … } }
  Rare<Block> answered, failed, timed_out;
  Span span;
};

struct Action {
  std::vector<Atom> atoms;             ///< literal words are paths of one part
Rare<OnFailure> on_failure;
  Rare<ReplyBlocks> reply;
};

// ---- moments and waits ----------------------------------------------------------------------------------------

struct ZoneClause {                    // in contact.timezone else "Asia/Tokyo"
  std::optional<Path> property;
  std::optional<std::string> zone;
  Span span;
};

struct IfPast {
  enum class Then : std::uint8_t { skip, continue_, stop, enroll_now };
  Then then = Then::continue_;
  std::optional<Duration> within;      // if past within 30 days enroll now
  Span span;
};

/// `60 days before contract_end at 09:00`, `2026-11-05T14:00`, `next mon at 09:00`, `09:00`.
struct Moment {
  Rare<Duration> offset;      ///< with `before` / `after`
  bool before = true;
  std::variant<std::monostate, Path, Literal> anchor;
  Rare<Name> next_weekday;
  std::optional<std::int32_t> at;      ///< minutes since midnight
  Rare<ZoneClause> zone;
  Span span;
};

/// `daily at 09:00`, `weekly on mon, thu at …`, `monthly on 15 at …`, `monthly on last fri at …`,
/// `yearly on 04-01 at …`, `yearly on birthday at …`.
struct Schedule {
  enum class Every : std::uint8_t { day, week, month, year };
  Every every = Every::day;
  std::vector<NameRange> weekdays;     ///< of a week; of a month: the one that `nth` counts
  std::int32_t nth = 0;                ///< 1..4, -1 for `last`; 0: `day` counts
  std::int32_t day = 0;                ///< of the month; 31 for `last day`
  std::int32_t month = 0;              ///< yearly
  Rare<Path> property;                 ///< yearly: a date property instead of `month` and `day`
  std::int32_t at = 0;                 ///< minutes since midnight
  Rare<ZoneClause> zone;
  Span span;
};

struct WaitFor { Duration duration; std::optional<std::int32_t> at; Rare<ZoneClause> zone; };
/// What the wait does when its anchor is unknown or changes.
struct AnchorPolicy {
  std::optional<IfPast::Then> if_unknown;   ///< `, if unknown skip`; absent: stop
  bool frozen = false;                      ///< `, frozen`: a changed anchor does not move the wait
  Span span;
};
struct WaitUntil { Moment moment; Rare<IfPast> if_past; Rare<AnchorPolicy> anchor; };
struct WaitEvent {
  EventPhrase event;
  Rare<Duration> at_most;
  Rare<Block> happened, timed_out;
  bool has_blocks = false;
  Rare<ZoneClause> limit_calendar;   ///< `at most 8 business hours in calendar.x`
};
struct AtBlock { Moment moment; Rare<IfPast> if_past; Block body; Rare<AnchorPolicy> anchor; };

// ---- steps ----------------------------------------------------------------------------------------------------

struct If {
  struct Arm { ExprPtr condition; Block body; Span span; };
  std::vector<Arm> arms;
  Rare<Block> otherwise;
};
struct Match {
  struct Arm {
    std::vector<ExprPtr> values;       ///< empty for `else`
    bool is_else = false;
    bool is_unknown = false;
    Block body;
    Span span;
  };
  ExprPtr subject;
  std::vector<Arm> arms;
};
struct Set { Path target; ExprPtr value; };              // set contact.lifecycle_stage to customer
struct Let { Name name; ExprPtr value; };
struct Stop {};
/// `experiment NAME split by KEY { variant a 10% { … } holdout 20% { … } rest winner by clicks after 4 hours }`
struct Experiment {
  struct Arm {                          ///< a variant, or the holdout
    Name name;
    Number share;
    bool is_holdout = false;
    Rare<Block> body;                   ///< a holdout may have none
    Span span;
  };
  struct Rest { Name metric; Duration after; Span span; };
  Name name;
  ExprPtr key;
  std::vector<Arm> arms;                ///< in file order
  Rare<Rest> rest;
};

struct ForEach {                       // for each contacts as person where (…), at most 5 { … }
  Path association;
  Name name;
  ExprPtr where;
  std::optional<std::int64_t> at_most;
  Block body;
};

struct Step {
  std::variant<Action, WaitFor, WaitUntil, WaitEvent, AtBlock, If, Match, Set, Let, Stop, Experiment, ForEach> node;
  Span span;                            ///< the head, up to the opening brace
};

/// Calls `visit` with every block inside a step, in file order.
template <class Visit>
void each_block(const Step& step, Visit visit) {
  const auto optional = [&](const Rare<Block>& block) { if (block) visit(*block); };
  if (const auto* n = std::get_if<If>(&step.node)) {
    for (const If::Arm& arm : n->arms) visit(arm.body);
    optional(n->otherwise);
  } else if (const auto* m = std::get_if<Match>(&step.node)) {
    for (const Match::Arm& arm : m->arms) visit(arm.body);
  } else if (const auto* w = std::get_if<WaitEvent>(&step.node)) {
    optional(w->happened);
    optional(w->timed_out);
  } else if (const auto* a = std::get_if<AtBlock>(&step.node)) {
    visit(a->body);
  } else if (const auto* c = std::get_if<Action>(&step.node)) {
    if (c->on_failure) visit(c->on_failure->then);
    if (!c->reply) return;
    optional(c->reply->answered);
    optional(c->reply->failed);
    optional(c->reply->timed_out);
  } else if (const auto* e = std::get_if<Experiment>(&step.node)) {
    for (const Experiment::Arm& arm : e->arms) optional(arm.body);
  } else if (const auto* f = std::get_if<ForEach>(&step.node)) {
    visit(f->body);
  }
}
/// Calls `visit` with every step of a block and of the blocks inside it, in file order.
template <class Visit>
void each_step(const Block& block, Visit visit) {
  for (const Step& step : block) {
    visit(step);
    each_block(step, [&](const Block& inner) { each_step(inner, visit); });
  }
}

// ---- declarations ---------------------------------------------------------------------------------------------

struct EnumValue { Name name; std::optional<std::string> title; };
struct TypeRef {
  Name name;                            ///< text, int, enum, email, user, form … ; the object's name for associations
  std::vector<EnumValue> values;        ///< of an enum
  bool nullable = false;
  enum class Association : std::uint8_t { none, one, many };
  Association association = Association::none;   ///< `-> company`, `<- contact.company`
  std::optional<Name> inverse;          ///< `company` of `<- contact.company`
  Span span;
};
struct Flag { Name name; std::vector<Atom> arguments; };  // unique · pii · ordered · range 0.. · title "…"
struct Property {
  Name name;
  TypeRef type;
  ExprPtr initial;
  std::vector<Flag> flags;
  Span span;
};
struct ObjectDecl { Name name; bool extends = false; std::vector<Property> properties; };

struct Parameter { Name name; TypeRef type; };
struct EventDecl {
  Name name;
  std::optional<Name> on;
  std::vector<Parameter> parameters;
  std::optional<std::string> phrase;
  Span phrase_span;
};

/// `NAME { atom }`: a field of a resource or of an action declaration; `block` holds fields in braces.
struct Field {
  Name name;
  std::vector<Atom> atoms;
  std::vector<Field> block;
  bool has_block = false;
  Span span;
};
/// Any declaration without a grammar of its own: email, sender, topic, form, page, list, action, project, …
struct ResourceDecl { Name kind; Name name; std::vector<Field> fields; };

struct SegmentDecl { Name name; Name on; std::vector<ExprPtr> conditions; std::optional<std::string> title; };

struct Reenroll {
  enum class Mode : std::uint8_t { never, every_time, each_key };
  Mode mode = Mode::never;
  std::optional<Path> key;              ///< `event` or a property
  std::optional<Duration> at_most_once_per;
  bool restart = false;                 ///< if enrolled restart
  Span span;
};
struct Trigger {
  ExprPtr when;                         ///< an occurrence (EventTerm, Becomes, Changes, Created) or a condition
  ExprPtr guard;                        ///< `, if C`
  std::optional<Moment> at;             ///< `enroll at 60 days before contract_end`
  std::optional<IfPast> if_past;
  Span span;
  Rare<Schedule> schedule;              ///< `enroll daily at 09:00`
  Rare<Reenroll> reenroll;              ///< its own: `enroll when X, reenroll never`
};
struct WindowClause {
  std::optional<NameRange> days;        ///< absent: every day
  std::optional<Name> day;
  TimeRange hours;
  std::optional<ZoneClause> zone;
  Span span;
};
/// `pause dates 2026-12-29..2027-01-03`, both days included.
struct PauseClause {
  std::int32_t from = 0, to = 0;        ///< days since 1970-01-01
  Span span;
};
/// A workflow; a sequence is one that a person starts.
struct WorkflowDecl {
  Name name;
  std::optional<Name> on;
  bool is_sequence = false;
  std::optional<std::string> title;
  std::optional<Path> owner;
  std::vector<Trigger> triggers;        ///< alternatives
  bool triggers_all = false;            ///< `enroll when all { … }`: one condition built of all items
  std::vector<Path> suppress;
  std::vector<ExprPtr> unless;
  std::optional<Reenroll> reenroll;
  ExprPtr goal;
  std::vector<ExprPtr> cancel;
  std::vector<WindowClause> windows;
  std::vector<Field> other;             ///< headers that later stages read: priority, when blocked, …
  Block steps;
  std::vector<PauseClause> pauses;
  Rare<ZoneClause> pause_zone;
};

// ---- scoring and campaigns ------------------------------------------------------------------------------------

/// `hot at 120`, `+30 when department is it`.
struct ScoringDecl {
  struct Band {
    std::int64_t points = 0;
    ExprPtr condition;
    Span span;
  };
  Name name;
  Name on;
  std::optional<std::string> title;
  std::optional<std::int64_t> hot;
  Span hot_span;
  std::vector<Band> bands;
};

/// `daily at 09:00 to team.sales`, `weekly on sun at 09:00 to team.marketing`.
struct Report {
  std::optional<Name> weekday;          ///< absent: daily
  std::int32_t at = 0;                  ///< minutes since midnight
  Path to;
  Span span;
};
/// `audience segment.x, add new members automatically`.
struct Audience {
  Path source;                          ///< a segment or a list
  enum class Joining : std::uint8_t { by_hand, automatic, proposed };
  Joining joining = Joining::by_hand;
  Span span;
};
struct Story {
  Name name;
  std::optional<Moment> starts;
  Block steps;
  Span span;                            ///< the head, up to the opening brace
};
/// `when becomes hot { … }`.
struct StatusBlock {
  Name status;
  Block steps;
  Span span;                            ///< the head, up to the opening brace
};
struct CampaignDecl {
  Name name;
  Name on;
  std::optional<std::string> title;
  std::optional<Path> owner;
  std::optional<Name> status;           ///< on or off
  struct Runs { Literal from, to; Span span; };
  std::optional<Runs> runs;
  std::vector<Audience> audience;
  std::optional<Path> scoring;
  std::optional<Report> digest, summary;
  std::vector<Path> suppress;
  std::vector<WindowClause> windows;    ///< of all its steps
  std::vector<Story> stories;
  std::vector<StatusBlock> edges;
};

// ---- tests ----------------------------------------------------------------------------------------------------

struct TestData { std::vector<Field> fields; };            // { email "taro@example.com"; lifecycle_stage subscriber }
struct TestStart { value::Civil local; std::optional<std::string> zone; };
struct TestGiven {                                          // given contact taro { … }
  Name object; Name name; TestData data;
  bool existing = false;                                    ///< before the workflows were switched on
};
struct TestAnswers {                                        // given webhook.sync answers 500, 200 { score 5 }
  Path webhook; std::vector<Literal> answers;
  std::vector<std::optional<TestData>> bodies;              ///< one an answer
};
struct TestVariant { Name record; Name variant; Path experiment; };  // given taro in variant a of experiment.x
struct TestOccurs {                                         // form.ebook submitted by taro { fields }
  EventPhrase event; std::optional<Name> by; TestData data;
};
struct TestChange { Path target; ExprPtr value; };          // set taro.lifecycle_stage to customer
struct TestMembership { bool add = true; Name record; Path list; };   // add taro to list.vip
/// `expect [no|not] WORDS…`: sent, refused, task, notified, called, enrolled, state … as atoms.
struct TestExpectAtoms { bool negated = false; std::vector<Atom> atoms; };
struct TestExpectThat { ExprPtr condition; };               // expect taro.lead_score = 5
struct TestExpectLimit { std::int64_t at_most = 0; Name record; Duration window; };  // at most 4 emails to taro in any 7 days

struct TestLine {
  enum class When : std::uint8_t { setup, at, finally };
  When when = When::setup;
  std::int64_t offset = 0;              ///< microseconds after `start`
  std::variant<TestStart, TestGiven, TestAnswers, TestOccurs, TestChange, TestMembership, TestExpectAtoms,
               TestExpectThat, TestExpectLimit, Action, TestVariant>
      node;                             ///< Action: `allow others`, `unsubscribe taro from topic.x`, …
  Span span;
  Span what;                            ///< behind `at +4d6h` or `finally`
};
struct TestDecl { std::string title; Span title_span; std::vector<TestLine> lines; };

struct Decl {
  std::variant<ObjectDecl, EventDecl, ResourceDecl, SegmentDecl, WorkflowDecl, TestDecl, ScoringDecl, CampaignDecl> node;
  Span span;                            ///< the whole declaration
};

struct File {
  text::FileId id = 0;
  std::vector<Decl> decls;
  std::vector<text::Span> gaps;  ///< what could not be read, and stands in no declaration
};

}  // namespace wf::ast
