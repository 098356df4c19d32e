#include "compiler/wfc/check_cache.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "grammar/value/codec.hpp"

namespace wf::wfc {
namespace {

namespace fs = std::filesystem;
using compiler::FileFacts;
using value::Reader;
using value::Writer;

constexpr std::string_view kMagic = "wfc check cache 2\n";
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
/// A file that was changed so shortly before it was read may change again within the same tick of its clock.
constexpr std::int64_t kTick = 50'000'000;

// ---- one codec for both directions: `Out` writes what `In` reads ----

struct Out {
  Writer& w;
  void operator()(const std::string& text) { w.bytes(text); }
  void operator()(const bool& flag) { w.u8(flag ? 1 : 0); }
  void operator()(const std::uint32_t& n) { w.varint(n); }
  void operator()(const std::uint64_t& n) { w.u64(n); }
  void operator()(const std::int64_t& n) { w.zigzag(n); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const Enum& e) { w.varint(static_cast<std::uint64_t>(e)); }
  template <class T>
  void operator()(const std::optional<T>& item) {
    w.u8(item ? 1 : 0);
    if (item) (*this)(*item);
  }
  template <class T>
  void operator()(const std::vector<T>& items) {
    w.varint(items.size());
    for (const T& item : items) (*this)(item);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const T& item) { fields(const_cast<T&>(item), *this); }
};

struct In {
  Reader& r;
  void operator()(std::string& text) { text = r.bytes(); }
  void operator()(bool& flag) { flag = r.u8() != 0; }
  void operator()(std::uint32_t& n) { n = static_cast<std::uint32_t>(r.varint()); }
  void operator()(std::uint64_t& n) { n = r.u64(); }
  void operator()(std::int64_t& n) { n = r.zigzag(); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(Enum& e) { e = static_cast<Enum>(r.varint()); }
  template <class T>
  void operator()(std::optional<T>& item) {
    if (r.u8() == 0) return;
    (*this)(item.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& items) {
    items.resize(r.count());
    for (T& item : items) (*this)(item);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(T& item) { fields(item, *this); }
};

template <class Io>
void fields(text::Span& s, Io& io) {
  io(s.file), io(s.begin), io(s.end);
}
template <class Io>
void fields(text::Label& label, Io& io) {
  io(label.span), io(label.text);
}
template <class Io>
void fields(text::Edit& edit, Io& io) {
  io(edit.span), io(edit.text);
}
template <class Io>
void fields(text::Fix& fix, Io& io) {
  io(fix.title), io(fix.applicability), io(fix.edits);
}
template <class Io>
void fields(std::pair<std::string, std::string>& pair, Io& io) {
  io(pair.first), io(pair.second);
}
template <class Io>
void fields(text::Witness& w, Io& io) {
  io(w.object), io(w.at), io(w.record), io(w.events), io(w.shows);
}
template <class Io>
void fields(text::Diagnostic& d, Io& io) {
  io(d.code), io(d.severity), io(d.message), io(d.primary), io(d.secondary), io(d.notes), io(d.helps);
  io(d.fixes), io(d.witness), io(d.once), io(d.path);
}
template <class Io>
void fields(compiler::KnownWorkflow& w, Io& io) {
  io(w.name), io(w.on), io(w.is_sequence), io(w.begin), io(w.end);
}
template <class Io>
void fields(FileFacts& facts, Io& io) {
  io(facts.declares), io(facts.allows), io(facts.workflows), io(facts.mentions), io(facts.findings),
      io(facts.paths);
}
template <class Io>
void fields(CachedFile& file, Io& io) {
  io(file.path), io(file.size), io(file.changed_at), io(file.hash), io(file.facts);
}
template <class Io>
void fields(compiler::OpenedFile& file, Io& io) {
  io(file.path), io(file.hash);
}
template <class Io>
void fields(CheckCache& cache, Io& io) {
  io(cache.taken_at), io(cache.files), io(cache.opened);
}

/// What else the findings depend on: this build, and the day.
std::uint64_t conditions(std::optional<std::int32_t> today) {
  struct stat self {};
  Writer w;
  if (stat("/proc/self/exe", &self) == 0) {
    w.u64(self.st_ino);
    w.u64(static_cast<std::uint64_t>(self.st_size));
    w.zigzag(self.st_mtim.tv_sec);
    w.zigzag(self.st_mtim.tv_nsec);
  }
  w.zigzag(today.value_or(-1));
  return value::hash64(w.str());
}

bool in_bounds(const FileFacts& facts) {
  const auto known = [&](const text::Span& span) { return span.file < facts.paths.size(); };
  return std::all_of(facts.findings.begin(), facts.findings.end(), [&](const text::Diagnostic& d) {
    bool ok = known(d.primary.span);
    for (const text::Label& label : d.secondary) ok = ok && known(label.span);
    for (const text::Fix& fix : d.fixes) {
      for (const text::Edit& edit : fix.edits) ok = ok && known(edit.span);
    }
    return ok;
  });
}

}  // namespace

std::optional<std::string> cache_path(const ProjectArguments& arguments) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (cache && *cache == '/') {
    folder = cache;
  } else if (home && *home == '/') {
    folder = fs::path(home) / ".cache";
  } else {
    return std::nullopt;
  }
  std::error_code ignored;
  std::string project = fs::current_path(ignored).string();
  for (const std::string& path : arguments.paths) project += '\0' + path;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name = "check-";
  const std::uint64_t hash = value::hash64(project);
  for (int shift = 60; shift >= 0; shift -= 4) name += kDigits[(hash >> shift) & 0xf];
  return (folder / "wfc" / name).string();
}

std::optional<CheckCache> load_cache(const std::string& path, std::optional<std::int32_t> today) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  const auto content = read_file(path, kMostBytes);
  if (!content) return std::nullopt;
  Reader reader(*content);
  if (reader.raw(kMagic.size()) != kMagic || reader.u64() != conditions(today)) return std::nullopt;
  const std::uint64_t hash = reader.u64();
  if (reader.failed() || hash != value::hash64(std::string_view(*content).substr(reader.offset())))
    return std::nullopt;
  CheckCache cache;
  In in{reader};
  in(cache);
  const bool bounded = std::all_of(cache.files.begin(), cache.files.end(),
                                   [](const CachedFile& file) { return in_bounds(file.facts); });
  if (reader.failed() || !reader.done() || !bounded) return std::nullopt;
  return cache;
}

Result<void> save_cache(const std::string& path, const CheckCache& cache, std::optional<std::int32_t> today) {
  Writer body;
  Out out{body};
  out(cache);
  Writer file;
  file.raw(kMagic);
  file.u64(conditions(today));
  file.u64(value::hash64(body.str()));
  file.raw(body.str());
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  return write_file(path, file.str());
}

namespace {

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

/// One check of a project whose files may be in the cache.
class CachedCheck {
 public:
  CachedCheck(std::vector<SourcePath> sources, std::optional<CheckCache> cache,
              const compiler::CheckOptions& options)
      : sources_(std::move(sources)), cache_(std::move(cache)), options_(options), taken_at_(now()) {}

