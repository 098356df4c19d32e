// mutate_liquid CASES COUNT SEED: templates of the cases, mutated and mixed. Whatever they are, they must be
// rendered or refused, within their limits; the sanitizers watch.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "grammar/liquid/json.hpp"
#include "grammar/liquid/paths.hpp"

namespace {

using namespace wf::liquid;

struct Case {
  std::string text;
  const Object* data = nullptr;
};

class Mutator {
 public:
  Mutator(const std::vector<Case>& cases, std::uint64_t seed) : cases_(cases), random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  const Case& any() { return cases_[below(cases_.size())]; }

  std::string mutated() {
    std::string text = any().text;
    for (std::size_t n = below(4) + 1; n > 0; --n) change(text);
    return text.substr(0, 5000);
  }

 private:
  void change(std::string& text) {
    const std::string& other = any().text;
    const std::size_t from = below(other.size()), at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(at, below(12));
        return;
      case 1:
        text.insert(at, other.substr(from, below(40)));
        return;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        return;
      case 3:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        return;
      default:
        text += other;
    }
  }

  static constexpr const char* kPieces[] = {"{{",
                                            "}}",
                                            "{%",
                                            "%}",
                                            "-",
                                            "|",
                                            ":",
                                            ",",
                                            "..",
                                            "[",
                                            "]",
                                            "(",
                                            ")",
                                            "'",
                                            "\"",
                                            " | sort",
                                            " | join",
                                            "forloop",
                                            "{% for i in (1..9) %}",
                                            "{% endfor %}",
                                            "{% include 'p' %}",
                                            "99999999999999999999",
                                            "-1",
                                            "1.5",
                                            "nil",
                                            "\n",
                                            " | append: a",
                                            " | split: ''",
                                            " | times: 99999999999999999999999",
                                            " | map: 'a'",
                                            "{% liquid\n",
                                            " | first"};

  const std::vector<Case>& cases_;
  std::mt19937_64 random_;
};

RenderOptions small_limits() {
  RenderOptions options;
  options.now = 0;
  options.limits.output = 100'000;
  options.limits.memory = 1'000'000;
  options.limits.iterations = 2'000;
  options.limits.work = 100'000;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto suite = JsonData::parse(std::string{std::istreambuf_iterator<char>(in), {}});
  if (!suite) return 2;
  static const Object none({});
  std::vector<Case> cases;
  for (const Datum& item : (*suite)->object()->find("tests")->as_array()) {
    const Datum* data = item.as_object().find("data");
    cases.push_back({std::string(item.as_object().find("template")->as_text()),
                     data == nullptr ? &none : &data->as_object()});
  }
  Mutator mutator(cases, std::strtoull(argv[3], nullptr, 10));
  RenderOptions options = small_limits();
  std::size_t rendered = 0;
  for (long n = std::atol(argv[2]); n > 0; --n) {
    const Parsed parsed = Document::parse(mutator.mutated(), {n % 3 == 0, true});
    if (!parsed.document) continue;
    Partials partials([&](std::string_view) { return mutator.mutated(); });
    options.escaping = n % 2 == 0 ? Escaping::html : Escaping::none;
    options.strict_variables = n % 5 == 0;
    const Environment environment{mutator.any().data, {}, {}};
    const Rendered result = render(*parsed.document, environment, &partials, options);
    const Reads reads = reads_of(*parsed.document);
    const bool inside =
        result.text.size() <= options.limits.output && reads.reads.size() <= parsed.document->lookups();
    if (!inside) return 1;
    rendered += result.problem ? 0 : 1;
  }
  std::printf("%zu rendered, the others refused\n", rendered);
  return 0;
}
