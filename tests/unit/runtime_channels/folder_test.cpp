#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "answers.hpp"
#include "runtime/channels/channel.hpp"

using namespace wf::channels;
using wf::test::Answers;
namespace fs = std::filesystem;

namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "mails-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path)) found.push_back(entry.path().filename());
    return found;
  }
  fs::path path;
};

Mail sample(const std::string& key, const std::string& subject = "Hello") {
  Mail mail;
  mail.key = key;
  mail.from_address = "news@example.com";
  mail.to_address = "kay@example.net";
  mail.subject = subject;
  mail.text = "Hi";
  return mail;
}

Answer send(MailChannel& channel, const Mail& mail) {
  Answers answers;
  channel.send(mail, answers.done());
  return answers.one();
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a mail becomes one file named after its key") {
  TemporaryFolder folder;
  const auto channel = make_folder_channel((folder.path / "new" / "box").string());
  CHECK(channel->idempotent());
  CHECK(send(*channel, sample("wf:eu:1:2:3:0")).outcome == Outcome::delivered);
  CHECK(read(folder.path / "new/box/wf-eu-1-2-3-0.eml") == *format_mail(sample("wf:eu:1:2:3:0")));
}

TEST_CASE("the second delivery of a key changes nothing") {
  TemporaryFolder folder;
  const auto channel = make_folder_channel(folder.path.string());
  CHECK(send(*channel, sample("k", "first")).outcome == Outcome::delivered);
  CHECK(send(*channel, sample("k", "second")).outcome == Outcome::delivered);
  CHECK(folder.names() == std::vector<std::string>{"k.eml"});
  CHECK(read(folder.path / "k.eml").find("Subject: first") != std::string::npos);
}

TEST_CASE("many threads with the same keys leave one whole file each and nothing else") {
  TemporaryFolder folder;
  const auto channel = make_folder_channel(folder.path.string());
  Answers answers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) channel->send(sample("k" + std::to_string(i)), answers.done());
    });
  }
  for (auto& thread : threads) thread.join();
  for (const Answer& answer : answers.wait(80)) CHECK(answer.outcome == Outcome::delivered);
  const auto names = folder.names();
  CHECK(names.size() == 20);
  for (const auto& name : names) CHECK(read(folder.path / name).ends_with("\r\n\r\nHi\r\n"));
}

TEST_CASE("a key cannot leave the folder") {
  TemporaryFolder folder;
  const auto channel = make_folder_channel((folder.path / "box").string());
  for (const char* key : {"../../evil", "/etc/evil", "", ".", "..", "a/b", ".hidden"}) {
    INFO(key);
    CHECK(send(*channel, sample(key)).outcome == Outcome::delivered);
  }
  CHECK(folder.names() == std::vector<std::string>{"box"});
  CHECK(std::distance(fs::directory_iterator(folder.path / "box"), fs::directory_iterator()) == 7);
}

TEST_CASE("a folder that cannot be written is a retry, a bad mail is refused") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "file") << "x";
  const auto channel = make_folder_channel((folder.path / "file" / "box").string());
  const Answer answer = send(*channel, sample("k"));
  CHECK(answer.outcome == Outcome::retry);
  CHECK(answer.detail.starts_with("cannot create "));
  Mail bad = sample("k");
  bad.to_address = "kay";
  CHECK(send(*channel, bad).outcome == Outcome::refused);
}
