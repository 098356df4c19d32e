#include "runtime/store/dedupe.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/store/hash.hpp"

namespace wf::store {

namespace {

constexpr std::size_t kIdSize = 16;
// A chunk fits into a page of the tree without overflow.
constexpr std::size_t kChunkIds = 56;
constexpr std::size_t kRunsPerTier = 8;
constexpr std::uint64_t kMostMerged = 2'000'000;
constexpr std::size_t kBitsPerId = 10;
constexpr std::size_t kBlockWords = 8;
constexpr unsigned kProbes = 6;

// Big endian, so that bytes sort as ids do.
void put_id(std::string& out, const DedupeId& id) {
  for (std::uint64_t half : id)
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(half >> shift & 0xff));
}

DedupeId get_id(std::string_view bytes) {
  DedupeId id{};
  for (std::size_t i = 0; i < kIdSize; ++i) id[i / 8] = id[i / 8] << 8 | static_cast<std::uint8_t>(bytes[i]);
  return id;
}

std::string bytes_of(const DedupeId& id) {
  std::string out;
  put_id(out, id);
  return out;
}

unsigned tier_of(std::uint64_t ids) {
  return static_cast<unsigned>(std::bit_width(ids)) / 3;
}

struct Probe {
  std::size_t block;
  std::uint64_t bits;  // 9 for each probe
};

Probe probe(const DedupeId& id, std::size_t words) {
  const std::uint64_t first = blend(id[0], id[1]);
  const std::size_t blocks = words / kBlockWords;
  return {static_cast<std::size_t>(first % blocks) * kBlockWords, blend(id[1] + kProbes, first)};
}

}  // namespace

IdFilter::IdFilter(std::span<const DedupeId> ids) {
  const std::size_t block_bits = kBlockWords * 64;
  words_.resize((ids.size() * kBitsPerId / block_bits + 1) * kBlockWords);
  for (const DedupeId& id : ids) {
    auto [block, bits] = probe(id, words_.size());
    for (unsigned i = 0; i < kProbes; ++i, bits >>= 9)
      words_[block + (bits >> 6 & 7)] |= std::uint64_t{1} << (bits & 63);
  }
}

std::shared_ptr<const IdFilter> IdFilter::parse(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % (kBlockWords * 8) != 0) return nullptr;
  std::shared_ptr<IdFilter> out(new IdFilter);
  out->words_.resize(bytes.size() / 8);
  std::memcpy(out->words_.data(), bytes.data(), bytes.size());
  return out;
}

bool IdFilter::maybe(const DedupeId& id) const {
  auto [block, bits] = probe(id, words_.size());
  for (unsigned i = 0; i < kProbes; ++i, bits >>= 9)
    if ((words_[block + (bits >> 6 & 7)] >> (bits & 63) & 1) == 0) return false;
  return true;
}

std::string_view IdFilter::bytes() const {
  return {reinterpret_cast<const char*>(words_.data()), words_.size() * 8};
}

void bound_filters(DedupeRuns& runs, std::size_t bytes) {
  std::size_t used = 0;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!run->filter) continue;
    used += run->filter->bytes().size();
    if (used > bytes) run->filter.reset();
  }
}

Result<void> DedupeWriter::prepare(Connection& writer) {
  writer_ = &writer;
  const std::pair<Statement&, const char*> statements[] = {
      {put_run_, "INSERT INTO dedupe_run(run, shard, ids, newest, filter) VALUES(?1, 0, ?2, ?3, ?4)"},
      {put_chunk_, "INSERT INTO dedupe(shard, run, first, ids) VALUES(0, ?1, ?2, ?3)"},
      {delete_run_, "DELETE FROM dedupe_run WHERE run = ?1"},
      {delete_chunks_, "DELETE FROM dedupe WHERE shard = 0 AND run = ?1"},
      {read_chunks_, "SELECT ids FROM dedupe WHERE shard = 0 AND run = ?1 ORDER BY first"},
  };
  for (const auto& [statement, sql] : statements)
    if (Result<void> prepared = statement.prepare(writer, sql); !prepared) return prepared;
  return {};
}

Result<DedupeRuns> DedupeWriter::read_runs() {
  Statement query;
  const char* sql = "SELECT run, ids, newest, filter FROM dedupe_run ORDER BY run";
  if (Result<void> prepared = query.prepare(*writer_, sql); !prepared) return prepared.error();
  DedupeRuns out;
  for (;;) {
    Result<bool> row = query.step();
    if (!row) return row.error();
    if (!*row) break;
    out.push_back({query.number(0), static_cast<std::uint64_t>(query.number(1)), query.number(2),
                   IdFilter::parse(query.blob(3))});
    if (!out.back().filter) return Error{ErrorCode::corrupt, "a filter of seen ids is malformed"};
  }
  if (!out.empty()) next_number_ = out.back().number + 1;
  bound_filters(out);
  return out;
}

Result<void> DedupeWriter::add(DedupeRuns& runs, std::vector<DedupeId> ids, std::int64_t newest,
                               std::int64_t expired) {
  if (ids.empty()) return {};
  if (Result<void> done = expire(runs, expired); !done) return done;
  if (Result<void> done = write_run(runs, std::move(ids), newest); !done) return done;
  for (;;) {
    Result<bool> merged = merge_once(runs);
    if (!merged) return merged.error();
    if (!*merged) break;
  }
  bound_filters(runs);
  return {};
}

