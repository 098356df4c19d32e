#include "compiler/wfc/doc_site.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/wfc/flow_chart.hpp"
#include "compiler/wfc/xml.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/outline.hpp"
#include "runtime/bytecode/words.hpp"

namespace wf::wfc {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #d0d4da; --soft: #f4f6f8; --text: #1c2733; --link: #0b5cad; --warn: #9a4b00 }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a424c; --soft: #1d232b; --text: #e4e8ec; --link: #7ab8ff; --warn: #ffb066 }
  body { background: #12161b }
  .chart { background: #fff; border-radius: 6px }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); margin: 0 auto; max-width: 72rem; padding: 0 1.25rem 4rem }
a { color: var(--link) }
nav { border-bottom: 1px solid var(--line); padding: .8rem 0; margin-bottom: 1rem }
nav a { margin-right: 1.2rem; text-decoration: none }
h1 { font-size: 1.6rem; margin: .6rem 0 } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600; white-space: nowrap }
pre { background: var(--soft); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; font-size: .86rem }
.chart { overflow-x: auto; padding: .5rem } .chart svg { max-width: none }
.due { color: var(--warn); font-weight: 600 } .quiet { opacity: .7 }
code { background: var(--soft); padding: 0 .25rem; border-radius: 4px }
)";

using Links = std::vector<std::pair<std::string, std::string>>;  // address and text

std::string link(const std::string& to, const std::string& text) {
  return "<a" + attribute("href", to) + ">" + xml(text) + "</a>";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string row(const std::vector<std::string>& cells, bool is_head = false) {
  const char* tag = is_head ? "th" : "td";
  std::string out = "<tr>";
  for (const std::string& cell : cells) out += std::string("<") + tag + ">" + cell + "</" + tag + ">";
  return out + "</tr>\n";
}

/// A section with a table; nothing without rows.
std::string section(const std::string& title, const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return {};
  std::string out = "<h2>" + xml(title) + "</h2>\n<table>\n" + (head.empty() ? "" : row(head, true));
  for (const auto& cells : rows) out += row(cells);
  return out + "</table>\n";
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "<span class=\"quiet\">–</span>" : text;
}

const char* class_words(bytecode::MailClass c) {
  switch (c) {
    case bytecode::MailClass::marketing:
      return "marketing";
    case bytecode::MailClass::transactional:
      return "transactional";
    case bytecode::MailClass::internal:
      return "internal";
    case bytecode::MailClass::none:
      break;
  }
  return "";
}

/// A workflow, campaign or sequence as the site shows it.
struct Flow {
  std::string name, title, kind, object, owner, page, file;
  std::string reviewed;  ///< as written
  bool is_due = false;
  const ast::Decl* decl = nullptr;
  std::set<std::string> mails;
};

class Site {
 public:
  explicit Site(const SiteSource& source) : source_(source), program_(source.program) {
    for (const ast::File& file : source.files) {
      for (const ast::Decl& decl : file.decls) add_flow(file, decl);
    }
    std::sort(flows_.begin(), flows_.end(), [](const Flow& a, const Flow& b) { return a.name < b.name; });
    items_ = bytecode::outline(program_);
  }

  Result<std::vector<SitePage>> pages() {
    pages_.push_back({"style.css", std::string(kStyle.substr(1))});
    add("index.html", program_.catalogue.project, index());
    add("mails.html", "Mails", mails());
    add("people.html", "People", people());
    add("declarations.html", "Declarations", declarations());
    for (const Flow& flow : flows_) {
      auto body = page_of(flow);
      if (!body) return body.error();
      add(flow.page, flow.title.empty() ? flow.name : flow.title, *body);
    }
    return std::move(pages_);
  }

 private:
  void add(std::string path, const std::string& title, const std::string& body) {
    const std::string name = title.empty() ? "Project" : title;
    std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + xml(name);
    page += "</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n<nav>";
    for (const auto& [to, text] : Links{{"index.html", "Workflows"},
                                        {"mails.html", "Mails"},
                                        {"people.html", "People"},
                                        {"declarations.html", "Declarations"}})
      page += link(to, text);
    page += "</nav>\n<h1>" + xml(name) + "</h1>\n" + body + "</body>\n</html>\n";
    pages_.push_back({std::move(path), std::move(page)});
  }

  // ---- what there is

  void add_flow(const ast::File& file, const ast::Decl& decl) {
    Flow flow;
    flow.decl = &decl;
    flow.file = source_.sources.file(file.id).path();
    if (const auto* w = std::get_if<ast::WorkflowDecl>(&decl.node)) {
      flow.name = w->name.text;
      flow.title = w->title.value_or("");
      flow.kind = w->is_sequence ? "sequence" : "workflow";
      flow.object = w->on ? w->on->text : "contact";
      flow.owner = w->owner ? text_of(w->owner->span) : "";
      take_review(*w, flow);
      take_mails(w->steps, flow);
    } else if (const auto* c = std::get_if<ast::CampaignDecl>(&decl.node)) {
      flow.name = c->name.text;
      flow.title = c->title.value_or("");
      flow.kind = "campaign";
      flow.object = c->on.text;
      flow.owner = c->owner ? text_of(c->owner->span) : "";
      for (const ast::Story& story : c->stories) take_mails(story.steps, flow);
      for (const ast::StatusBlock& status : c->edges) take_mails(status.steps, flow);
    } else {
      return;
    }
    flow.page = flow.kind + "-" + flow.name + ".html";
    flows_.push_back(std::move(flow));
  }

  std::string text_of(text::Span span) const { return std::string(source_.sources.text(span)); }

  void take_review(const ast::WorkflowDecl& w, Flow& flow) const {
    for (const ast::Field& field : w.other) {
      if (field.name.text != "reviewed" || field.atoms.size() != 1) continue;
      flow.reviewed = text_of(field.atoms[0].span);
      const auto day = value::parse_date(flow.reviewed);
      flow.is_due = day && value::add_months(*day, 3) < source_.today;
    }
  }

  void take_mails(const ast::Block& block, Flow& flow) const {
    for (const ast::Step& step : block) {
      if (const auto* action = std::get_if<ast::Action>(&step.node)) take_mail(*action, flow);
      ast::each_block(step, [&](const ast::Block& inner) { take_mails(inner, flow); });
    }
  }
  void take_mail(const ast::Action& action, Flow& flow) const {
    for (const ast::Atom& atom : action.atoms) {
      const auto* path = std::get_if<ast::Path>(&atom.value);
      if (path && path->parts.size() == 2 && path->parts[0].text == "email")
        flow.mails.insert(path->parts[1].text);
    }
  }

  // ---- pages

  std::string review_of(const Flow& flow) const {
    if (flow.reviewed.empty()) return or_dash("");
    return flow.is_due ? "<span class=\"due\">" + xml(flow.reviewed) + ", due</span>" : xml(flow.reviewed);
  }
  static std::string linked(const Flow& flow) {
    return link(flow.page, flow.title.empty() ? flow.name : flow.title);
  }
  static std::string mail_link(const std::string& name) { return link("mails.html#" + name, name); }
  std::string mails_of(const Flow& flow) const {
    std::vector<std::string> all;
    for (const std::string& mail : flow.mails) all.push_back(mail_link(mail));
    return or_dash(joined(all));
  }

  std::string index() const {
    std::vector<std::vector<std::string>> rows;
    for (const Flow& flow : flows_)
      rows.push_back({linked(flow), xml(flow.kind), xml(flow.object), or_dash(xml(flow.owner)),
                      review_of(flow), mails_of(flow)});
    if (rows.empty()) return "<p>No workflows yet.</p>\n";
    return section("Workflows", {"What", "Kind", "On", "Owner", "Reviewed", "Sends"}, rows);
  }

  std::string mails() const {
    const bytecode::Catalogue& c = program_.catalogue;
    std::string out =
        "<p>Who may send what: a mail leaves only through the places named here, and a marketing mail only "
        "to who has the topic.</p>\n";
    std::vector<std::vector<std::string>> rows;
    for (const bytecode::Email& email : c.emails) {
      std::vector<std::string> senders;
      for (const Flow& flow : flows_) {
        if (flow.mails.contains(email.name)) senders.push_back(linked(flow));
      }
      rows.push_back(
          {link("#" + email.name, email.name), class_words(email.mail_class),
           or_dash(email.topic == bytecode::kNone ? "" : xml(c.topics[email.topic].title)),
           or_dash(email.sender == bytecode::kNone ? "" : xml(c.senders[email.sender].display_name)),
           or_dash(joined(senders))});
    }
    out += section("E-mails", {"E-mail", "Class", "Topic", "From", "Sent by"}, rows);
    for (const bytecode::Email& email : c.emails) {
      out += "<h2" + attribute("id", email.name) + ">" + xml(email.name) + "</h2>\n<p>Subject: <code>" +
             xml(email.subject.text) + "</code></p>\n";
      const bytecode::Template& body = email.text.text.empty() ? email.html : email.text;
      out += "<pre>" + xml(bytecode::template_words(body)) + "</pre>\n";
    }
    return out;
  }

  std::string people() const {
    std::map<std::string, std::vector<std::string>> owned;
    std::vector<std::vector<std::string>> due, rows;
    for (const Flow& flow : flows_) {
      owned[flow.owner].push_back(linked(flow));
      if (flow.is_due) due.push_back({linked(flow), or_dash(xml(flow.owner)), review_of(flow)});
    }
    for (const auto& [owner, flows] : owned)
      rows.push_back({owner.empty() ? "nobody" : xml(owner), joined(flows)});
    std::vector<std::vector<std::string>> teams;
    for (const bytecode::Team& team : program_.catalogue.teams) {
      std::vector<std::string> members;
      for (const std::uint32_t user : team.members)
        members.push_back(xml(program_.catalogue.users[user].name));
      teams.push_back(
          {xml(team.title.empty() ? team.name : team.title), xml(team.email), or_dash(joined(members))});
    }
    std::string out = section("Reviews due", {"What", "Owner", "Reviewed"}, due);
    if (due.empty()) out = "<p>No review is due.</p>\n";
    return out + section("Owners", {"Owner", "Answers for"}, rows) +
           section("Teams", {"Team", "Address", "Members"}, teams);
  }

  std::string facts(const bytecode::Item& item) const {
    std::vector<std::vector<std::string>> rows;
    for (const bytecode::Fact& fact : item.facts) rows.push_back({xml(fact.what), xml(fact.words)});
    return section(item.name, {}, rows);
  }

  std::string declarations() const {
    std::string out;
    for (const bytecode::Item& item : items_) {
      const bool has_page = item.name.starts_with("workflow.") || item.name.starts_with("email.");
      if (!has_page) out += facts(item);
    }
    return out;
  }

  Result<std::string> page_of(const Flow& flow) const {
    std::string out = "<p>" + xml(flow.kind) + " <code>" + xml(flow.name) + "</code> on " + xml(flow.object) +
                      ", " + xml(flow.file) + "</p>\n";
    out += section(
        "About", {},
        {{"Owner", or_dash(xml(flow.owner))}, {"Reviewed", review_of(flow)}, {"Sends", mails_of(flow)}});
    if (const auto chart = chart_of(*flow.decl, source_.sources)) {
      const auto svg = source_.draw(to_dot(*chart));
      if (!svg) return svg.error();
      out += "<h2>Picture</h2>\n<div class=\"chart\">" + *svg + "</div>\n";
    }
    for (const bytecode::Item& item : items_) {
      if (item.name == "workflow." + flow.name) out += facts(item);
    }
    return out + "<h2>Source</h2>\n<pre>" + xml(text_of(flow.decl->span)) + "</pre>\n";
  }

  const SiteSource& source_;
  const bytecode::Program& program_;
  std::vector<Flow> flows_;
  std::vector<bytecode::Item> items_;
  std::vector<SitePage> pages_;
};

}  // namespace

Result<std::vector<SitePage>> site_of(const SiteSource& source) {
  return Site(source).pages();
}

}  // namespace wf::wfc