  Result<compiler::Checked> run() {
    if (cache_ && known_holds()) {
      auto checked = check(true);
      if (!checked || still_holds(*checked)) return checked;
    }
    cache_.reset();
    return check(false);
  }

  /// What the next run is told. Nothing when there is nothing new, or a file could not be parsed.
  std::optional<CheckCache> learned(compiler::Checked& checked) {
    if (checked.facts.empty()) return std::nullopt;
    CheckCache next;
    next.taken_at = taken_at_;
    next.opened = std::move(checked.opened);
    bool news = !cache_;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      CachedFile file{sources_[i].path, sources_[i].size, sources_[i].changed_at, 0, {}};
      if (known(i)) {
        news = news || file.changed_at != cache_->files[i].changed_at;
        file.hash = cache_->files[i].hash;
        file.facts = std::move(cache_->files[i].facts);
      } else {
        news = true;
        file.hash = hashes_[i];
        file.facts = std::move(checked.facts[i]);
      }
      next.files.push_back(std::move(file));
    }
    return news ? std::optional(std::move(next)) : std::nullopt;
  }

 private:
  bool known(std::size_t i) const { return cache_ && changed_.count(i) == 0; }

  /// Reads what may have changed. False when a file came, went or moved, or one that declares is another.
  bool known_holds() {
    if (sources_.size() != cache_->files.size()) return false;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const CachedFile& was = cache_->files[i];
      const SourcePath& is = sources_[i];
      if (is.path != was.path) return false;
      const bool same = !is.content && is.size == was.size && is.changed_at == was.changed_at &&
                        is.changed_at < cache_->taken_at - kTick;
      if (same) continue;
      const auto* text = read(i);
      if (text && value::hash64(*text) == was.hash) continue;
      if (!text || was.facts.declares) return false;
      changed_.insert(i);
    }
    return true;
  }

