// Sections of an artifact on the worker's device, with the ports that a client binds.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "plugins/remote/node/work_bodies.hpp"
#include "plugins/remote/node/worker/handle.hpp"

namespace rdu::remote::node {

// The parts of a stored artifact in memory: mapped, because nobody writes a finished file.
class MappedArtifact {
 public:
  static Result<MappedArtifact> open(const StoredArtifact& stored);
  MappedArtifact(MappedArtifact&& other) noexcept;
  MappedArtifact& operator=(MappedArtifact&&) = delete;
  ~MappedArtifact();

  // The sections of `selection`; all of them and every variant where its end is 0.
  Result<ArtifactHandle> open_part(rdu_context* context, const Selection& selection) const;

 private:
  MappedArtifact() = default;

  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::vector<rdu_bytes> parts_;
};

// One tensor of a run: where it is.
struct TensorMemory {
  std::byte* data = nullptr;
  std::uint64_t bytes = 0;
};

// What is asked of a run besides its tensors.
struct RunTerms {
  rdu_state* state = nullptr;
  std::uint64_t timeout_us = 0;         // 0: none
  std::atomic_ref<std::uint32_t> stop;  // not 0: nobody waits for it any more
};

class WorkerProgram {
 public:
  static Result<std::unique_ptr<WorkerProgram>> load(rdu_context* context, rdu_device* device,
                                                     const StoredArtifact& stored,
                                                     Selection selection);

  const Loaded& ports() const { return ports_; }
  bool trains() const { return trains_; }
  rdu_program* handle() const { return program_.get(); }

  // One tensor for each port, of the port's size. Any thread.
  Status run(std::span<const TensorMemory> inputs, std::span<const TensorMemory> outputs,
             const RunTerms& terms);

 private:
  // From here on a run is worth stopping, and one more switch between threads no matter. So is one of which nothing is known.
  static constexpr std::uint64_t kSlowNs = 5'000'000;

  explicit WorkerProgram(MappedArtifact mapped) : mapped_(std::move(mapped)), latest_ns_(kSlowNs) {}
  Status describe(const rdu_artifact* artifact);
  Status describe_variables();
  Status run_stoppable(const rdu_run_args& args, std::atomic_ref<std::uint32_t> stop) const;

  MappedArtifact mapped_;  // the program reads its weights there
  ProgramHandle program_;
  Loaded ports_;
  bool trains_ = false;
  std::vector<rdu_tensor> inputs_, outputs_;  // without data
  std::atomic<std::uint64_t> latest_ns_;      // of a run
};

}  // namespace rdu::remote::node
