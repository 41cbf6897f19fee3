// The worker process: takes work from the channel, does it on the device, replies.
#pragma once

#include <chrono>

#include "plugins/remote/node/channel.hpp"
#include "plugins/remote/node/worker/host.hpp"

namespace rdu::remote::node {

// Where a new worker finds its channel, and where it looks for the end of its parent.
inline constexpr int kWorkerSocket = 3;
inline constexpr int kWorkerPage = 4;
inline constexpr int kWorkerReplyBell = 5;

struct WorkerOptions {
  HostOptions host;
  std::uint32_t runs_at_once = 2;
  std::chrono::microseconds spin{50};
  std::uint64_t memory_bytes = 0;  // of its own, without what it maps; 0: no bound
  int parent = 0;                  // the front end: the worker ends with it
};

// Does not return while the parent lives, unless it cannot begin.
int serve_worker(const WorkerOptions& options);

}  // namespace rdu::remote::node
