// A mapping counts for its user until it is unmapped, not only as long as a connection has it.
#include "plugins/remote/node/memory_desk.hpp"

#include <algorithm>

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kMostAtOnce = std::uint64_t{1} << 30;

}  // namespace

std::shared_ptr<void> Account::book(const std::string& user, std::uint64_t bytes) {
  const auto found = used_->find(user);
  const std::uint64_t before = found == used_->end() ? 0 : found->second;
  if (bytes > most_ - std::min(before, most_)) return nullptr;
  (*used_)[user] = before + bytes;
  return {used_.get(), [used = used_, user, bytes](void*) {
            const auto entry = used->find(user);
            entry->second -= bytes;
            if (entry->second == 0) used->erase(entry);
          }};
}

void MemoryDesk::share(const Request& request, bool local) {
  ShareMemory wish;
  if (!read_request(services_, request, wish)) return;
  Outbox& outbox = services_.outbox;
  if (!local) {
    return outbox.fail(request.to, fail(RDU_ERR_UNSUPPORTED, "memory is shared on loopback only"));
  }
  if (wish.bytes > kMostAtOnce) {
    return outbox.fail(request.to,
                       fail(RDU_ERR_LIMIT_EXCEEDED, wish.bytes, " bytes, at most ", kMostAtOnce));
  }
  const Result<SharedMemory> answer = make(request.to.from, wish.bytes);
  if (!answer.ok()) return outbox.fail(request.to, answer.status());
  outbox.reply(request.to, MessageType::kSharedMemory, *answer);
}

Result<SharedMemory> MemoryDesk::make(const ConnectionPtr& connection, std::uint64_t bytes) {
  if (bytes < SharedRegion::kFirstOffset)
    return fail(RDU_ERR_INVALID_ARGUMENT, bytes, " bytes of shared memory");
  const bool with_road = (connection->features & kFeatureRoad) != 0;
  auto mapping = std::make_shared<SharedMapping>();
  mapping->entry = account_.book(connection->client.name, bytes);
  if (!mapping->entry) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, "all connections of one client may share ", account_.most(),
                " bytes with this peer: ", bytes, " more are too many");
  }
  Result<SharedRegion> region = SharedRegion::create(bytes + (with_road ? Road::size() : 0));
  if (!region.ok()) return region.status();
  drop(*connection);
  mapping->region = std::make_shared<const SharedRegion>(std::move(*region));
  SharedMemory answer = mapping->region->describe();
  mapping->end = answer.bytes;
  if (with_road) {
    Result<std::unique_ptr<Road>> road = Road::create(mapping->region, answer);
    if (!road.ok()) return road.status();
    mapping->road = std::move(*road);
    mapping->end = answer.rings_at;
  }
  connection->shared = std::move(mapping);
  if (with_road) RDU_NODE_TRY(roads_.add(connection));
  return answer;
}

void MemoryDesk::drop(Connection& connection) {
  if (!connection.shared) return;
  if (connection.shared->road) roads_.remove(connection);
  connection.shared->road.reset();
  dropped_.push_back(std::move(connection.shared));
  connection.shared.reset();
  release();
}

// A worker must not lose memory that a run in it has begun with, or will begin with.
void MemoryDesk::release() {
  std::erase_if(dropped_, [this](const std::shared_ptr<SharedMapping>& shared) {
    if (shared.use_count() > 1) return false;
    for (const auto& lane : services_.lanes) {
      const auto known = shared->known.find(lane->worker());
      if (known != shared->known.end() && lane->worker()->process() == known->second.process) {
        lane->worker()->forget(known->second.number);
      }
    }
    return true;
  });
}

}  // namespace rdu::remote::node
