// A piece of work for one device: queued, dispatched to the worker, and ended exactly once.
#pragma once

#include <functional>
#include <memory>

#include "plugins/remote/node/connection.hpp"
#include "plugins/remote/node/worker_process.hpp"

namespace rdu::remote::node {

struct Program;

// How a job ended. `segment` holds the worker's reply where there is one.
struct Completion {
  Status status;
  WorkHead head;
  SegmentLease segment;
  std::uint64_t queue_ns = 0;

  ByteSpan body() const { return segment ? body_of(segment->memory.bytes(), head) : ByteSpan(); }
};

struct Job {
  std::string client;  // whose turn it takes; "" for the peer's own
  std::uint64_t arrival_ns = 0;
  std::uint64_t deadline_ns = 0;  // 0: none
  std::uint64_t bytes = 0;        // that it keeps in memory while it waits
  bool cancelled = false;
  bool has_effect = false;           // goes on when its client is gone, who may come back and ask
  std::shared_ptr<Program> program;  // must be loaded in the worker, where there is one
  // Writes the work into a segment. Called once, when the worker is free for it.
  std::function<Result<SegmentLease>(WorkerProcess&)> prepare;
  std::function<void(Completion)> done;

  std::uint64_t dispatched_ns = 0;
  PooledSegment* segment = nullptr;  // while the worker has it
};

using JobPtr = std::shared_ptr<Job>;

// One that waits is dropped when it is met in its queue; one that runs ends when its device has heard of it. Each ends in `done`.
inline void cancel(Job& job) {
  job.cancelled = true;
  if (job.segment != nullptr) stop_word(job.segment->memory.bytes()).store(1);
}

}  // namespace rdu::remote::node
