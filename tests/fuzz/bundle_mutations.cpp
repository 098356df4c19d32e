// Mutates a valid bundle and reads the result: it must be refused, or be a program that the VM runs to an
// end.
//
//   mutate_bundle [COUNT [SEED]]
//
// Half of the mutations damage bytes of a section, and half change numbers of the program itself, which goes
// deeper because the encoding stays well-formed. All get a right table of sections and checksum. A failure
// prints the seed and the number of the mutation; running with the same seed repeats it.
#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "runtime/vm/vm.hpp"
#include "tests/support/sample_program.hpp"

namespace {

using namespace wf;
using namespace wf::bytecode;
using value::Value;

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) {
  return n == 0 ? 0 : random() % n;
}

// ---- bytes
// ------------------------------------------------------------------------------------------------------

constexpr std::size_t kHead = 44, kRow = 12, kSeal = 32;

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t n = 0;
  for (std::size_t i = 4; i-- > 0;) n = n << 8 | static_cast<unsigned char>(bytes[at + i]);
  return n;
}

void put_number(std::string& bytes, std::size_t at, std::uint32_t n) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(n >> (8 * i));
}

void seal(std::string& bytes) {
  Hash hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

/// Flips, overwrites, inserts, removes or repeats a few bytes.
void damage(std::string& part, Random& random) {
  const std::size_t at = below(random, part.size());
  switch (below(random, 6)) {
    case 0:
      if (!part.empty()) part[at] = static_cast<char>(part[at] ^ (1 << below(random, 8)));
      break;
    case 1:
      if (!part.empty()) part[at] = static_cast<char>(random());
      break;
    case 2:
      part.insert(at, 1, static_cast<char>(random()));
      break;
    case 3:
      part.erase(at, 1 + below(random, 4));
      break;
    case 4:
      part.insert(at, part.substr(below(random, part.size()), 1 + below(random, 16)));
      break;
    default:
      part.resize(at);
  }
}

std::string damaged_bundle(const std::string& original, Random& random) {
  std::vector<std::string> sections;
  const std::uint32_t count = number_at(original, kHead - 4);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = kHead + i * kRow;
    sections.push_back(original.substr(number_at(original, row + 4), number_at(original, row + 8)));
  }
  for (std::size_t times = 1 + below(random, 3); times > 0; --times) {
    damage(sections[below(random, sections.size())], random);
  }
  std::string bytes = original.substr(0, kHead + count * kRow);
  for (std::size_t i = 0; i < count; ++i) {
    put_number(bytes, kHead + i * kRow + 4, static_cast<std::uint32_t>(bytes.size()));
    put_number(bytes, kHead + i * kRow + 8, static_cast<std::uint32_t>(sections[i].size()));
    bytes += sections[i];
  }
  // Now and then the table itself.
  if (below(random, 20) == 0) {
    const std::size_t at = kHead + below(random, count * kRow);
    bytes[at] = static_cast<char>(random());
  }
  seal(bytes);
  return bytes;
}

// ---- programs
// ---------------------------------------------------------------------------------------------------

std::uint32_t odd_number(Random& random) {
  switch (below(random, 4)) {
    case 0:
      return kNone;
    case 1:
      return static_cast<std::uint32_t>(random());
    default:
      return static_cast<std::uint32_t>(below(random, 12));
  }
}

void change_code(Program& p, Random& random) {
  Word& word = p.code[below(random, p.code.size())];
  switch (below(random, 4)) {
    case 0:
      word = encode(static_cast<Opcode>(below(random, opcodes().size())), operand_of(word));
      break;
    case 1:
      word = encode(opcode_of(word), odd_number(random));
      break;
    case 2:
      word = p.code[below(random, p.code.size())];
      break;
    default:
      std::swap(word, p.code[below(random, p.code.size())]);
  }
}

void change_table(Program& p, Random& random) {
  const std::uint32_t n = odd_number(random);
  switch (below(random, 19)) {
    case 0:
      p.functions[below(random, p.functions.size())].object = n;
      break;
    case 1:
      p.functions[below(random, p.functions.size())].event = n;
      break;
    case 2:
      p.functions[below(random, p.functions.size())].locals = n;
      break;
    case 3:
      p.functions[below(random, p.functions.size())].kind = static_cast<FunctionKind>(n & 1);
      break;
    case 4:
      p.functions[below(random, p.functions.size())].end = n;
      break;
    case 5:
      p.waits[below(random, p.waits.size())].recompute =
          static_cast<std::uint32_t>(below(random, p.code.size()));
      break;
    case 6:
      p.waits[below(random, p.waits.size())].match.event = n;
      break;
    case 7:
      p.sends[below(random, p.sends.size())].arguments = n;
      break;
    case 8:
      p.sends[below(random, p.sends.size())].label = n;
      break;
    case 9:
      p.calls[0].on_failure = n;
      break;
    case 10:
      p.moments[below(random, p.moments.size())].offset = static_cast<std::int64_t>(random());
      break;
    case 11:
      p.moments[below(random, p.moments.size())].has_anchor ^= true;
      break;
    case 12:
      p.moments[below(random, p.moments.size())].dynamic_zone ^= true;
      break;
    case 13:
      p.windows[0].all[0].hours.from = static_cast<std::int32_t>(n);
      break;
    case 14:
      p.tasks[below(random, p.tasks.size())].has_due ^= true;
      break;
    case 15:
      p.moments[below(random, p.moments.size())].business_days = static_cast<std::int32_t>(n);
      break;
    case 16:
      p.moments[below(random, p.moments.size())].recurs.day = static_cast<std::uint8_t>(n);
      break;
    case 17:
      p.catalogue.calendars[0].hours.open[0].to = static_cast<std::int32_t>(n);
      break;
    default:
      p.constants[below(random, p.constants.size())] = p.constants[below(random, p.constants.size())];
  }
}

