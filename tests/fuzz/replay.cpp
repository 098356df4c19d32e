// fuzz_TARGET COUNT SEED PATH…: the target with every file of the paths, then with COUNT mixtures and
// mutations of them. Prints the seed and number of the input at work before it fails, and a repetition with
// the same seed gives the same inputs.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 20'000;
char current[256] = "no input yet\n";

void tell(int) {
  if (write(STDERR_FILENO, current, std::strlen(current)) < 0) std::_Exit(3);
  std::_Exit(1);
}

std::vector<std::string> read_inputs(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (fs::is_directory(path)) {
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
      }
    } else {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& inputs, std::uint64_t seed) : inputs_(inputs), random_(seed) {}

  std::string next() {
    std::string text = any();
    for (std::size_t n = below(5) + 1; n > 0; --n) change(text);
    return text.substr(0, kLargest);
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  const std::string& any() { return inputs_[below(inputs_.size())]; }

  void change(std::string& text) {
    const std::string& other = any();
    const std::size_t from = below(other.size()), at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        text.erase(at, below(40));
        return;
      case 1:
        text.insert(at, other.substr(from, below(60)));
        return;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        return;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        return;
      case 4:
        text.insert(at, text.substr(below(text.size()), below(30)));
        return;
      default:
        text = text.substr(0, at) + other.substr(from);
    }
  }

  const std::vector<std::string>& inputs_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const long count = std::atol(argv[1]);
  const std::vector<std::string> inputs = read_inputs({argv + 3, argv + argc});
  if (inputs.empty()) return 2;
  std::signal(SIGABRT, tell);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::snprintf(current, sizeof current, "input %zu of the files\n", i);
    wf::fuzz::run(inputs[i]);
  }
  Mutator mutator(inputs, std::strtoull(argv[2], nullptr, 10));
  for (long n = 0; n < count; ++n) {
    std::snprintf(current, sizeof current, "mutation %ld of seed %s\n", n, argv[2]);
    wf::fuzz::run(mutator.next());
  }
  std::printf("%zu files and %ld mutations of them\n", inputs.size(), count);
  return 0;
}
