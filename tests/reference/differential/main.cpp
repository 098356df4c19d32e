// differential [COUNT] [SEED]: random programs through the engine, with and without the compiler's passes,
// and through the reference interpreter. All must tell the same.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/reference/differential/plants.hpp"
#include "tests/reference/differential/shrink.hpp"
#include "tests/reference/differential/statistics.hpp"
#include "tests/reference/generator/generator.hpp"

/// Present with a sanitizer only.
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace wf::reference {
namespace {

/// Of the program at hand: a crash shall name it, too.
volatile std::uint64_t current_seed = 0;

void tell_current_seed() {
  char text[128];
  const int length = std::snprintf(
      text, sizeof text, "\nseed %llu crashed: repeat it with `differential 1 %llu`\n",
      static_cast<unsigned long long>(current_seed), static_cast<unsigned long long>(current_seed));
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, static_cast<std::size_t>(length));
}

void on_crash(int signal) {
  tell_current_seed();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void watch_for_crashes() {
  std::signal(SIGABRT, on_crash);
  if (__sanitizer_set_death_callback) {
    __sanitizer_set_death_callback(tell_current_seed);
  } else {
    std::signal(SIGSEGV, on_crash);
  }
}

/// So often a long run tells how far it is.
constexpr std::uint64_t kToldEach = 10'000;
/// A generator that the checker refuses more often than this is out of date.
constexpr double kMostRejected = 0.02;

struct Arguments {
  std::uint64_t count = 2000, seed = 0;
  std::string program;  ///< --file: this program only
  std::string cases;    ///< --cases: the programs of a folder, first
  bool print = false, all_plants = false;
  bool keep_going = false;  ///< --keep-going: past the first disagreement
  /// --strangers: of so many programs one also runs among strangers, which costs two more runs.
  std::uint64_t strangers = 4;
  const NamedPlant* plant = nullptr;
};

const bytecode::Catalogue& standard() {
  static const std::unique_ptr<Project> project = check("");
  return project->module->catalogue;
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool same(const Examined& a, const Disagreement& b) {
  return a.disagreement && a.disagreement->left == b.left && a.disagreement->right == b.right &&
         a.disagreement->note == b.note;
}

void show_failure(const Node& program, const Examined& examined, const Options& options) {
  const Disagreement& first = *examined.disagreement;
  const Node small = shrink(
      program, [&](const Node& candidate) { return same(examine(text_of(candidate), options), first); });
  const std::string text = text_of(small);
  std::cout << text << "\n" << report(examine(text, options)) << std::flush;
}

bool examine_file(const std::filesystem::path& path) {
  const Examined examined = examine(file_text(path), {});
  if (examined.result == Examined::Result::agreed) return true;
  std::cout << path.string() << ":\n"
            << (examined.disagreement ? report(examined) : "rejected\n" + examined.errors) << "\n";
  return false;
}

bool examine_folder(const std::string& folder) {
  bool ok = true;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".wf") continue;
    ok = examine_file(entry.path()) && ok;
    ++count;
  }
  std::cout << count << " cases\n";
  return ok && count > 0;
}

bool examine_random(const Arguments& arguments) {
  Statistics statistics;
  std::uint64_t disagreed = 0;
  for (std::uint64_t i = 0; i < arguments.count; ++i) {
    const std::uint64_t seed = arguments.seed + i;
    current_seed = seed;
    const Node program = generate(seed, standard());
    if (arguments.print) std::cout << text_of(program) << "\n";
    const Options options{nullptr, i % arguments.strangers == 0};
    const Examined examined = examine(text_of(program), options);
    statistics.add(examined);
    if ((i + 1) % kToldEach == 0) std::cout << i + 1 << " programs, up to seed " << seed << std::endl;
    if (arguments.print && !examined.errors.empty()) std::cout << examined.errors;
    if (!examined.disagreement) continue;
    std::cout << "seed " << seed << " disagrees:\n\n";
    show_failure(program, examined, options);
    std::cout << "\nseed " << seed << " disagrees: repeat it with `differential 1 " << seed << "`"
              << std::endl;
    ++disagreed;
    if (!arguments.keep_going) break;
  }
  if (disagreed > 0) {
    std::cout << disagreed << " disagreed\n";
    return false;
  }
  std::cout << statistics.text();
  if (static_cast<double>(statistics.rejected()) > kMostRejected * static_cast<double>(arguments.count) + 1) {
    std::cout << "too many programs are rejected: the generator does not follow the language any more\n";
    return false;
  }
  return statistics.programs() > 0 || statistics.endless() > 0;
}

/// Each planted defect must be found within so many programs.
bool find_plants(const Arguments& arguments) {
  bool ok = true;
  for (const NamedPlant& plant : plants()) {
    if (arguments.plant && arguments.plant != &plant) continue;
    std::uint64_t i = 0;
    bool found = false;
    for (; i < arguments.count && !found; ++i) {
      const Examined examined =
          examine(text_of(generate(arguments.seed + i, standard())), {plant.plant, false, plant.claim});
      found = examined.result == Examined::Result::disagreed;
    }
    std::printf("%-10s %-50s %s %llu programs\n", std::string(plant.name).c_str(),
                std::string(plant.what).c_str(), found ? "found within" : "NOT FOUND within",
                static_cast<unsigned long long>(i));
    std::fflush(stdout);
    ok = ok && found;
  }
  return ok;
}

int usage() {
  std::cerr
      << "usage: differential [COUNT] [SEED] [--cases FOLDER] [--file PROGRAM] [--print] [--keep-going]\n"
         "                    [--strangers EACH]\n"
         "       differential [COUNT] [SEED] --plant NAME|all\n";
  return 2;
}

int run(const Arguments& arguments) {
  const auto began = std::chrono::steady_clock::now();
  if (!arguments.program.empty()) return examine_file(arguments.program) ? 0 : 1;
  std::cout << "differential: " << arguments.count << " programs from seed " << arguments.seed << std::endl;
  watch_for_crashes();
  bool ok = true;
  if (arguments.plant || arguments.all_plants) {
    ok = find_plants(arguments);
  } else {
    if (!arguments.cases.empty()) ok = examine_folder(arguments.cases);
    if (arguments.count > 0) ok = examine_random(arguments) && ok;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%.1f s\n", took.count());
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace wf::reference

int main(int argc, char** argv) {
  using namespace wf::reference;
  Arguments arguments;
  arguments.seed = std::random_device{}();
  int position = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--cases" && has_value) {
      arguments.cases = argv[++i];
    } else if (word == "--file" && has_value) {
      arguments.program = argv[++i];
    } else if (word == "--print") {
      arguments.print = true;
    } else if (word == "--strangers" && has_value) {
      arguments.strangers = std::max(1ull, std::stoull(argv[++i]));
    } else if (word == "--keep-going") {
      arguments.keep_going = true;
    } else if (word == "--plant" && has_value) {
      const std::string name = argv[++i];
      arguments.all_plants = name == "all";
      arguments.plant = find_plant(name);
      if (!arguments.all_plants && !arguments.plant) return usage();
    } else if (!word.empty() && word.find_first_not_of("0123456789") == word.npos && position < 2) {
      (position++ == 0 ? arguments.count : arguments.seed) = std::stoull(word);
    } else {
      return usage();
    }
  }
  return run(arguments);
}
