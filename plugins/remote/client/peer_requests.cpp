// What a peer is asked beside runs: ship, check, load, forget, and requests with an effect.
#include <algorithm>

#include "plugins/remote/client/peer.hpp"

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

// Pages of it exist once they are used.
constexpr std::uint64_t kSharedBytes = 64u << 20;
constexpr std::chrono::seconds kShareTime{2};
// Chunks on their way are lost with the connection, or with the peer before it has stored them: a small part of the whole,
// but enough to keep both sides busy.
constexpr std::uint64_t kFewestAhead = 2, kPartAhead = 32;

std::uint64_t most_ahead(const Offer& offer) {
  std::uint64_t total = 0;
  for (const std::uint64_t bytes : offer.part_bytes) total += bytes;
  // With the header of each.
  return std::max(total / kPartAhead, kFewestAhead * (offer.chunk_bytes + 1024));
}

Result<std::shared_ptr<SharedPool>> attach_memory(Connection& connection,
                                                  const SharedMemory& answer) {
  Result<SharedRegion> attached = SharedRegion::attach(answer);
  if (!attached.ok()) return attached.status();
  const auto region = std::make_shared<const SharedRegion>(std::move(*attached));
  if (answer.rings_at == 0) return std::make_shared<SharedPool>(region, answer.bytes);
  Result<std::unique_ptr<Road>> road = Road::attach(region, answer);
  if (!road.ok()) return road.status();
  connection.take_road(std::move(*road));
  return std::make_shared<SharedPool>(region, answer.rings_at);
}

Result<Reply> answered(Result<Reply> reply, MessageType expected) {
  if (!reply.ok()) return reply;
  if (Status status = status_of(*reply, expected); !status.ok()) return status;
  return reply;
}

}  // namespace

std::shared_ptr<SharedPool> Peer::share_memory(Connection& connection) {
  const bool offered = (connection.welcome().features & kFeatureSharedMemory) != 0;
  if (!config_.shared_memory || !offered || !is_local(config_.peer.endpoint)) return nullptr;
  Encoder encoder;
  const Result<Reply> reply = answered(
      connection.request(MessageType::kShareMemory, encoder.encode(ShareMemory{kSharedBytes}), {},
                         Clock::now() + kShareTime),
      MessageType::kSharedMemory);
  SharedMemory answer;
  Status status = reply.ok() ? decode(reply->incoming.header, answer) : reply.status();
  if (status.ok()) {
    Result<std::shared_ptr<SharedPool>> pool = attach_memory(connection, answer);
    if (pool.ok()) return std::move(*pool);
    status = pool.status();
  }
  callbacks_.log(RDU_LOG_DEBUG,
                 "no shared memory with peer " + config_.peer.endpoint + ": " + status.message());
  return nullptr;
}

// Only what is missing goes out: a second session sends hashes, an interrupted one the rest.
Status Peer::ship(Connection& connection, const Shipment& shipment, Clock::time_point until) {
  const std::lock_guard one_at_a_time(shipping_);
  const Offer& offer = shipment.offer;
  {
    const std::lock_guard lock(mutex_);
    if (shipped_.contains(offer.artifact)) return {};
  }
  Encoder encoder;
  Result<Reply> reply =
      answered(connection.request(MessageType::kOffer, encoder.encode(offer), {}, until),
               MessageType::kHave);
  if (!reply.ok()) return reply.status();
  Have have;
  if (Status status = decode(reply->incoming.header, have); !status.ok()) return status;
  const Result<std::vector<ChunkPlace>> places = chunk_places(offer.part_bytes, offer.chunk_bytes);
  if (!places.ok()) return places.status();
  for (const std::uint32_t index : have.missing) {
    if (index >= places->size()) {
      return fail(RDU_ERR_PLUGIN, "the peer wants chunk ", index, " of ", places->size());
    }
    const ChunkPlace& place = (*places)[index];
    std::vector<Frame> payload;
    payload.push_back(
        Frame::copy_of(shipment.parts[place.part].subspan(place.offset, place.bytes)));
    const Chunk chunk{offer.artifact, index};
    if (Status status = connection.post(MessageType::kChunk, encoder.encode(chunk),
                                        std::move(payload), most_ahead(offer), until);
        !status.ok()) {
      return status;
    }
  }
  reply = answered(
      connection.request(MessageType::kCommit, encoder.encode(Commit{offer.artifact}), {}, until),
      MessageType::kCommitted);
  if (!reply.ok()) return reply.status();
  const std::lock_guard lock(mutex_);
  if (!connection.is_lost()) shipped_.insert(offer.artifact);
  return {};
}

