// Spans to places. The sizes of ports decide; what a client says about sizes must agree with them.
#include "plugins/remote/node/run_work.hpp"

#include <unistd.h>

#include <atomic>
#include <cstring>

namespace rdu::remote::node {

namespace {

// Keeps a segment until the last frame that borrows from it is sent.
struct Borrower {
  SegmentLease segment;
  std::atomic<std::size_t> frames{0};
};

void release_frame(void*, void* owner) {
  auto* borrower = static_cast<Borrower*>(owner);
  if (borrower->frames.fetch_sub(1) == 1) delete borrower;
}

void put_place(std::span<std::byte> segment, std::size_t index, const Place& place) {
  std::memcpy(segment.data() + sizeof(WorkHead) + index * sizeof(Place), &place, sizeof place);
}

}  // namespace

Result<RunWork> RunWork::plan(const Run& run, const Loaded& ports, std::span<Frame> payload,
                              std::shared_ptr<SharedMapping> shared) {
  RunWork work;
  work.shared_ = std::move(shared);
  RDU_NODE_TRY(work.plan_inputs(run.inputs, ports.inputs));
  RDU_NODE_TRY(work.plan_outputs(run.outputs, ports.outputs));
  for (Frame& frame : payload) work.frames_.push_back(std::move(frame));
  RDU_NODE_TRY(work.take_frames(run.inputs));
  work.lay_out();
  return work;
}

Status RunWork::plan_span(const TensorSpan& span, const std::vector<Port>& ports,
                          Tensor& tensor) const {
  if (span.bytes != ports[span.port].bytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "tensor ", ports[span.port].name, " has ", span.bytes,
                " bytes, not ", ports[span.port].bytes);
  }
  if (!span.shared) return {};
  if (!shared_ || !shared_->holds(span.shared_offset, span.bytes)) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "tensor ", ports[span.port].name,
                " lies outside the shared memory");
  }
  tensor.shared_offset = span.shared_offset;
  return {};
}

Status RunWork::plan_inputs(const std::vector<TensorSpan>& spans, const std::vector<Port>& ports) {
  inputs_.resize(ports.size());
  std::vector<bool> given(ports.size());
  for (const TensorSpan& span : spans) {
    if (span.port >= ports.size() || given[span.port]) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "input ", span.port, " does not exist, or comes twice");
    }
    given[span.port] = true;
    RDU_NODE_TRY(plan_span(span, ports, inputs_[span.port]));
    inputs_[span.port].bytes = span.bytes;
  }
  if (spans.size() != ports.size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, spans.size(), " inputs, not ", ports.size());
  }
  return {};
}

Status RunWork::plan_outputs(const std::vector<TensorSpan>& spans, const std::vector<Port>& ports) {
  for (const Port& port : ports) outputs_.emplace_back().bytes = port.bytes;
  for (const TensorSpan& span : spans) {
    if (span.port >= ports.size())
      return fail(RDU_ERR_INVALID_ARGUMENT, "there is no output ", span.port);
    if (span.shared) RDU_NODE_TRY(plan_span(span, ports, outputs_[span.port]));
  }
  return {};
}

// The frames of each inline input, in the order in which the client lists them.
Status RunWork::take_frames(const std::vector<TensorSpan>& order) {
  std::size_t next = 0;
  for (const TensorSpan& span : order) {
    if (span.shared) continue;
    Tensor& tensor = inputs_[span.port];
    tensor.first_frame = next;
    std::uint64_t bytes = 0;
    while (bytes < tensor.bytes && next < frames_.size()) bytes += frames_[next++].size();
    tensor.end_frame = next;
    if (bytes != tensor.bytes) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "the frames of input ", span.port, " have ", bytes,
                  " bytes, not ", tensor.bytes);
    }
  }
  if (next == frames_.size()) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, frames_.size() - next, " frames belong to no tensor");
}

void RunWork::lay_out() {
  segment_bytes_ = body_offset(inputs_.size() + outputs_.size());
  for (auto* side : {&inputs_, &outputs_}) {
    for (Tensor& tensor : *side) {
      if (tensor.shared_offset) continue;
      tensor.offset = segment_bytes_;
      segment_bytes_ += aligned(tensor.bytes);
    }
  }
}

Result<std::uint32_t> RunWork::shared_number(WorkerProcess& worker) const {
  if (!shared_) return std::uint32_t{0};
  SharedMapping::Known& known = shared_->known[&worker];
  if (known.number == 0 || known.process != worker.process()) {
    const Result<std::uint32_t> number = worker.share(shared_->region->file());
    if (!number.ok()) return number.status();
    known = {worker.process(), *number};
  }
  return known.number;
}

Result<SegmentLease> RunWork::prepare(WorkerProcess& worker, const WorkHead& run) const {
  WorkHead head = run;
  head.op = Op::kRun;
  head.num_inputs = static_cast<std::uint32_t>(inputs_.size());
  head.num_outputs = static_cast<std::uint32_t>(outputs_.size());
  Result<SegmentLease> lease = worker.acquire(segment_bytes_);
  if (!lease.ok()) return lease;
  const Result<std::uint32_t> memory = shared_number(worker);
  if (!memory.ok()) return memory.status();
  const std::span<std::byte> segment = (*lease)->memory.bytes();
  write_head(segment, head);
  std::size_t index = 0;
  for (const auto* side : {&inputs_, &outputs_}) {
    for (const Tensor& tensor : *side) {
      put_place(segment, index++,
                tensor.shared_offset ? Place{*tensor.shared_offset, tensor.bytes, *memory, 0}
                                     : Place{tensor.offset, tensor.bytes, 0, 0});
    }
  }
  for (const Tensor& tensor : inputs_) {
    std::byte* out = segment.data() + tensor.offset;
    for (std::size_t i = tensor.first_frame; i < tensor.end_frame; ++i) {
      const ByteSpan bytes = frames_[i].bytes();
      std::memcpy(out, bytes.data(), bytes.size());
      out += bytes.size();
    }
  }
  return lease;
}

