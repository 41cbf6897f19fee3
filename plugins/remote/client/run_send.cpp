// A run as a message and a message as its results: inputs from the caller's memory, outputs to it.
#include <algorithm>
#include <cstring>
#include <utility>

#include "plugins/remote/client/fleet.hpp"
#include "plugins/remote/client/run.hpp"
#include "plugins/remote/wire/codec.hpp"

namespace rdu::remote::client {

using plugin::concat;
using plugin::fail;
using plugin::Status;

namespace {

std::uint64_t ns_of(Clock::time_point time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + 63) / 64 * 64; }

// Inputs and outputs that are worth a place in shared memory, one behind the other.
std::uint64_t shared_bytes(const LoadedProgram& program, std::uint64_t share_above) {
  std::uint64_t bytes = 0;
  for (const auto* side : {&program.inputs, &program.outputs}) {
    for (const PortBinding& port : *side) {
      if (port.bytes > share_above) bytes += aligned(port.bytes);
    }
  }
  return bytes;
}

std::uint32_t remaining_ms(Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, 0xffffffff));
}

}  // namespace

// Bindings come in ascending order of value.
const rdu_binding* Run::binding_of(std::uint32_t value) const {
  const auto found = std::lower_bound(
      bindings_.begin(), bindings_.end(), value,
      [](const rdu_binding& binding, std::uint32_t id) { return binding.value < id; });
  return found != bindings_.end() && found->value == value ? &*found : nullptr;
}

// False: a binding is not what the program was loaded for; the run has ended.
bool Run::encode(const Route& route, remote::Run& message, std::vector<Frame>& frames) {
  const std::uint64_t most = route.connection->welcome().limits.max_frame_bytes;
  std::uint64_t at = shared_ ? shared_->offset() : 0;
  bytes_ = 0;
  const auto span_of = [&](const PortBinding& port) {
    TensorSpan span{port.port, port.bytes, 0, shared_ != nullptr && port.bytes > share_above_};
    if (span.shared) span.shared_offset = std::exchange(at, at + aligned(port.bytes));
    return span;
  };
  const auto bound = [&](const PortBinding& port) -> const rdu_binding* {
    const rdu_binding* binding = binding_of(port.value);
    const bool fits = binding != nullptr && binding->bytes == port.bytes &&
                      (binding->data != nullptr || port.bytes == 0);
    if (fits) return binding;
    complete(fail(RDU_ERR_PLUGIN, "value ", port.value, " is not bound as it was loaded"));
    return nullptr;
  };
  for (const PortBinding& port : route.program->inputs) {
    const rdu_binding* binding = bound(port);
    if (binding == nullptr) return false;
    const TensorSpan span = span_of(port);
    const std::span bytes(static_cast<const std::byte*>(binding->data), port.bytes);
    if (span.shared) {
      std::memcpy(shared_->at(span.shared_offset, port.bytes).data(), bytes.data(), bytes.size());
    } else {
      // Counted before ZeroMQ can give anything back.
      holds_ += static_cast<int>(append_tensor(frames, bytes, most, release, this));
    }
    bytes_ += port.bytes;
    message.inputs.push_back(span);
  }
  for (const PortBinding& port : route.program->outputs) {
    if (bound(port) == nullptr) return false;
    const TensorSpan span = span_of(port);
    if (span.shared) message.outputs.push_back(span);
    bytes_ += port.bytes;
  }
  return true;
}

