// Requests with a key, repeated until they are answered or patience ends.
#include "plugins/remote/client/state.hpp"

#include "plugins/remote/client/process.hpp"

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

Result<Reply> answered(Result<Reply> reply, MessageType expected) {
  if (!reply.ok()) return reply;
  if (Status status = status_of(*reply, expected); !status.ok()) return status;
  return reply;
}

Result<std::uint64_t> created(const Result<Reply>& reply) {
  if (!reply.ok()) return reply.status();
  StateCreated made;
  if (Status status = decode(reply->incoming.header, made); !status.ok()) return status;
  return made.state;
}

}  // namespace

Result<std::unique_ptr<State>> State::make(Fleet& fleet, const Program& program) {
  const auto until = fleet.patience();
  std::optional<Route> route;
  Peer* peer = fleet.choose(program, route);
  if (peer == nullptr) {
    const Result<Peer*> any = fleet.wait_any(until);
    if (!any.ok()) return any.status();
    peer = *any;
  }
  const EffectKey key = peer->next_effect();
  const Result<std::uint64_t> id =
      created(answered(peer->request_effect(
                           MessageType::kStateCreate, program,
                           [&](Encoder& encoder, std::uint64_t id_there) {
                             return encoder.encode(StateCreate{id_there, key});
                           },
                           {}, until),
                       MessageType::kStateCreated));
  if (!id.ok()) return id.status();
  return std::make_unique<State>(fleet, program, *peer, *id);
}

State::~State() {
  if (is_forked()) return;
  static_cast<void>(call(MessageType::kStateDestroy, MessageType::kDone));
}

Result<Reply> State::call(MessageType type, MessageType expected, std::uint32_t variable,
                          std::uint64_t bytes, std::span<const std::byte> payload) {
  const StateCall call{id_, variable, bytes, peer_.next_effect()};
  return answered(
      peer_.request_effect(
          type, program_, [&](Encoder& encoder, std::uint64_t) { return encoder.encode(call); },
          payload, fleet_.patience()),
      expected);
}

Result<std::uint32_t> State::number_of(std::uint32_t variable) const {
  const auto loaded = peer_.wait_loaded(program_, fleet_.patience());
  if (!loaded) return fail(RDU_ERR_WORKER_LOST, "peer ", peer_.address().endpoint, " is away");
  if (variable >= loaded->variables.size() || loaded->variables[variable] == RDU_NONE) {
    return fail(RDU_ERR_NOT_FOUND, "the peer's state has no variable ", variable);
  }
  return loaded->variables[variable];
}

Status State::read(std::uint32_t variable, void* out, std::uint64_t bytes) {
  if (unknown_) {
    return fail(RDU_ERR_WORKER_LOST, "a run with this state was lost with its peer: reset it");
  }
  const Result<std::uint32_t> number = number_of(variable);
  if (!number.ok()) return number.status();
  const Result<Reply> reply =
      call(MessageType::kStateRead, MessageType::kStateData, *number, bytes);
  if (!reply.ok()) return reply.status();
  TensorReader reader(reply->incoming.payload);
  if (Status status = reader.read({static_cast<std::byte*>(out), bytes}); !status.ok()) {
    return status;
  }
  return reader.finish();
}

Status State::write(std::uint32_t variable, const void* data, std::uint64_t bytes) {
  const Result<std::uint32_t> number = number_of(variable);
  if (!number.ok()) return number.status();
  return call(MessageType::kStateWrite, MessageType::kDone, *number, bytes,
              {static_cast<const std::byte*>(data), bytes})
      .status();
}

Status State::reset() {
  const Status status = call(MessageType::kStateReset, MessageType::kDone).status();
  if (status.ok()) unknown_ = false;
  return status;
}

Result<std::unique_ptr<State>> State::clone() {
  const Result<std::uint64_t> id =
      created(call(MessageType::kStateClone, MessageType::kStateCreated));
  if (!id.ok()) return id.status();
  return std::make_unique<State>(fleet_, program_, peer_, *id);
}

}  // namespace rdu::remote::client
