// Headers of runs and of states: what goes over the wire for every inference.
#include "plugins/remote/wire/flat.hpp"

namespace rdu::remote {

using flat::not_a_header;
using plugin::fail;
using plugin::Status;
using Header = std::span<const std::byte>;
using FlatSpans = flatbuffers::Vector<const fbs::TensorSpan*>;

namespace flat {

Status spans(const FlatSpans* from, const char* what, std::vector<TensorSpan>& out) {
  out.clear();
  if (from == nullptr) return {};
  if (from->size() > kMaxPorts) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, from->size(), " ", what, ", at most ", kMaxPorts);
  }
  if (!is_aligned(from, alignof(fbs::TensorSpan))) {
    return fail(RDU_ERR_INVALID_ARGUMENT, what, " are not aligned");
  }
  for (const fbs::TensorSpan* span : *from) {
    if (span->shared() > 1) {
      return fail(RDU_ERR_INVALID_ARGUMENT, what, ": shared is ", span->shared(), ", not 0 or 1");
    }
    out.push_back({span->port(), span->bytes(), span->shared_offset(), span->shared() == 1});
  }
  return {};
}

Status key(const fbs::EffectKey* from, EffectKey& out) {
  out = {};
  if (from == nullptr) return {};
  out.sequence = from->sequence();
  if (out.sequence == 0) return fail(RDU_ERR_INVALID_ARGUMENT, "an effect has the sequence 0");
  return id(from->session(), "session of an effect", out.session);
}

flatbuffers::Offset<fbs::EffectKey> key(flatbuffers::FlatBufferBuilder& builder,
                                        const EffectKey& from) {
  if (from.sequence == 0) return 0;
  const auto session = id(builder, from.session);
  return fbs::CreateEffectKey(builder, session, from.sequence);
}

}  // namespace flat

static flatbuffers::Offset<FlatSpans> encode_spans(flatbuffers::FlatBufferBuilder& builder,
                                                   const std::vector<TensorSpan>& spans) {
  // The builder's other ways to make such a vector align it to its size, not to its alignment.
  return builder.CreateVectorOfStructs<fbs::TensorSpan>(
      spans.size(), [&](std::size_t i, fbs::TensorSpan* to) {
        const TensorSpan& span = spans[i];
        *to = {span.bytes, span.shared_offset, span.port, span.shared ? 1u : 0u};
      });
}

Header Encoder::encode(const Run& message) {
  auto& builder = memory_->begin();
  const auto key = flat::key(builder, message.key);
  const auto inputs = encode_spans(builder, message.inputs);
  const auto outputs = encode_spans(builder, message.outputs);
  return memory_->finish(fbs::CreateRun(builder, message.program, message.state, key,
                                        message.remaining_ms, message.traced, inputs, outputs));
}

Status decode(Header header, Run& out) {
  const auto* from = flat::root<fbs::Run>(header);
  if (from == nullptr) return not_a_header("RUN");
  out.program = from->program();
  out.state = from->state();
  out.remaining_ms = from->remaining_ms();
  out.traced = from->traced();
  RDU_WIRE_TRY(flat::key(from->key(), out.key));
  RDU_WIRE_TRY(flat::spans(from->inputs(), "inputs", out.inputs));
  return flat::spans(from->outputs(), "outputs", out.outputs);
}

Header Encoder::encode(const RunResult& message) {
  auto& builder = memory_->begin();
  const auto outputs = encode_spans(builder, message.outputs);
  return memory_->finish(
      fbs::CreateRunResult(builder, message.queue_ns, message.device_ns, outputs));
}

Status decode(Header header, RunResult& out) {
  const auto* from = flat::root<fbs::RunResult>(header);
  if (from == nullptr) return not_a_header("RESULT");
  out.queue_ns = from->queue_ns();
  out.device_ns = from->device_ns();
  return flat::spans(from->outputs(), "outputs", out.outputs);
}

Header Encoder::encode(const Cancel& message) {
  return memory_->finish(fbs::CreateCancel(memory_->begin(), message.request));
}

Status decode(Header header, Cancel& out) {
  const auto* from = flat::root<fbs::Cancel>(header);
  if (from == nullptr) return not_a_header("CANCEL");
  out.request = from->request();
  return {};
}

Header Encoder::encode(const StateCreate& message) {
  auto& builder = memory_->begin();
  const auto key = flat::key(builder, message.key);
  return memory_->finish(fbs::CreateStateCreate(builder, message.program, key));
}

Status decode(Header header, StateCreate& out) {
  const auto* from = flat::root<fbs::StateCreate>(header);
  if (from == nullptr) return not_a_header("STATE_CREATE");
  out.program = from->program();
  return flat::key(from->key(), out.key);
}

Header Encoder::encode(const StateCreated& message) {
  return memory_->finish(fbs::CreateStateCreated(memory_->begin(), message.state));
}

Status decode(Header header, StateCreated& out) {
  const auto* from = flat::root<fbs::StateCreated>(header);
  if (from == nullptr) return not_a_header("STATE_CREATED");
  out.state = from->state();
  return {};
}

Header Encoder::encode(const StateCall& message) {
  auto& builder = memory_->begin();
  const auto key = flat::key(builder, message.key);
  return memory_->finish(
      fbs::CreateStateCall(builder, message.state, message.variable, message.bytes, key));
}

Status decode(Header header, StateCall& out) {
  const auto* from = flat::root<fbs::StateCall>(header);
  if (from == nullptr) return not_a_header("call of a state");
  out.state = from->state();
  out.variable = from->variable();
  out.bytes = from->bytes();
  return flat::key(from->key(), out.key);
}

Header Encoder::encode(const StateData& message) {
  return memory_->finish(fbs::CreateStateData(memory_->begin(), message.bytes));
}

Status decode(Header header, StateData& out) {
  const auto* from = flat::root<fbs::StateData>(header);
  if (from == nullptr) return not_a_header("STATE_DATA");
  out.bytes = from->bytes();
  return {};
}

}  // namespace rdu::remote
