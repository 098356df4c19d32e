#include "compiler/wfc/command.hpp"

#include <CLI/CLI.hpp>
#include <map>

#include "compiler/wfc/command_line.hpp"
#include "compiler/wfc/translation.hpp"

namespace wf::wfc {

void Command::positional(const char* name, std::string& target, const char* doc) {
  app_.add_option(name, target, doc)->required();
}

void Command::optional_positional(const char* name, std::string& target, const char* doc) {
  app_.add_option(name, target, doc);
}

void Command::positional(const char* name, std::vector<std::string>& target, const char* doc) {
  app_.add_option(name, target, doc);
}

void Command::flag(const char* names, bool& target, const char* doc) {
  app_.add_flag(names, target, doc);
}

void Command::option(const char* names, std::string& target, const char* doc, const char* type) {
  app_.add_option(names, target, doc)->type_name(type);
}

void Command::option(const char* names, std::vector<std::string>& target, const char* doc, const char* type) {
  app_.add_option(names, target, doc)->type_name(type)->allow_extra_args(false);
}

void Command::option(const char* names, std::int64_t& target, const char* doc, const char* type) {
  app_.add_option(names, target, doc)->type_name(type);
}

void Command::flag(const char* names, std::string& target, const char* doc) {
  app_.add_flag(std::string(names) + "{-}", target, doc);
}

void Command::choice(const char* names, const std::vector<std::string>& words,
                     std::function<void(std::size_t)> chosen, const char* doc, const char* type) {
  app_.add_option_function<std::string>(
          names,
          [words, chosen = std::move(chosen)](const std::string& word) {
            const auto found = std::find(words.begin(), words.end(), word);
            chosen(static_cast<std::size_t>(found - words.begin()));
          },
          doc)
      ->check(CLI::IsMember(words).description(""))
      ->type_name(type);
}

void Command::show_default(const char* name) {
  app_.get_option(name)->capture_default_str();
}

void Command::run(std::function<int()> action) {
  app_.callback([action = std::move(action), &exit = exit_] { exit = action(); });
}

namespace {

std::string known_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : &word == &words.back() ? " or " : ", ") + word;
  return text;
}

}  // namespace

CommandLine::CommandLine(const char* name, const char* doc, const char* version)
    : app_(std::make_unique<CLI::App>(doc, name)) {
  app_->require_subcommand(1);
  const std::vector<std::string> known = languages();
  app_->add_option_function<std::string>("--lang", speak, "The language of messages: " + known_text(known))
      ->check(CLI::IsMember(known).description(""))
      ->type_name("LANGUAGE");
  app_->set_version_flag("--version", std::string(name) + " " + version);
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const char* name, const char* doc) {
  CLI::App& command = *app_->add_subcommand(name, doc);
  command.fallthrough();
  return {command, exit_};
}

int CommandLine::run(int argc, char** argv) {
  return run_command_line(*app_, argc, argv, exit_);
}

}  // namespace wf::wfc