bool Run::send_over(Peer& peer, const Route& route) {
  thread_local Encoder encoder;
  thread_local remote::Run message;
  message.inputs.clear();
  message.outputs.clear();
  // What takes the road has no frames. Requests for a state keep their order, so they all take the socket.
  const bool by_road = route.connection->has_road() && !state_;
  share_above_ = by_road ? 0 : kCopyBelow;
  if (const std::uint64_t bytes = shared_bytes(*route.program, share_above_); bytes > 0) {
    shared_ = SharedBlock::take(route.pool, bytes);
  }
  std::vector<Frame> frames(2);
  if (!encode(route, message, frames)) return true;
  message.program = route.program->id;
  message.state = state_ ? state_->id : 0;
  message.key = key_;
  message.remaining_ms = remaining_ms(deadline_);
  message.traced = fleet_.host()->tracing(fleet_.host()) != 0;
  ++attempts_;
  sent_ = Clock::now();
  peer.begin_run(bytes_);
  const std::shared_ptr<Connection> connection = route.connection;
  {
    const std::lock_guard lock(mutex_);
    peer_ = &peer;
    loaded_ = route.program;
    connection_ = connection;
    unsent_on_ = connection;
    attached_.store(connection.get(), std::memory_order_release);
    changed_.notify_all();
  }
  allow_road(by_road && frames.size() == 2);
  connection->start(shared_from_this(), MessageType::kRun, encoder.encode(message),
                    std::move(frames));
  // A cancel that came while it was not under way yet found nothing to stop.
  if (cancelled_) stop_at(*connection, check_stop(Clock::now()));
  return true;
}

Status Run::take_result(const Reply& reply) {
  RunResult result;
  if (Status status = decode(reply.incoming.header, result); !status.ok()) return status;
  const auto& ports = loaded_->outputs;
  if (result.outputs.size() != ports.size()) {
    return fail(RDU_ERR_PLUGIN, "a result of ", result.outputs.size(), " outputs, not ",
                ports.size());
  }
  TensorReader reader(reply.incoming.payload);
  std::uint64_t at = shared_ ? shared_->offset() : 0;
  for (const PortBinding& port : loaded_->inputs) {
    if (shared_ && port.bytes > share_above_) at += aligned(port.bytes);
  }
  for (const TensorSpan& span : result.outputs) {
    const PortBinding* port = span.port < ports.size() ? &ports[span.port] : nullptr;
    if (port == nullptr || port->bytes != span.bytes) {
      return fail(RDU_ERR_PLUGIN, "output ", span.port, " of ", span.bytes,
                  " bytes is not one of the program's");
    }
    auto* data = static_cast<std::byte*>(binding_of(port->value)->data);
    const bool ours = shared_ && port->bytes > share_above_;
    if (span.shared != ours || (ours && span.shared_offset != at)) {
      return fail(RDU_ERR_PLUGIN, "output ", span.port, " is not where it was asked for");
    }
    if (ours) {
      std::memcpy(data, shared_->at(at, port->bytes).data(), port->bytes);
      at += aligned(port->bytes);
    } else if (Status status = reader.read({data, port->bytes}); !status.ok()) {
      return status;
    }
  }
  if (fleet_.host()->tracing(fleet_.host()) != 0) trace(result);
  return reader.finish();
}

// The peer's clock is not ours: its part is put in the middle of what the wire took.
void Run::trace(const RunResult& result) const {
  const std::uint64_t begin = ns_of(sent_), end = ns_of(Clock::now());
  const std::uint64_t at_peer = std::min(result.queue_ns + result.device_ns, end - begin);
  const std::uint64_t arrives = begin + (end - begin - at_peer) / 2;
  const std::uint64_t starts = arrives + std::min(result.queue_ns, at_peer);
  const std::uint64_t leaves = arrives + at_peer;
  const std::string track = "remote " + peer_->address().endpoint;
  const rdu_host_api* host = fleet_.host();
  const auto span = [&](const char* name, std::uint64_t from, std::uint64_t to,
                        const char* details) {
    const rdu_trace_span one{RDU_HEADER(rdu_trace_span), track.c_str(), name, from, to, details};
    host->trace(host, &one);
  };
  const std::string details = concat("{\"bytes\":", bytes_, ",\"attempt\":", attempts_,
                                     ",\"shared_memory\":", shared_ ? "true" : "false", "}");
  span("wire", begin, arrives, details.c_str());
  span("queue", arrives, starts, nullptr);
  span("device", starts, leaves, nullptr);
  span("wire", leaves, end, nullptr);
}

}  // namespace rdu::remote::client
