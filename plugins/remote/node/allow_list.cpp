// Lines to clients, strictly: a typing error must not let anybody in, or silently keep somebody out.
#include "plugins/remote/node/allow_list.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "plugins/remote/node/file.hpp"
#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kMaxFileBytes = 16u << 20;

struct NamedRole {
  std::string_view name;
  Role role;
};
constexpr std::array<NamedRole, 4> kRoles = {{{"run", Role::kRun},
                                              {"upload", Role::kUpload},
                                              {"train", Role::kTrain},
                                              {"admin", Role::kAdmin}}};

Result<std::uint8_t> parse_roles(std::string_view text) {
  std::uint8_t roles = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    bool known = false;
    for (const NamedRole& named : kRoles) {
      if (named.name != word) continue;
      roles = static_cast<std::uint8_t>(roles | static_cast<std::uint8_t>(named.role));
      known = true;
    }
    if (!known)
      return fail(RDU_ERR_INVALID_ARGUMENT, "'", word, "' is no role (run, upload, train, admin)");
  }
  return roles;
}

bool good_name(std::string_view name) {
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_' || c == '@';
    if (!plain) return false;
  }
  return name.size() <= 64;
}

Status parse_line(const std::string& line, std::map<std::string, Client>& clients) {
  std::istringstream words(line);
  std::string key, name, roles, more;
  if (!(words >> key)) return {};
  // '#' is also a digit of Z85: a comment is a word that begins with it and is no key.
  if (key.front() == '#' && !is_key(key)) return {};
  if (!is_key(key)) return fail(RDU_ERR_INVALID_ARGUMENT, "'", key, "' is no key of 40 characters");
  if (!(words >> name >> roles))
    return fail(RDU_ERR_INVALID_ARGUMENT, "a key is followed by a name and roles");
  if (words >> more && more.front() != '#')
    return fail(RDU_ERR_INVALID_ARGUMENT, "'", more, "' is too much");
  if (!good_name(name))
    return fail(RDU_ERR_INVALID_ARGUMENT, "name '", name, "': letters, digits and .-_@");
  const Result<std::uint8_t> parsed = parse_roles(roles);
  if (!parsed.ok()) return parsed.status();
  if (!clients.emplace(key, Client{name, *parsed}).second) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "this key is listed twice");
  }
  return {};
}

}  // namespace

Result<AllowList> AllowList::parse(std::string_view text) {
  AllowList list;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (Status status = parse_line(line, list.clients_); !status.ok()) {
      return fail(status.code(), "line ", number, ": ", status.message());
    }
  }
  return list;
}

Result<AllowList> AllowList::read(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return system_error("cannot look at", path);
  if ((info.st_uid != ::geteuid() && info.st_uid != 0) || (info.st_mode & 022) != 0) {
    return fail(RDU_ERR_PERMISSION, path, " can be changed by others");
  }
  const Result<Bytes> bytes = read_file(path, kMaxFileBytes);
  if (!bytes.ok()) return bytes.status();
  Result<AllowList> list = parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!list.ok()) return fail(list.status().code(), path, ", ", list.status().message());
  return list;
}

const Client* AllowList::find(const std::string& key) const {
  const auto found = clients_.find(key);
  return found == clients_.end() ? nullptr : &found->second;
}

std::string role_names(std::uint8_t roles) {
  std::string names;
  for (const NamedRole& named : kRoles) {
    if ((roles & static_cast<std::uint8_t>(named.role)) == 0) continue;
    names += names.empty() ? "" : ",";
    names += named.name;
  }
  return names;
}

}  // namespace rdu::remote::node
