// Who may come in, by key, and what each may do: a file that its owner edits and SIGHUP reads again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "plugins/remote/node/status.hpp"

namespace rdu::remote::node {

// Bits: a client has any set of them.
enum class Role : std::uint8_t {
  kRun = 1,     // check, load, run, states: of what is stored here
  kUpload = 2,  // offer, chunks, commit: of what is not
  kTrain =
      4,  // besides kRun, programs of signatures that change parameters: those whose names begin with "train"
  kAdmin = 8,  // status
};
constexpr std::uint8_t bits(Role role) { return static_cast<std::uint8_t>(role); }

struct Client {
  std::string name;
  std::uint8_t roles = 0;
  bool may(Role role) const { return (roles & bits(role)) != 0; }
};

inline constexpr std::uint8_t kEveryRole = 15;

// One client a line: KEY NAME ROLE,ROLE…; '#' begins a comment.
class AllowList {
 public:
  // An error names the line, and nothing of it is believed.
  static Result<AllowList> parse(std::string_view text);
  // Refuses a file that others may write.
  static Result<AllowList> read(const std::string& path);

  // By public key, as Z85 text.
  const Client* find(const std::string& key) const;
  std::size_t size() const { return clients_.size(); }

 private:
  std::map<std::string, Client> clients_;
};

std::string role_names(std::uint8_t roles);

}  // namespace rdu::remote::node
