// One device: its worker through all its lives, the jobs that wait for it, and the programs that it shall have.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/remote/node/fair_queue.hpp"
#include "plugins/remote/node/latency.hpp"

namespace rdu::remote::node {

// Sections on a device, wanted by clients and states. A new life of the worker loads it again when it is needed.
struct Program {
  std::uint64_t number = 0;
  Selection selection;
  StoredArtifact stored;
  Loaded ports;         // valid once loaded
  bool trains = false;  // likewise: it changes parameters, which not every client may
  std::uint32_t users = 0;
  std::uint64_t loaded_life = 0;  // the life of the worker that has it; 0: none
  bool loading = false;
  std::vector<std::function<void(Status)>> waiters;
};
using ProgramPtr = std::shared_ptr<Program>;

struct LaneStats {
  std::uint64_t done = 0, failed = 0, expired = 0, cancelled = 0, lost = 0, restarts = 0;
  Latency queue, device, total;
};

// When a worker that does not answer is taken for hung: so long after the deadline of what it is at. Work without a
// deadline has one so long after it was handed out.
struct Patience {
  std::uint64_t after_deadline_ns = 0;
  std::uint64_t without_deadline_ns = 0;
};

class Lane {
 public:
  Lane(std::string device, WorkerCommand command, std::uint32_t runs_at_once, Patience patience);

  const std::string& device() const { return device_; }
  const std::optional<DeviceFacts>& facts() const { return facts_; }
  const Status& trouble() const { return trouble_; }  // why there is no worker, where there is none

  // Ends in `done`, now or later.
  void submit(JobPtr job);
  // The same, ahead of all others: the peer's own work.
  void submit_first(JobPtr job);
  // Calls `then` when the worker has the program, now or later.
  void with_program(const ProgramPtr& program, std::function<void(Status)> then);
  void unload(Program& program);

  // Takes replies and hands out work. True: something happened.
  bool pump();
  // Starts, restarts and buries workers; drops what is late. Call it when the worker's socket is readable, and every 50 ms.
  void tend(std::uint64_t now);

  WorkerProcess* worker() const { return worker_.get(); }
  bool ready() const { return worker_ && worker_->ready(); }
  std::uint64_t life() const { return life_; }
  std::size_t queued() const { return queue_.size() + first_.size(); }
  std::uint64_t queued_bytes() const { return queue_.bytes(); }
  std::size_t under_way() const { return dispatched_.size(); }
  bool idle() const { return queued() == 0 && under_way() == 0; }
  // When a new job would begin, at the pace of the latest ones; 0: at once.
  std::uint64_t begins_in_ns() const;
  // What a client that was refused may wait before it asks again.
  std::uint64_t expected_wait_ns() const;
  // Are runs so short that waiting for one, or for the next, without sleeping pays?
  bool brisk() const { return recent_device_ns_ < kBriskNs; }
  const LaneStats& stats() const { return stats_; }

 private:
  void start(std::uint64_t now);
  void welcome();
  void bury(std::uint64_t now);
  bool hangs(std::uint64_t now) const;
  void fail_all(const Status& status);
  bool reap();
  bool dispatch();
  void hand_out(JobPtr job);
  void end(const JobPtr& job, Completion completion);
  void drop(std::vector<JobPtr>& jobs);
  void load(const ProgramPtr& program);

  std::string device_;
  WorkerCommand command_;
  std::uint32_t depth_;  // jobs in the worker at once
  Patience patience_;
  std::unique_ptr<WorkerProcess> worker_;
  std::optional<DeviceFacts> facts_;
  Status trouble_;
  std::uint64_t life_ = 0;
  std::uint64_t next_start_ns_ = 0;
  std::uint32_t bad_starts_ = 0;
  std::deque<JobPtr> first_;
  FairQueue queue_;
  std::unordered_map<const PooledSegment*, JobPtr> dispatched_;
  std::uint64_t recent_device_ns_ = 0;
  LaneStats stats_;
};

}  // namespace rdu::remote::node
