// ZeroMQ does not survive a fork: in a child, whatever the parent opened is out of reach.
#pragma once

#include <unistd.h>

#include <rdu/plugin/status.hpp>

namespace rdu::remote::client {

inline pid_t& owning_process() {
  static pid_t owner = getpid();
  return owner;
}

// The first call decides whose the plugin is.
inline bool is_forked() { return getpid() != owning_process(); }

inline plugin::Status check_process() {
  if (!is_forked()) return {};
  return plugin::fail(RDU_ERR_FORKED,
                      "connections to peers do not survive a fork: open the device in the child, "
                      "before the parent opens one, or use another process");
}

}  // namespace rdu::remote::client
