#include "runtime/crm/links.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "runtime/crm/small_file.hpp"

using wf::crm::Links;

namespace {

Links links_with(unsigned char seed) {
  Links::SigningKey key{};
  key.fill(seed);
  return Links(key);
}

/// A folder that goes away with the test.
struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    char name[] = "/tmp/wf-links-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a token gives back what was sealed") {
  const Links links = links_with(7);
  const std::string payload("some\0bytes", 10);
  const std::string token = links.seal("test", payload);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        token.npos);
  CHECK(links.unseal("test", token) == payload);
  CHECK(links.unseal("test", links.seal("test", "")) == "");
}

TEST_CASE("a token of another purpose, key or content is none") {
  const Links links = links_with(7);
  const std::string token = links.seal("test", "payload");
  CHECK_FALSE(links.unseal("other", token).has_value());
  CHECK_FALSE(links_with(8).unseal("test", token).has_value());
  CHECK_FALSE(links.unseal("test", "").has_value());
  CHECK_FALSE(links.unseal("test", "no base64!").has_value());
  CHECK_FALSE(links.unseal("test", token + "A").has_value());
  CHECK_FALSE(links.unseal("test", std::string(5000, 'A')).has_value());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    CHECK(links.unseal("test", changed) != std::optional<std::string>("payload"));
  }
}

TEST_CASE("an unsubscribe token names record and topic") {
  const Links links = links_with(1);
  const auto all =
      wf::crm::read_unsubscribe_token(links, wf::crm::unsubscribe_token(links, {0xffffffff00000001, ""}));
  REQUIRE(all.has_value());
  CHECK(all->record == 0xffffffff00000001);
  CHECK(all->topic.empty());
  const auto one = wf::crm::read_unsubscribe_token(links, wf::crm::unsubscribe_token(links, {5, "お知らせ"}));
  REQUIRE(one.has_value());
  CHECK(one->topic == "お知らせ");
  CHECK_FALSE(wf::crm::read_unsubscribe_token(links, links.seal("unsubscribe", "short")).has_value());
}

TEST_CASE("the key is made once, is private, and stays") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/links.key";
  const auto first = Links::open(path);
  REQUIRE(first.ok());
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const auto second = Links::open(path);
  REQUIRE(second.ok());
  CHECK(second->unseal("test", first->seal("test", "x")) == "x");
}

TEST_CASE("a key file that others can read or of a wrong size is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/links.key";
  REQUIRE(Links::open(path).ok());
  ::chmod(path.c_str(), 0644);
  CHECK(Links::open(path).error().code == wf::ErrorCode::invalid);
  REQUIRE(wf::crm::replace_file(path, "short").ok());
  CHECK(Links::open(path).error().code == wf::ErrorCode::corrupt);
}
