// The built wfd in a folder of its own, with a small project, for tests from outside.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "runtime/http/server.hpp"
#include "tests/support/process.hpp"

namespace wf::test {

using namespace std::chrono_literals;

inline constexpr const char* kProject = R"(project shop { zone "Asia/Tokyo" }
sender news { name "Example"; email "news@example.com"; address "1 Example Street" }
topic newsletter { title "News" }
email welcome {
  class marketing; topic newsletter; from sender.news
  subject "Welcome {{ contact.firstname | default: 'friend' }}"
  text "Hello. {{ unsubscribe_url }} {{ sender.address }}"
}
email later {
  class marketing; topic newsletter; from sender.news
  subject "Later"; text "Again. {{ unsubscribe_url }} {{ sender.address }}"
}
form ebook { fields (email required, firstname); creates contact }
workflow greet on contact {
  enroll when form.ebook submitted
  reenroll never
  send email.welcome
  wait 1 day
  send email.later
}
)";

struct Outcome {
  int exit = -1;
  std::string output;
};

class Daemon {
 public:
  Daemon() : folder_("daemon"), port_(free_port()) { write("project/shop.wf", kProject); }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  void write(const std::string& name, const std::string& content) const { write_file(path(name), content); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  Process start(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        WF_WFD,      "serve",         "--data",   path("data"),
        "--project", path("project"), "--listen", "127.0.0.1:" + std::to_string(port_)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Process process(arguments, path("log"));
    const bool up = eventually([&] { return !process.running() || get("/healthz").first == 200; });
    if (!up || !process.running()) FAIL("wfd did not start:\n" << read_file(path("log")));
    return process;
  }

  /// One command of wfd against this daemon.
  Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), WF_WFD);
    arguments.insert(arguments.end(), {"--url", url()});
    return run_plain(arguments);
  }
  Outcome run_plain(const std::vector<std::string>& arguments) const {
    std::filesystem::remove(path("out"));
    Process process(arguments, path("out"));
    const int exit = process.wait();
    return {exit, read_file(path("out"))};
  }

  std::pair<int, std::string> get(const std::string& target) const { return request("GET", target, {}); }
  std::pair<int, std::string> request(const std::string& method, const std::string& target,
                                      const std::string& body,
                                      const std::string& type = "application/json") const {
    auto client = http::make_client(url(), 10);
    const auto answer = (*client)->request(method, target, body, type);
    return answer ? std::pair(answer->status, answer->body) : std::pair(0, answer.error().message);
  }

  std::vector<std::string> mails() const {
    std::vector<std::string> texts;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(path("data/mail"), none)) {
      if (entry.path().extension() == ".eml") texts.push_back(read_file(entry.path().string()));
    }
    return texts;
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

 private:
  Folder folder_;
  int port_;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace wf::test
