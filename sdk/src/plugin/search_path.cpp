// Finds librdu_plugin_NAME.so files and refuses those that somebody else could have replaced.
#include "sdk/src/plugin/search_path.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace rdu::runtime::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "librdu_plugin_";
constexpr std::string_view kSuffix = ".so";

// "cpu" for ".../librdu_plugin_cpu.so", empty for anything else.
std::string plugin_name(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.size() <= kPrefix.size() + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix)) {
    return {};
  }
  return name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
}

// Group-writable is fine where the group is root's or the user's own, as a umask of 002 makes it.
const char* distrust(const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) return "belongs to another user";
  if (info.st_mode & S_IWOTH) return "may be written by everybody";
  if ((info.st_mode & S_IWGRP) && info.st_gid != 0 && info.st_gid != ::getegid()) {
    return "may be written by another group";
  }
  return nullptr;
}

Status check_owner(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return fail(RDU_ERR_IO, "cannot read '", path.c_str(), "'");
  }
  if (const char* reason = distrust(info)) {
    return fail_with_hint(RDU_ERR_PERMISSION, "plugins run inside this process: chmod go-w",
                          "plugins are not loaded from '", path.c_str(), "': it ", reason);
  }
  return {};
}

Candidate examine(const fs::path& file) {
  Candidate candidate{plugin_name(file), file.string(), {}};
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  candidate.refusal = check_owner(error ? file : real);
  if (candidate.refusal.ok()) {
    candidate.refusal = check_owner((error ? file : real).parent_path());
  }
  return candidate;
}

void list_directory(const fs::path& directory, std::vector<Candidate>& out) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!plugin_name(it->path()).empty()) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) out.push_back(examine(file));
}

}  // namespace

void SearchPath::add_list(std::string_view colon_separated) {
  while (!colon_separated.empty()) {
    const std::string_view entry = colon_separated.substr(0, colon_separated.find(':'));
    colon_separated.remove_prefix(std::min(colon_separated.size(), entry.size() + 1));
    if (!entry.empty()) add(std::string(entry));
  }
}

void SearchPath::add_defaults() {
  if (const char* list = ::secure_getenv("RDU_PLUGIN_PATH")) add_list(list);
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&plugin_name), &info) == 0 || !info.dli_fname) return;
  std::error_code error;
  const fs::path self = fs::canonical(info.dli_fname, error);
  if (!error) add((self.parent_path() / "rdu" / "plugins").string());
}

std::vector<Candidate> SearchPath::candidates() const {
  std::vector<Candidate> found;
  for (const std::string& entry : entries_) {
    std::error_code error;
    if (fs::is_directory(entry, error)) {
      list_directory(entry, found);
    } else if (fs::is_regular_file(entry, error) && !plugin_name(entry).empty()) {
      found.push_back(examine(entry));
    }
  }
  return found;
}

bool SearchPath::find(std::string_view name, Candidate& out) const {
  for (Candidate& candidate : candidates()) {
    if (candidate.name != name) continue;
    out = std::move(candidate);
    return true;
  }
  return false;
}

std::vector<Candidate> SearchPath::all() const {
  std::vector<Candidate> found = candidates();
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.name < b.name; });
  found.erase(std::unique(found.begin(), found.end(),
                          [](const Candidate& a, const Candidate& b) { return a.name == b.name; }),
              found.end());
  return found;
}

}  // namespace rdu::runtime::plugin
