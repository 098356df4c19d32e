// The cache of `wfc check` changes no finding: whatever is edited, a check with it prints what a check
// without it prints.
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <random>

#include "tests/support/process.hpp"

namespace fs = std::filesystem;
using wf::test::read_file;
using wf::test::write_file;

namespace {

/// A project of some files that use each other, and the edits of one that works on it.
class Project {
 public:
  explicit Project(unsigned seed) : random_(seed) {
    fs::create_directories(root() / "project");
    for (int i = 0; i < kFiles; ++i) write_workflow(i);
    for (int i = 0; i < 3; ++i) edit_declarations();
    write_template();
  }

  void edit() {
    switch (pick(8)) {
      case 0:
        return edit_declarations();
      case 1:
        return write_template();
      case 2:
        return rename();
      case 3:
        write_file(file(pick(kFiles)), "workflow broken on contact {\n");
        return;
      case 4:
        fs::remove(file(pick(kFiles)));
        return;
      default:
        return write_workflow(pick(kFiles));
    }
  }

  std::string check(bool cached) {
    const std::string log = (root() / "log").string();
    fs::remove(log);
    std::vector<std::string> command{WFC_PATH, "check", (root() / "project").string(), "--color", "never"};
    if (cached) {
      command.insert(command.end(), {"--cache", cache()});
    } else {
      command.emplace_back("--no-cache");
    }
    const int exit = wf::test::Process(command, log).wait();
    return std::to_string(exit) + "\n" + read_file(log);
  }

  std::string cache() const { return (root() / "cache").string(); }
  std::string file(int i) const { return (root() / "project" / ("w" + std::to_string(i) + ".wf")).string(); }
  void write_workflow(int i) { write_file(file(i), workflow(i)); }

 private:
  static constexpr int kFiles = 6;

  fs::path root() const { return folder_.path(); }
  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::string workflow(int i) {
    static const std::vector<std::string> kSteps{
        "  add to list.vip\n",
        "  add to list.vpi\n",
        "  set lifecycle_stage to lead\n",
        "  set lifecycle_stage to lead  # wf: allow WF321 \"asked for\"\n",
        "  # wf: allow WF321\n  add 1 to lead_score\n",
        "  send email.hello\n",
        "  if lead_score > 10 and lead_score < 5 { add tag a }\n",
        "  send email.hello as first\n",
        "  experiment e split by contact {\n    variant a 50% { add tag a }\n    variant b 50% { add tag b "
        "}\n  }\n",
    };
    std::string text = "workflow w" + std::to_string(pick(4) == 0 ? pick(kFiles) : i) + " on contact {\n" +
                       "  enroll when created\n  reenroll never\n";
    for (int n = pick(4); n >= 0; --n)
      text += kSteps[static_cast<std::size_t>(pick(static_cast<int>(kSteps.size())))];
    text += "  enroll contact in workflow.w" + std::to_string(pick(kFiles)) + "\n}\n";
    return text;
  }

  void edit_declarations() {
    std::string text = "project p { zone \"UTC\" }\n";
    if (pick(3) > 0) text += "list vip { title \"VIP\" }\n";
    if (pick(3) > 0) text += "extend object contact { city text? }\n";
    text +=
        "sender news { name \"Example\"; email \"news@example.com\"; address \"1-2-3 Mihon-cho, Tokyo\" }\n"
        "topic updates { title \"Updates\" }\n"
        "email hello { class marketing; topic updates; from sender.news; subject \"Hello\"; text file "
        "\"hello.txt\" }\n";
    write_file((root() / "project/declarations.wf").string(), text);
  }

  void write_template() {
    static const std::vector<std::string> kTexts{
        "{{ unsubscribe_url }}", "{{ contact.city }} {{ unsubscribe_url }}", "{{ contact.cty }}", "plain"};
    write_file((root() / "project/hello.txt").string(), kTexts[static_cast<std::size_t>(pick(4))]);
  }

  void rename() {
    const std::string from = file(pick(kFiles));
    if (fs::exists(from)) fs::rename(from, root() / "project" / ("x" + std::to_string(pick(9)) + ".wf"));
  }

  std::mt19937 random_;
  wf::test::Folder folder_{"check_cache"};
};

}  // namespace

TEST_CASE("a check with a cache finds after every edit what one without it finds") {
  int different = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    Project project(seed);
    std::string before;
    for (int edit = 0; edit < 25; ++edit) {
      const std::string expected = project.check(false);
      INFO("seed " << seed << ", edit " << edit);
      REQUIRE(project.check(true) == expected);
      REQUIRE(project.check(true) == expected);
      different += expected != before;
      before = expected;
      project.edit();
    }
  }
  CHECK(different > 50);
}

TEST_CASE("a damaged cache is not used, and is replaced") {
  Project project(7);
  const std::string expected = project.check(false);
  REQUIRE(project.check(true) == expected);
  const std::string good = read_file(project.cache());
  REQUIRE(good.size() > 100);
  std::mt19937 random(11);
  for (int i = 0; i < 40; ++i) {
    std::string bad = good.substr(0, i % 4 == 0 ? random() % good.size() : good.size());
    if (i % 4 != 0) bad[random() % bad.size()] ^= static_cast<char>(1 + random() % 255);
    write_file(project.cache(), bad);
    REQUIRE(project.check(true) == expected);
  }
}

TEST_CASE("a file that was edited within the clock's tick after a check is looked at again") {
  Project project(3);
  for (int i = 0; i < 20; ++i) {
    project.write_workflow(i % 3);
    REQUIRE(project.check(true) == project.check(false));
  }
}
