// The host's table as it is lent to another plugin, with one difference: what that plugin says of its failures can be read.
#pragma once

#include <rdu/plugin.h>

#include <mutex>
#include <rdu/plugin/status.hpp>
#include <unordered_map>

namespace rdu::remote::client {

class LentHost {
 public:
  explicit LentHost(const rdu_host_api* host);
  LentHost(const LentHost&) = delete;
  LentHost& operator=(const LentHost&) = delete;

  const rdu_host_api* api() const { return &api_; }
  // The code and the words of a status that was made with this table; frees it. NULL is success.
  plugin::Status take(rdu_status* status);

  static LentHost& of(const rdu_host_api* lent) { return *static_cast<LentHost*>(lent->self); }
  const rdu_host_api* host() const { return host_; }

 private:
  static rdu_status* make_status(const rdu_host_api* lent, std::uint32_t code, const char* message);
  static void free_status(const rdu_host_api* lent, rdu_status* status);
  plugin::Status forget(const rdu_status* status);

  const rdu_host_api* host_;
  rdu_host_api api_ = {};
  std::mutex mutex_;
  std::unordered_map<const rdu_status*, plugin::Status> said_;
};

}  // namespace rdu::remote::client