Result<Checked> Peer::check(const Shipment& shipment, std::uint32_t signature,
                            std::uint32_t variant, Clock::time_point until) {
  const Result<std::shared_ptr<Connection>> connection = wait_connected(until);
  if (!connection.ok()) return connection.status();
  if (Status status = ship(**connection, shipment, until); !status.ok()) return status;
  Encoder encoder;
  const Check check{shipment.offer.artifact, config_.peer.device, signature, variant};
  const Result<Reply> reply =
      answered((*connection)->request(MessageType::kCheck, encoder.encode(check), {}, until),
               MessageType::kChecked);
  if (!reply.ok()) return reply.status();
  Checked checked;
  if (Status status = decode(reply->incoming.header, checked); !status.ok()) return status;
  return checked;
}

Status Peer::load(const Program& program, const rdu_load& load, Clock::time_point until) {
  const Result<std::shared_ptr<Connection>> connection = wait_connected(until);
  if (!connection.ok()) return connection.status();
  const std::lock_guard loading(loading_);
  return load_at(**connection, {&program, kept_load(load), {}, 0}, until);
}

void Peer::load_later(const Program& program, const rdu_load& load) {
  const std::lock_guard lock(mutex_);
  wanted_.try_emplace(&program, Wanted{&program, kept_load(load), {}, 0});
  if (connection_) connection_->wake();
}

Status Peer::load_at(Connection& connection, Wanted wanted, Clock::time_point until) {
  const Program& program = *wanted.program;
  if (Status status = ship(connection, *program.shipment, until); !status.ok()) return status;
  Encoder encoder;
  const Load load{program.shipment->offer.artifact,
                  config_.peer.device,
                  program.signature,
                  program.variant,
                  program.first_section,
                  program.end_section,
                  program.stateless};
  const Result<Reply> reply =
      answered(connection.request(MessageType::kLoad, encoder.encode(load), {}, until),
               MessageType::kLoaded);
  if (!reply.ok()) return reply.status();
  Loaded loaded;
  if (Status status = decode(reply->incoming.header, loaded); !status.ok()) return status;
  Result<LoadedProgram> matched = match_ports(loaded, wanted.load);
  if (!matched.ok()) return matched.status();
  wanted.loaded = std::make_shared<const LoadedProgram>(std::move(*matched));
  wanted.connection = connection.serial();
  {
    const std::lock_guard lock(mutex_);
    wanted_.insert_or_assign(&program, std::move(wanted));
  }
  changed_.notify_all();
  return {};
}

// Afterwards nobody here reads the program or its bytes any more.
void Peer::forget(const Program& program) {
  const std::lock_guard loading(loading_);
  std::shared_ptr<Connection> connection;
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = wanted_.find(&program);
    if (found == wanted_.end()) return;
    if (connection_ && found->second.loaded && found->second.connection == connection_->serial()) {
      connection = connection_;
      id = found->second.loaded->id;
    }
    wanted_.erase(found);
  }
  if (!connection || connection->is_lost()) return;
  Encoder encoder;
  const auto until = Clock::now() + std::chrono::seconds(1);
  static_cast<void>(
      connection->request(MessageType::kUnload, encoder.encode(Unload{id}), {}, until));
}

std::shared_ptr<const LoadedProgram> Peer::wait_loaded(const Program& program,
                                                       Clock::time_point until) const {
  std::unique_lock lock(mutex_);
  std::shared_ptr<const LoadedProgram> loaded;
  changed_.wait_until(lock, until, [&] {
    const auto found = wanted_.find(&program);
    if (found == wanted_.end()) return true;
    const bool current = connection_ && found->second.connection == connection_->serial();
    if (current) loaded = found->second.loaded;
    return current;
  });
  return loaded;
}

Result<Reply> Peer::request_effect(MessageType type, const Program& program,
                                   const MakeHeader& header, std::span<const std::byte> payload,
                                   Clock::time_point until) {
  Encoder encoder;
  for (;;) {
    const std::shared_ptr<const LoadedProgram> loaded = wait_loaded(program, until);
    const Result<std::shared_ptr<Connection>> connection = wait_connected(until);
    if (!connection.ok()) return connection.status();
    if (!loaded) {
      return fail(RDU_ERR_WORKER_LOST, "peer ", config_.peer.endpoint, " has not loaded the model");
    }
    std::vector<Frame> frames;
    // Copied: the caller's memory is his again as soon as this returns.
    const std::uint64_t most = (*connection)->welcome().limits.max_frame_bytes;
    for (std::size_t at = 0; at < payload.size(); at += most) {
      frames.push_back(
          Frame::copy_of(payload.subspan(at, std::min<std::size_t>(most, payload.size() - at))));
    }
    Result<Reply> reply =
        (*connection)->request(type, header(encoder, loaded->id), std::move(frames), until);
    if (reply.ok() || !(*connection)->is_lost() || Clock::now() >= until) return reply;
  }
}

}  // namespace rdu::remote::client
