#include "compiler/wfc/project.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

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

Result<std::vector<std::string>> sources_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (is_skipped_folder(at->path())) at.disable_recursion_pending();
    } else if (at->path().extension() == ".wf" && !at->path().filename().string().starts_with(".")) {
      found.push_back(at->path().lexically_normal().generic_string());
    }
  }
  if (error) return cannot("read", folder, error.value());
  if (found.empty()) return Error{ErrorCode::invalid, "there is no *.wf file in `" + folder + "`"};
  std::sort(found.begin(), found.end());
  return found;
}

/// Adds sources, each file once.
class Loader {
 public:
  Result<void> add_file(const std::string& path) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    if (!error && !seen_.insert(canonical).second) return {};
    auto content = read_file(path, kMaxSourceBytes);
    if (!content) return content.error();
    files_.push_back({path, std::move(*content)});
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
    files_.push_back({name, std::move(content)});
    return {};
  }

  std::vector<compiler::SourceText> take() { return std::move(files_); }

 private:
  std::set<fs::path> seen_;
  std::vector<compiler::SourceText> files_;
};

}  // namespace

Result<std::vector<compiler::SourceText>> load_project(const ProjectArguments& arguments) {
  Loader loader;
  std::vector<std::string> paths = arguments.paths;
  if (paths.empty()) paths.emplace_back(".");
  for (const std::string& path : paths) {
    std::error_code ignored;
    const Result<void> added = path == "-"                       ? loader.add_stdin(arguments.stdin_name)
                               : fs::is_directory(path, ignored) ? loader.add_folder(path)
                                                                 : loader.add_file(path);
    if (!added) return added.error();
  }
  return loader.take();
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
