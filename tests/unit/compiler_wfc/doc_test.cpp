// `wfc doc`: its pages, and that every link of them leads somewhere.
#include <catch2/catch.hpp>
#include <regex>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

namespace fs = std::filesystem;

TEST_CASE("a site has a page for each workflow, and no link of it is dead") {
  const WorkingFolder folder;
  CHECK(folder.wfc("init --template campaign c").exit == 0);
  CHECK(folder.wfc("init --template onboarding o").exit == 0);
  for (const std::string project : {"c", "o"}) {
    const std::string site = "site_" + project;
    const Outcome o = folder.wfc("doc -o " + site + " " + project);
    CHECK(o.exit == 0);
    std::size_t links = 0;
    for (const auto& entry : fs::directory_iterator(folder / site)) {
      const std::string page = folder.read(site + "/" + entry.path().filename().string());
      static const std::regex href("href=\"([^\"#]*)(#([^\"]*))?\"");
      for (std::sregex_iterator at(page.begin(), page.end(), href), end; at != end; ++at, ++links) {
        const std::string to = (*at)[1].length() > 0 ? (*at)[1].str() : entry.path().filename().string();
        INFO(entry.path() << " links to " << at->str());
        CHECK(fs::exists(folder / (site + "/" + to)));
        if ((*at)[3].length() > 0) CHECK(has(folder.read(site + "/" + to), "id=\"" + (*at)[3].str() + "\""));
      }
    }
    CHECK(links > 20);
  }
}

TEST_CASE("who sends a mail, who answers for what, and which review is due") {
  const WorkingFolder folder;
  folder.write("p/p.wf", R"(project shop { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com" }
team sales { title "Sales"; email "sales@example.com" }
email receipt { class transactional; from sender.shop; subject "<b> & you"; text "Thanks" }
workflow thank on contact {
  title "Say <thanks>"
  owner team.sales
  reviewed 2026-01-01
  enroll when created
  reenroll never
  send email.receipt
}
)");
  CHECK(folder.wfc("doc -o site --today 2026-06-01 p").exit == 0);
  const std::string index = folder.read("site/index.html");
  CHECK(has(index, "<a href=\"workflow-thank.html\">Say &lt;thanks&gt;</a>"));
  CHECK(has(index, "<span class=\"due\">2026-01-01, due</span>"));
  CHECK(has(folder.read("site/people.html"), "<h2>Reviews due</h2>"));
  const std::string mails = folder.read("site/mails.html");
  CHECK(has(mails, "<td>transactional</td>"));
  CHECK(has(mails, "<code>&lt;b&gt; &amp; you</code>"));
  CHECK(has(mails, "<a href=\"workflow-thank.html\">"));
  CHECK(has(folder.read("site/workflow-thank.html"), "<svg"));
  CHECK(folder.wfc("doc -o site --today 2026-03-01 p").exit == 0);
  CHECK(has(folder.read("site/people.html"), "No review is due."));
  CHECK(folder.wfc("doc p").exit == 2);
}
