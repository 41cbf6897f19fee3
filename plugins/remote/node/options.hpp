// What the person who starts a peer decides.
#pragma once

#include <string>
#include <vector>

#include "plugins/remote/node/file.hpp"
#include "plugins/remote/node/store.hpp"

namespace rdu::remote::node {

struct NodeOptions {
  std::vector<std::string> binds;  // tcp://HOST:PORT, ipc://PATH
  std::vector<std::string> devices;
  std::vector<std::string> plugin_paths;
  std::string data;        // folder of this peer alone
  std::string key_file;    // of the peer; "": no CURVE
  std::string allow_file;  // of clients
  bool insecure_anyone_may_connect = false;
  std::uint16_t http_port = 0;
  bool http = true;

  std::uint32_t threads = 0;  // of each worker's computing; 0: one per processor
  std::uint32_t runs_at_once = 0;
  std::uint32_t spin_us = 100;
  std::uint64_t worker_memory_bytes = 0;
  std::uint32_t hang_seconds = 10;                      // that work may go on after its deadline
  std::uint32_t longest_run_seconds = 3600;             // the deadline of what has none
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;  // of the front end

  StoreLimits store;
  std::uint32_t max_frame_bytes = 1u << 20;
  std::uint64_t credit_bytes = std::uint64_t{256} << 20;
  std::uint64_t shared_bytes = std::uint64_t{4} << 30;  // of one client, over all connections
  std::uint64_t queue_bytes = std::uint64_t{1} << 30;   // of all clients
  std::uint32_t max_requests = 1024;                    // of one client
  std::uint32_t max_queued = 4096;                      // of one device
  std::uint32_t max_wait_ms =
      0;  // a run that would begin later is refused; 0: only by its deadline
  std::uint32_t max_states = 1024;  // of one client
  std::uint32_t snapshot_steps = 1024;
  std::uint64_t snapshot_bytes = 64u << 20;
  std::uint32_t state_hours = 24;  // an idle state lives
  std::uint32_t drain_seconds = 30;
  Durability durability = Durability::kProcess;
};

}  // namespace rdu::remote::node
