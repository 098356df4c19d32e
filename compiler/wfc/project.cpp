#include "compiler/wfc/project.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include "compiler/yaml/lower.hpp"

namespace wf::wfc {
namespace {

namespace fs = std::filesystem;

Error cannot(const char* verb, const std::string& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::not_found : ErrorCode::io;
  return {code, std::string("cannot ") + verb + " `" + path + "`: " + std::strerror(error)};
}

Error too_large(const std::string& path, std::size_t max_bytes) {
  return {ErrorCode::limit, "`" + path + "` is larger than " + std::to_string(max_bytes) + " bytes"};
}

bool is_skipped_folder(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with(".") || name == "build" || name == "out" || name == "node_modules";
}

bool is_source(const std::string& name) {
  return !name.starts_with(".") && (name.ends_with(".wf") || yaml::is_yaml(name));
}

Result<std::vector<std::string>> sources_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (is_skipped_folder(at->path())) at.disable_recursion_pending();
    } else if (is_source(at->path().filename().string())) {
      found.push_back(at->path().lexically_normal().generic_string());
    }
  }
  if (error) return cannot("read", folder, error.value());
  if (found.empty())
    return Error{ErrorCode::invalid, "there is no *.wf or *.wf.yaml file in `" + folder + "`"};
  std::sort(found.begin(), found.end());
  return found;
}

/// Collects sources, each file once.
class Finder {
 public:
  Result<void> add_file(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return cannot("read", path, errno);
    if (!seen_.insert({info.st_dev, info.st_ino}).second) return {};
    SourcePath found;
    found.path = path;
    found.size = static_cast<std::uint64_t>(info.st_size);
    found.changed_at = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
    files_.push_back(std::move(found));
    return {};
  }

  Result<void> add_folder(const std::string& folder) {
    auto paths = sources_below(folder);
    if (!paths) return paths.error();
    for (const std::string& path : *paths) {
      if (auto added = add_file(path); !added) return added;
    }
    return {};
  }

  Result<void> add_stdin(const std::string& name) {
    std::string content;
    char block[65536];
    while (std::cin.read(block, sizeof block), std::cin.gcount() > 0) {
      content.append(block, static_cast<std::size_t>(std::cin.gcount()));
      if (content.size() > kMaxSourceBytes) return too_large(name, kMaxSourceBytes);
    }
    files_.push_back({name, content.size(), 0, std::move(content)});
    return {};
  }

  std::vector<SourcePath> take() { return std::move(files_); }

 private:
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<SourcePath> files_;
};

}  // namespace

Result<std::vector<SourcePath>> find_sources(const ProjectArguments& arguments) {
  Finder finder;
  std::vector<std::string> paths = arguments.paths;
  if (paths.empty()) paths.emplace_back(".");
  for (const std::string& path : paths) {
    std::error_code ignored;
    const Result<void> added = path == "-"                       ? finder.add_stdin(arguments.stdin_name)
                               : fs::is_directory(path, ignored) ? finder.add_folder(path)
                                                                 : finder.add_file(path);
    if (!added) return added.error();
  }
  return finder.take();
}

Result<compiler::SourceText> read_source(SourcePath source) {
  if (source.content) return compiler::SourceText{std::move(source.path), std::move(*source.content)};
  auto content = read_file(source.path, kMaxSourceBytes);
  if (!content) return content.error();
  return compiler::SourceText{std::move(source.path), std::move(*content)};
}

Result<std::vector<compiler::SourceText>> load_project(const ProjectArguments& arguments) {
  auto sources = find_sources(arguments);
  if (!sources) return sources.error();
  std::vector<compiler::SourceText> files;
  for (SourcePath& source : *sources) {
    auto file = read_source(std::move(source));
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  return files;
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return cannot("read", path, EISDIR);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot("read", path, errno != 0 ? errno : EIO);
  std::string content;
  char block[65536];
  while (in.read(block, sizeof block), in.gcount() > 0) {
    content.append(block, static_cast<std::size_t>(in.gcount()));
    if (content.size() > max_bytes) return too_large(path, max_bytes);
  }
  if (in.bad()) return cannot("read", path, EIO);
  return content;
}

Result<void> write_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  errno = 0;
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  std::error_code error;
  if (out) fs::rename(beside, path, error);
  if (out && !error) return {};
  const int reason = error ? error.value() : errno != 0 ? errno : EIO;
  fs::remove(beside, error);
  return Error{ErrorCode::io, "cannot write `" + path + "`: " + std::strerror(reason)};
}

std::optional<std::string> read_declared_file(const std::string& path) {
  auto content = read_file(path, kMaxSourceBytes);
  if (!content) return std::nullopt;
  return std::move(*content);
}

}  // namespace wf::wfc
