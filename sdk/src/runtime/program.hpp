// A loaded artifact: executables, schedules and what one run needs. Immutable but for its pool of run memory.
#pragma once

#include <rdu/program.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "sdk/src/runtime/artifact.hpp"
#include "sdk/src/runtime/executable.hpp"
#include "sdk/src/runtime/placement.hpp"
#include "sdk/src/runtime/schedule.hpp"

namespace rdu::runtime {

class RunMemory;

struct LoadedVariant {
  Schedule schedule;
  std::vector<Executable> executables;      // by step
  std::uint32_t state_step = RDU_NO_INDEX;  // that keeps the variables; none: the host does
};

// The devices' memories, and how large a run's share of each is.
struct Spaces {
  std::vector<Space> of_device;
  std::vector<std::shared_ptr<Device>> owner;  // by space; none for the host
  std::vector<std::uint64_t> arena_bytes;      // the largest variant's, by space
};

struct ProgramCounters {
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> copied_bytes{0};
  std::atomic<std::uint64_t> arena_bytes{0};
  std::atomic<std::uint64_t> peak_arena_bytes{0};
  std::atomic<std::uint32_t> run_memories{0};
};

class Program {
 public:
  static Status load(std::shared_ptr<Artifact> artifact, Devices devices,
                     const rdu_program_options* options, std::shared_ptr<Program>& out);
  Program(std::shared_ptr<Artifact> artifact, Devices devices);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Context& context() const { return artifact_->context(); }
  const std::shared_ptr<Artifact>& artifact() const { return artifact_; }
  const std::shared_ptr<const Placement>& placement() const { return placement_; }
  const SignatureSpec& signature(std::uint32_t s) const { return artifact_->signatures()[s]; }
  const VariantSpec& spec(std::uint32_t s, std::uint32_t v) const {
    return signature(s).variants[v];
  }
  LoadedVariant& variant(std::uint32_t s, std::uint32_t v) { return variants_[s][v]; }
  const Spaces& spaces() const { return spaces_; }
  std::uint64_t scratch_bytes() const { return scratch_bytes_; }
  std::uint64_t alignment() const { return alignment_; }  // of every address that is bound
  ProgramCounters& counters() { return counters_; }
  std::vector<std::byte>& packed() { return packed_; }  // what was asked for last

  // The device that keeps the variables of a signature, NULL: the host does.
  const Device* state_device(std::uint32_t s) const {
    return state_device_[s] == RDU_NO_INDEX ? nullptr : devices_[state_device_[s]].get();
  }

  rdu_memory_info memory() const;
  rdu_program_stats stats() const;

  // The memory of one run, from the pool or new.
  Status acquire(std::unique_ptr<RunMemory>& out);
  void release(std::unique_ptr<RunMemory> memory) noexcept;

 private:
  void number_spaces();
  void find_states();
  Status load_variant(std::uint32_t s, std::uint32_t v);
  Status load_step(std::uint32_t s, std::uint32_t v, const StepPlacement& step, bool keeps_state,
                   Executable& out);
  Status schedule_variant(std::uint32_t s, std::uint32_t v);
  void account(const LoadedVariant& variant);
  Status check_bound(std::uint64_t max_memory_bytes) const;
  std::uint64_t state_bytes() const;

  std::shared_ptr<Artifact> artifact_;
  Devices devices_;
  std::vector<rdu_bytes> segments_;
  std::shared_ptr<const Placement> placement_;
  std::vector<std::uint32_t> state_device_;  // by signature
  Spaces spaces_;
  std::uint64_t alignment_ = kHostAlignment;
  std::uint64_t scratch_bytes_ = 0;
  std::uint64_t resident_bytes_ = 0;
  std::uint64_t per_worker_bytes_ = 0;
  std::uint32_t max_pooled_ = 0;
  std::vector<std::vector<LoadedVariant>> variants_;
  ProgramCounters counters_;
  std::vector<std::byte> packed_;
  std::mutex pool_mutex_;
  std::vector<std::unique_ptr<RunMemory>> pool_;
};

}  // namespace rdu::runtime