Result<void> DedupeWriter::expire(DedupeRuns& runs, std::int64_t expired) {
  for (auto run = runs.begin(); run != runs.end();) {
    if (run->newest >= expired) {
      ++run;
      continue;
    }
    if (Result<void> removed = remove_run(run->number); !removed) return removed;
    run = runs.erase(run);
  }
  return {};
}

Result<void> DedupeWriter::write_run(DedupeRuns& runs, std::vector<DedupeId> ids, std::int64_t newest) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  DedupeRun run{next_number_++, ids.size(), newest, std::make_shared<const IdFilter>(ids)};
  put_run_.bind(1, run.number).bind(2, static_cast<std::int64_t>(run.ids)).bind(3, newest);
  if (Result<void> put = put_run_.bind_blob(4, run.filter->bytes()).run(); !put) return put;
  std::string chunk;
  for (std::size_t at = 0; at < ids.size(); at += kChunkIds) {
    chunk.clear();
    const std::size_t end = std::min(ids.size(), at + kChunkIds);
    for (std::size_t i = at; i < end; ++i) put_id(chunk, ids[i]);
    put_chunk_.bind(1, run.number)
        .bind_blob(2, std::string_view(chunk).substr(0, kIdSize))
        .bind_blob(3, chunk);
    if (Result<void> put = put_chunk_.run(); !put) return put;
  }
  runs.push_back(std::move(run));
  return {};
}

Result<void> DedupeWriter::remove_run(std::int64_t number) {
  if (Result<void> removed = delete_run_.bind(1, number).run(); !removed) return removed;
  return delete_chunks_.bind(1, number).run();
}

Result<void> DedupeWriter::collect(std::int64_t number, std::vector<DedupeId>& ids) {
  const ResetAtEnd reset(read_chunks_);
  read_chunks_.bind(1, number);
  for (;;) {
    Result<bool> row = read_chunks_.step();
    if (!row) return row.error();
    if (!*row) return {};
    const std::string_view chunk = read_chunks_.blob(0);
    for (std::size_t at = 0; at + kIdSize <= chunk.size(); at += kIdSize)
      ids.push_back(get_id(chunk.substr(at)));
  }
}

// Merges the runs of one tier when it is full. True: something was merged.
Result<bool> DedupeWriter::merge_once(DedupeRuns& runs) {
  const unsigned tier = tier_of(runs.back().ids);
  const auto in_tier = [tier](const DedupeRun& run) { return tier_of(run.ids) == tier; };
  std::uint64_t total = 0;
  for (const DedupeRun& run : runs) total += in_tier(run) ? run.ids : 0;
  const auto count = std::count_if(runs.begin(), runs.end(), in_tier);
  if (static_cast<std::size_t>(count) < kRunsPerTier || total > kMostMerged) return false;
  std::vector<DedupeId> ids;
  std::int64_t newest = 0;
  for (const DedupeRun& run : runs) {
    if (!in_tier(run)) continue;
    newest = std::max(newest, run.newest);
    if (Result<void> got = collect(run.number, ids); !got) return got.error();
    if (Result<void> removed = remove_run(run.number); !removed) return removed.error();
  }
  std::erase_if(runs, in_tier);
  if (Result<void> written = write_run(runs, std::move(ids), newest); !written) return written.error();
  return true;
}

Result<void> DedupeReader::prepare(Connection& reader) {
  if (Result<void> ready = list_.prepare(reader, "SELECT run FROM dedupe_run ORDER BY run DESC"); !ready)
    return ready;
  return find_.prepare(reader,
                       "SELECT ids FROM dedupe WHERE shard = 0 AND run = ?1 AND first <= ?2 "
                       "ORDER BY first DESC LIMIT 1");
}

Result<std::vector<std::int64_t>> DedupeReader::run_numbers() {
  const ResetAtEnd reset(list_);
  std::vector<std::int64_t> out;
  for (;;) {
    Result<bool> row = list_.step();
    if (!row) return row.error();
    if (!*row) return out;
    out.push_back(list_.number(0));
  }
}

Result<bool> DedupeReader::in_run(std::int64_t number, const DedupeId& id) {
  const ResetAtEnd reset(find_);
  const std::string wanted = bytes_of(id);
  find_.bind(1, number).bind_blob(2, wanted);
  Result<bool> row = find_.step();
  if (!row || !*row) return row;
  const std::string_view chunk = find_.blob(0);
  for (std::size_t at = 0; at + kIdSize <= chunk.size(); at += kIdSize)
    if (chunk.substr(at, kIdSize) == wanted) return true;
  return false;
}

Result<std::vector<bool>> DedupeReader::contains(const DedupeRuns& runs, std::span<const DedupeId> ids) {
  std::vector<bool> out(ids.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto maybe = [&](const DedupeRun& run) { return !run.filter || run.filter->maybe(ids[i]); };
    if (ids[i] != kNoId && std::any_of(runs.begin(), runs.end(), maybe)) open.push_back(i);
  }
  if (open.empty()) return out;
  Result<std::vector<std::int64_t>> numbers = run_numbers();
  if (!numbers) return numbers.error();
  for (std::int64_t number : *numbers) {
    const auto known =
        std::find_if(runs.begin(), runs.end(), [&](const DedupeRun& run) { return run.number == number; });
    for (std::size_t i : open) {
      if (out[i] || (known != runs.end() && known->filter && !known->filter->maybe(ids[i]))) continue;
      Result<bool> found = in_run(number, ids[i]);
      if (!found) return found.error();
      out[i] = *found;
    }
  }
  return out;
}

}  // namespace wf::store
