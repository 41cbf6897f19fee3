// The variables of one stream in a worker. They follow the stream from program to program, as from prefill to decode.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "plugins/remote/node/worker/program.hpp"

namespace rdu::remote::node {

class WorkerState {
 public:
  static Result<std::unique_ptr<WorkerState>> create(std::shared_ptr<WorkerProgram> program);

  // The state for a run of `program`, whose variables must be those of the program that it was made for.
  Result<rdu_state*> for_run(const std::shared_ptr<WorkerProgram>& program);

  Status read(std::uint32_t variable, std::span<std::byte> out);
  Status write(std::uint32_t variable, ByteSpan bytes);
  Status reset();
  Result<std::unique_ptr<WorkerState>> clone() const;
  Status save(const std::string& path) const;
  Status restore(const std::string& path);

  // One call at a time.
  std::mutex& mutex() { return mutex_; }

 private:
  struct Home {
    std::shared_ptr<WorkerProgram> program;
    StateHandle state;
  };

  explicit WorkerState(Home home);
  const std::vector<Port>& variables() const { return current_->program->ports().variables; }
  Status copy_to(rdu_state* target) const;

  std::map<const WorkerProgram*, Home> homes_;
  Home* current_ = nullptr;
  std::mutex mutex_;
};

}  // namespace rdu::remote::node