  const std::string* read(std::size_t i) {
    auto [text, added] = texts_.try_emplace(i);
    if (!added) return &text->second;
    auto file = read_source(sources_[i]);
    if (!file) {
      failure_ = file.error();
      texts_.erase(text);
      return nullptr;
    }
    text->second = std::move(file->content);
    return &text->second;
  }

  /// Files whose text is needed though they are known: to be parsed, or to be shown.
  std::set<std::string> shown() const {
    std::set<std::string> paths;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!known(i)) continue;
      const FileFacts& facts = cache_->files[i].facts;
      if (facts.declares || facts.allows) paths.insert(sources_[i].path);
      paths.insert(facts.paths.begin(), facts.paths.end());
    }
    return paths;
  }

  Result<compiler::Checked> check(bool partly) {
    const std::set<std::string> needed = partly ? shown() : std::set<std::string>{};
    std::vector<compiler::CheckFile> files;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      compiler::CheckFile file;
      file.path = sources_[i].path;
      if (partly && known(i)) file.known = &cache_->files[i].facts;
      if (!file.known || needed.count(file.path) > 0) {
        const std::string* text = read(i);
        if (!text) return *failure_;
        hashes_[i] = value::hash64(*text);
        // A full check comes after a partial one at most once and may take the text.
        file.content = partly ? *text : std::move(texts_.at(i));
      }
      files.push_back(std::move(file));
    }
    return compiler::check(std::move(files), read_declared_file, options_);
  }

  /// Is it true of the files that were not looked at?
  bool still_holds(const compiler::Checked& checked) const {
    if (checked.lacks_text) return false;
    if (checked.facts.empty()) return false;  // what cannot be read may be what others name
    return checked.opened == cache_->opened && same_outlines(checked);
  }

  /// Do the changed files still declare what others may have seen of them?
  bool same_outlines(const compiler::Checked& checked) const {
    const auto names = [](const FileFacts& facts) {
      std::vector<compiler::KnownWorkflow> all = facts.workflows;
      for (compiler::KnownWorkflow& w : all) w.begin = w.end = 0;
      return all;
    };
    return std::all_of(changed_.begin(), changed_.end(), [&](std::size_t i) {
      return !checked.facts[i].declares && names(checked.facts[i]) == names(cache_->files[i].facts);
    });
  }

  std::vector<SourcePath> sources_;
  std::optional<CheckCache> cache_;
  const compiler::CheckOptions& options_;
  const std::int64_t taken_at_;
  std::set<std::size_t> changed_;
  std::map<std::size_t, std::string> texts_;
  std::map<std::size_t, std::uint64_t> hashes_;
  std::optional<Error> failure_;
};

}  // namespace

Result<compiler::Checked> check_with_cache(std::vector<SourcePath> sources, const std::string& path,
                                           const compiler::CheckOptions& options) {
  CachedCheck check(std::move(sources), load_cache(path, options.today), options);
  auto checked = check.run();
  if (!checked) return checked;
  // A cache that cannot be written costs time, not findings.
  if (auto next = check.learned(*checked)) (void)save_cache(path, *next, options.today);
  return checked;
}

}  // namespace wf::wfc