std::string changed_program(const Program& original, Random& random) {
  Program p = original;
  for (std::size_t times = 1 + below(random, 3); times > 0; --times) {
    if (below(random, 2) == 0)
      change_code(p, random);
    else
      change_table(p, random);
  }
  return write_bundle(p);
}

// ---- running
// ----------------------------------------------------------------------------------------------------

/// A record whose properties have any value at all, also of other kinds than declared.
class AnyRecord : public vm::View {
 public:
  explicit AnyRecord(Random& random) : random_(random) {}
  std::uint64_t key() const override { return random_(); }
  std::int64_t created_at() const override { return static_cast<std::int64_t>(random_() >> 13); }
  Value property(std::uint32_t) const override { return any(); }
  Value field(std::uint64_t, std::uint32_t, std::uint32_t) const override { return any(); }
  std::int64_t count(std::uint32_t, std::int64_t) const override {
    return static_cast<std::int64_t>(random_() % 5);
  }
  std::optional<std::int64_t> last_event(std::uint32_t) const override {
    if (random_() % 2 == 0) return std::nullopt;
    return created_at();
  }
  std::optional<std::int64_t> expiry(std::uint32_t, std::int64_t now) const override { return now + 1; }
  bool in_list(std::uint32_t) const override { return random_() % 2 == 0; }
  bool has_tag(std::string_view) const override { return random_() % 2 == 0; }

  Value any() const {
    switch (random_() % 9) {
      case 0:
        return Value::boolean(true);
      case 1:
        return Value::integer(static_cast<std::int64_t>(random_()));
      case 2:
        return Value::decimal(static_cast<std::int64_t>(random_()));
      case 3:
        return Value::text("Tokyo*");
      case 4:
        return Value::instant(created_at());
      case 5:
        return Value::date(static_cast<std::int32_t>(random_() % 40000));
      case 6:
        return Value::duration(static_cast<std::int64_t>(random_()));
      case 7:
        return Value::ref(0, 1);
      default:
        return {};
    }
  }

 private:
  Random& random_;
};

/// Runs every function from its beginning, and bodies on from each wait.
void run_all(const Program& p, Random& random) {
  const AnyRecord record(random);
  const std::int64_t now = 1'800'000'000 * value::kSecond;
  for (std::uint32_t i = 0; i < p.functions.size(); ++i) {
    const Function& f = p.functions[i];
    vm::Event event;
    if (f.event != kNone) {
      event.type = f.event;
      for (std::size_t k = 0; k < p.catalogue.events[f.event].parameters.size(); ++k) {
        event.parameters.push_back(record.any());
      }
    }
    const vm::Event* current = f.event == kNone ? nullptr : &event;
    if (f.kind == FunctionKind::expression) {
      (void)vm::evaluate(p, i, record, current, now);
      continue;
    }
    std::vector<Value> locals(f.locals);
    vm::Run run = vm::run(p, i, f.begin, locals, vm::Resume::none, record, current, now);
    while (run.outcome == vm::Outcome::waiting) {
      const WaitKind kind = p.waits[run.wait].kind;
      const bool tells = kind == WaitKind::event || kind == WaitKind::reply;
      const vm::Resume resume = tells ? vm::Resume::timed_out : vm::Resume::none;
      run = vm::run(p, i, run.pc, locals, resume, record, current, now);
    }
    if (run.outcome == vm::Outcome::failed) {
      std::fprintf(stderr, "a verified program failed: %s\n", run.detail.c_str());
      std::abort();
    }
  }
}

bool accepted(const std::string& bytes, Random& random) {
  const auto program = read_bundle(bytes);
  if (!program) return false;
  if (write_bundle(*program) != bytes) {
    std::fprintf(stderr, "an accepted bundle is written differently\n");
    std::abort();
  }
  (void)listing(*program);
  run_all(*program, random);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  const unsigned long seed = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("%lu mutations, seed %lu\n", count, seed);
  std::fflush(stdout);
  const Program original = test::sample_program();
  const std::string bytes = write_bundle(original);
  unsigned long runs = 0;
  for (unsigned long i = 0; i < count; ++i) {
    Random random(seed * 0x9e3779b97f4a7c15ull + i);
    if (std::getenv("WF_FUZZ_TRACE") != nullptr) std::fprintf(stderr, "mutation %lu\n", i);
    const std::string mutated =
        i % 2 == 0 ? damaged_bundle(bytes, random) : changed_program(original, random);
    if (accepted(mutated, random)) ++runs;
  }
  std::printf("%lu refused, %lu accepted and run\n", count - runs, runs);
  // Were everything refused, the mutations would only test the checksum.
  return runs > count / 100 ? 0 : 1;
}
