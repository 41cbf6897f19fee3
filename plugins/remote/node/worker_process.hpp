// The front end's side of a worker: starts it, gives it work, notices that it is gone.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <unordered_map>

#include "plugins/remote/node/channel.hpp"
#include "plugins/remote/node/segment_pool.hpp"
#include "plugins/remote/node/work.hpp"
#include "plugins/remote/node/work_bodies.hpp"

namespace rdu::remote::node {

struct WorkerCommand {
  std::string program;  // what to execute
  std::vector<std::string> arguments;
};

// One life of a worker: it begins when it is started, is ready once it has introduced itself, and ends once.
class WorkerProcess {
 public:
  static Result<std::unique_ptr<WorkerProcess>> start(const WorkerCommand& command);
  ~WorkerProcess();  // kills it

  // Once it has introduced itself: what its device is, or why there is none. Nothing: not yet. Does not block.
  std::optional<Result<DeviceFacts>> introduction();
  bool ready() const { return ready_; }

  Result<SegmentLease> acquire(std::size_t bytes) { return pool_->acquire(bytes); }
  // Makes memory known that is not of the pool. Its number is for Place::memory, until it is forgotten.
  Result<std::uint32_t> share(int file);
  void forget(std::uint32_t number);

  // Work that lies in a segment of `acquire`. OVERLOADED: too much is under way already.
  Status submit(SegmentLease segment);
  // A segment whose work is done. Nothing: none is, or the worker is gone.
  std::optional<SegmentLease> reap();
  bool has_reply() const { return channel_.has_reply(); }
  std::size_t under_way() const { return under_way_.size(); }

  // Ended by itself or by somebody; then nothing that was under way will be reaped. "killed by signal 9".
  bool gone();
  const std::string& how_it_ended() const { return ending_; }
  // Something that only a broken worker does.
  void give_up(const std::string& why);

  FrontChannel& channel() { return channel_; }
  pid_t process() const { return process_; }

 private:
  WorkerProcess(FrontChannel channel, pid_t process)
      : channel_(std::move(channel)), process_(process), pool_(std::make_shared<SegmentPool>()) {}

  FrontChannel channel_;
  pid_t process_;
  std::shared_ptr<SegmentPool> pool_;
  std::unordered_map<std::uint32_t, SegmentLease> under_way_;
  std::uint32_t next_number_ = 1;
  bool ready_ = false;
  std::string ending_;
};

// Room for the longest reply that a worker may give to what is not a run.
inline constexpr std::size_t kLongReply = 4u << 20;

// A segment with this head and body, and room for `reply_bytes` in the body's place.
Result<SegmentLease> make_work(WorkerProcess& worker, WorkHead head, ByteSpan body,
                               std::size_t reply_bytes);

}  // namespace rdu::remote::node