RunResult RunWork::result(const Completion& completion, std::uint64_t max_frame_bytes,
                          std::vector<Frame>& payload) const {
  RunResult result{completion.queue_ns, completion.head.device_ns, {}};
  const ByteSpan segment = completion.segment->memory.bytes();
  auto borrower = std::make_unique<Borrower>();
  borrower->segment = completion.segment;
  std::size_t borrowed = 0;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Tensor& tensor = outputs_[i];
    const bool shared = tensor.shared_offset.has_value();
    result.outputs.push_back(
        {static_cast<std::uint32_t>(i), tensor.bytes, tensor.shared_offset.value_or(0), shared});
    if (shared) continue;
    borrowed += append_tensor(payload, segment.subspan(tensor.offset, tensor.bytes),
                              max_frame_bytes, release_frame, borrower.get());
  }
  borrower->frames = borrowed;
  if (borrowed != 0) static_cast<void>(borrower.release());
  return result;
}

Result<std::vector<Bytes>> RunWork::copy_inputs() const {
  std::vector<Bytes> copies;
  for (const Tensor& tensor : inputs_) {
    Bytes& copy = copies.emplace_back();
    copy.reserve(tensor.bytes);
    if (tensor.shared_offset) {
      copy.resize(tensor.bytes);
      RDU_NODE_TRY(read_at(shared_->region->file(), *tensor.shared_offset, copy));
      continue;
    }
    for (std::size_t i = tensor.first_frame; i < tensor.end_frame; ++i) {
      const ByteSpan bytes = frames_[i].bytes();
      copy.insert(copy.end(), bytes.begin(), bytes.end());
    }
  }
  return copies;
}

std::vector<Bytes> RunWork::copy_outputs(const Completion& completion) const {
  std::vector<Bytes> copies;
  const ByteSpan segment = completion.segment->memory.bytes();
  for (const Tensor& tensor : outputs_) {
    if (tensor.shared_offset) {
      const ByteSpan bytes = shared_->region->bytes().subspan(*tensor.shared_offset, tensor.bytes);
      copies.emplace_back(bytes.begin(), bytes.end());
    } else {
      const ByteSpan bytes = segment.subspan(tensor.offset, tensor.bytes);
      copies.emplace_back(bytes.begin(), bytes.end());
    }
  }
  return copies;
}

Result<SegmentLease> prepare_plain(WorkerProcess& worker, WorkHead head, const PlainRun& run) {
  const auto& ports = *run.ports;
  if (run.inputs.size() != ports.inputs.size())
    return fail(RDU_ERR_INTERNAL, "a journal of another program");
  head.op = Op::kRun;
  head.num_inputs = static_cast<std::uint32_t>(ports.inputs.size());
  head.num_outputs = static_cast<std::uint32_t>(ports.outputs.size());
  std::vector<Place> places;
  std::uint64_t end = body_offset(ports.inputs.size() + ports.outputs.size());
  for (const auto* side : {&ports.inputs, &ports.outputs}) {
    for (const Port& port : *side) {
      places.push_back({end, port.bytes, 0, 0});
      end += aligned(port.bytes);
    }
  }
  Result<SegmentLease> lease = worker.acquire(end);
  if (!lease.ok()) return lease;
  const std::span<std::byte> segment = (*lease)->memory.bytes();
  write_head(segment, head);
  for (std::size_t i = 0; i < places.size(); ++i) put_place(segment, i, places[i]);
  for (std::size_t i = 0; i < run.inputs.size(); ++i) {
    if (run.inputs[i].size() != places[i].bytes)
      return fail(RDU_ERR_INTERNAL, "a journal of another program");
    if (!run.inputs[i].empty()) {
      std::memcpy(segment.data() + places[i].offset, run.inputs[i].data(), run.inputs[i].size());
    }
  }
  return lease;
}

Result<SegmentLease> prepare_call(WorkerProcess& worker, WorkHead head,
                                  std::span<const Bytes> inputs) {
  if (inputs.empty()) return make_work(worker, head, {}, 4096);
  Result<SegmentLease> lease = prepare_read(worker, head, inputs.front().size());
  if (lease.ok() && !inputs.front().empty()) {
    std::memcpy((*lease)->memory.data() + body_offset(1), inputs.front().data(),
                inputs.front().size());
  }
  return lease;
}

Result<SegmentLease> prepare_read(WorkerProcess& worker, WorkHead head, std::uint64_t bytes) {
  head.num_inputs = 1;
  Result<SegmentLease> lease = make_work(worker, head, {}, std::max<std::uint64_t>(bytes, 4096));
  if (lease.ok()) put_place((*lease)->memory.bytes(), 0, {body_offset(1), bytes, 0, 0});
  return lease;
}

// Places are the front end's own, laid out anew: what a worker wrote over them is not looked at.
std::vector<Bytes> plain_outputs(const Completion& completion, const Loaded& ports) {
  std::vector<Bytes> copies;
  std::uint64_t at = body_offset(ports.inputs.size() + ports.outputs.size());
  for (const Port& port : ports.inputs) at += aligned(port.bytes);
  const ByteSpan segment = completion.segment->memory.bytes();
  for (const Port& port : ports.outputs) {
    const ByteSpan bytes = segment.subspan(at, port.bytes);
    copies.emplace_back(bytes.begin(), bytes.end());
    at += aligned(port.bytes);
  }
  return copies;
}

}  // namespace rdu::remote::node
