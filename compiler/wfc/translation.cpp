#include "compiler/wfc/translation.hpp"

#include <algorithm>
#include <memory>

#include "compiler/wfc/pages.hpp"
#include "grammar/text/result.hpp"

namespace wf::wfc {
namespace {

constexpr char kArgument = '\x01';
constexpr int kMostPhrases = 3;  // in each other
constexpr std::string_view kPhrase = "<>";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The length of the argument at the start of a text: in quotes, or a number; 0 when there is none.
std::size_t argument_length(std::string_view text) {
  if (text[0] == '`' || text[0] == '"') {
    const std::size_t close = text.find(text[0], 1);
    return close == text.npos ? 0 : close + 1;
  }
  if (!is_digit(text[0])) return 0;
  std::size_t length = std::min(text.find_first_not_of("0123456789:.,T/-"), text.size());
  while (!is_digit(text[length - 1])) --length;
  return length;
}

/// What joins the arguments of a list, in the English and in the shown one.
struct Joint {
  std::string_view english, shown;
};
constexpr Joint kJoints[] = {
    {", or ", " または "}, {", and ", " と "}, {", ", "、"}, {" or ", " または "}, {" and ", " と "}};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}

/// `text` with the n-th argument for {n} and the n-th phrase for <n>.
std::string filled(std::string text, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& phrases) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_place = (text[at] == '{' || text[at] == '<') && at + 2 < text.size() &&
                          is_digit(text[at + 1]) && (text[at + 2] == '}' || text[at + 2] == '>');
    if (!is_place) {
      out += text[at++];
      continue;
    }
    const auto& all = text[at] == '{' ? arguments : phrases;
    const auto n = static_cast<std::size_t>(text[at + 1] - '1');
    if (n < all.size()) out += all[n];
    at += 3;
  }
  return out;
}

}  // namespace

/// A message as its shape and its arguments.
struct Translation::Shaped {
  std::string shape;  ///< with kArgument for each argument
  std::vector<std::string> arguments;

  static Shaped of(std::string_view message) {
    Shaped shaped;
    while (!message.empty()) {
      const std::size_t length = argument_length(message);
      if (length == 0) {
        shaped.shape += message[0];
        message.remove_prefix(1);
        continue;
      }
      shaped.add(message.substr(0, length));
      message.remove_prefix(length);
    }
    return shaped;
  }

  /// Joins with the argument before it when both are of one list.
  void add(std::string_view argument) {
    for (const Joint& joint : kJoints) {
      const std::string list = kArgument + std::string(joint.english);
      if (!shape.ends_with(list)) continue;
      shape.resize(shape.size() - joint.english.size());
      arguments.back() += std::string(joint.shown) + std::string(argument);
      return;
    }
    shape += kArgument;
    arguments.emplace_back(argument);
  }

  /// The part [begin, end) of the shape with its arguments.
  Shaped part(std::size_t begin, std::size_t end) const {
    const auto at = [&](std::size_t place) {
      return arguments.begin() +
             std::count(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(place), kArgument);
    };
    return {shape.substr(begin, end - begin), {at(begin), at(end)}};
  }

  std::string text() const {
    std::string out;
    std::size_t n = 0;
    for (const char c : shape) c == kArgument ? out += arguments[n++] : out += c;
    return out;
  }
};

namespace {

/// Where the phrases of a rule stand in a shape; nothing when it does not fit.
bool fit(std::string_view rule, std::string_view shape, std::size_t at,
         std::vector<std::pair<std::size_t, std::size_t>>& phrases) {
  const std::size_t plain = std::min(rule.find(kPhrase), rule.size());
  if (shape.substr(at, plain) != rule.substr(0, plain)) return false;
  at += plain;
  if (plain == rule.size()) return at == shape.size();
  for (std::size_t end = at + 1; end <= shape.size(); ++end) {
    phrases.emplace_back(at, end);
    if (fit(rule.substr(plain + kPhrase.size()), shape, end, phrases)) return true;
    phrases.pop_back();
  }
  return false;
}

}  // namespace

Translation::Translation(std::string_view table) {
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::string_view line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.find('\t');
    WF_ASSERT(tab != line.npos);
    std::string shape(line.substr(0, tab));
    replace_all(shape, "{}", std::string_view(&kArgument, 1));
    const bool has_phrase = shape.find(kPhrase) != shape.npos;
    if (has_phrase) {
      rules_.push_back({std::move(shape), std::string(line.substr(tab + 1))});
    } else {
      exact_.emplace(std::move(shape), line.substr(tab + 1));
    }
  }
}

std::optional<std::string> Translation::look_up(const Shaped& message, int depth) const {
  if (const auto known = exact_.find(message.shape); known != exact_.end())
    return filled(known->second, message.arguments, {});
  if (depth == kMostPhrases) return std::nullopt;
  for (const Rule& rule : rules_) {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    if (!fit(rule.shape, message.shape, 0, places)) continue;
    std::vector<std::string> phrases, own;
    std::size_t from = 0;
    for (const auto& [begin, end] : places) {
      const Shaped phrase = message.part(begin, end);
      phrases.push_back(look_up(phrase, depth + 1).value_or(phrase.text()));
      for (const std::string& argument : message.part(from, begin).arguments) own.push_back(argument);
      from = end;
    }
    for (const std::string& argument : message.part(from, message.shape.size()).arguments)
      own.push_back(argument);
    return filled(rule.text, own, phrases);
  }
  return std::nullopt;
}

std::optional<std::string> Translation::find(std::string_view english) const {
  return look_up(Shaped::of(english), 0);
}

std::string Translation::operator()(std::string_view english) const {
  return find(english).value_or(std::string(english));
}

text::Diagnostic Translation::operator()(text::Diagnostic diagnostic) const {
  const auto translate = [this](std::string& text) { text = (*this)(text); };
  translate(diagnostic.message);
  translate(diagnostic.primary.text);
  for (auto& label : diagnostic.secondary) translate(label.text);
  for (std::string& note : diagnostic.notes) translate(note);
  for (std::string& help : diagnostic.helps) translate(help);
  return diagnostic;
}

// ---- the language of the process -------------------------------------------------------------------------

namespace {

constexpr std::string_view kTable = ".tsv";

std::unique_ptr<const Translation>& current() {
  static std::unique_ptr<const Translation> translation;
  return translation;
}

}  // namespace

std::vector<std::string> languages() {
  std::vector<std::string> names = {"en"};
  for (const compiler::SourceText& file : language_files())
    names.push_back(file.path.substr(0, file.path.size() - kTable.size()));
  return names;
}

void speak(const std::string& language) {
  current().reset();
  for (const compiler::SourceText& file : language_files()) {
    if (file.path == language + std::string(kTable)) current() = std::make_unique<Translation>(file.content);
  }
}

std::string spoken(std::string_view english) {
  return current() ? (*current())(english) : std::string(english);
}

text::Diagnostic spoken(const text::Diagnostic& diagnostic) {
  return current() ? (*current())(diagnostic) : diagnostic;
}

}  // namespace wf::wfc
