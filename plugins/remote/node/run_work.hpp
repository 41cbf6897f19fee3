// A RUN between the wire and a worker: which bytes go where, judged against the program's ports before anything is queued.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "plugins/remote/node/shared_mapping.hpp"
#include "plugins/remote/wire/message.hpp"

namespace rdu::remote::node {

class RunWork {
 public:
  // Every input exactly once, of its port's size, inline or in memory that the client shares; `payload` is taken.
  static Result<RunWork> plan(const Run& run, const Loaded& ports, std::span<Frame> payload,
                              std::shared_ptr<SharedMapping> shared);

  // The work as the worker reads it. Inline inputs are copied once, to where the device reads them.
  Result<SegmentLease> prepare(WorkerProcess& worker, const WorkHead& head) const;

  // The answer: inline outputs borrow the segment until they are sent.
  RunResult result(const Completion& completion, std::uint64_t max_frame_bytes,
                   std::vector<Frame>& payload) const;

  // The tensors themselves, for a journal.
  Result<std::vector<Bytes>> copy_inputs() const;
  std::vector<Bytes> copy_outputs(const Completion& completion) const;

 private:
  struct Tensor {
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> shared_offset;
    std::size_t first_frame = 0, end_frame = 0;  // inline inputs
    std::uint64_t offset = 0;                    // in the segment, where inline
  };

  Status plan_inputs(const std::vector<TensorSpan>& spans, const std::vector<Port>& ports);
  Status plan_outputs(const std::vector<TensorSpan>& spans, const std::vector<Port>& ports);
  Status plan_span(const TensorSpan& span, const std::vector<Port>& ports, Tensor& tensor) const;
  Status take_frames(const std::vector<TensorSpan>& order);
  void lay_out();
  Result<std::uint32_t> shared_number(WorkerProcess& worker) const;

  std::vector<Tensor> inputs_, outputs_;  // by port
  std::vector<Frame> frames_;
  std::shared_ptr<SharedMapping> shared_;
  std::uint64_t segment_bytes_ = 0;
};

// Tensors of a journal as a run.
struct PlainRun {
  std::span<const Bytes> inputs;
  const Loaded* ports = nullptr;
};
Result<SegmentLease> prepare_plain(WorkerProcess& worker, WorkHead head, const PlainRun& run);
// A call on a state: the variable's bytes in the one place of a write, room for them in that of a read.
Result<SegmentLease> prepare_call(WorkerProcess& worker, WorkHead head,
                                  std::span<const Bytes> inputs);
Result<SegmentLease> prepare_read(WorkerProcess& worker, WorkHead head, std::uint64_t bytes);
std::vector<Bytes> plain_outputs(const Completion& completion, const Loaded& ports);

}  // namespace rdu::remote::node
