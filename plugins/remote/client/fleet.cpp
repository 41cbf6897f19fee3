// Load-aware choice, and patience: a run waits for a peer as long as timeout_ms says, then goes to the fallback or fails.
#include "plugins/remote/client/fleet.hpp"

#include <algorithm>

#include "plugins/remote/client/fallback.hpp"

namespace rdu::remote::client {

using plugin::concat;
using plugin::fail;
using plugin::Result;
using plugin::Status;

Fleet::Fleet(const rdu_host_api* host, const Address& address) : host_(host), address_(address) {}

Fleet::~Fleet() {
  std::vector<std::shared_ptr<Run>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const auto& run : waiting) run->complete(fail(RDU_ERR_CANCELLED, "the device is closed"));
  peers_.clear();
}

Clock::time_point Fleet::patience() const {
  return Clock::now() + std::chrono::milliseconds(address_.timeout_ms);
}

Result<std::unique_ptr<Fleet>> Fleet::open(const rdu_host_api* host, const Address& address) {
  auto fleet = std::make_unique<Fleet>(host, address);
  Result<std::shared_ptr<Context>> context = Context::create();
  if (!context.ok()) return context.status();
  fleet->context_ = std::move(*context);
  if (!address.fallback.empty()) {
    Result<std::unique_ptr<Fallback>> fallback = Fallback::open(host, address.fallback);
    if (!fallback.ok()) return fallback.status();
    fleet->fallback_ = std::move(*fallback);
  }
  Fleet* self = fleet.get();
  const Peer::Callbacks callbacks = {[self] {
                                       { const std::lock_guard lock(self->mutex_); }
                                       self->settled_.notify_all();
                                       self->retry();
                                     },
                                     [self] { self->look_after(); },
                                     [host](std::uint32_t level, const std::string& words) {
                                       host->log(host, level, words.c_str());
                                     }};
  // All connect at once; the list is complete before any of their threads looks at it.
  std::vector<std::unique_ptr<Peer>> peers;
  for (const PeerAddress& peer : address.peers) {
    peers.push_back(
        std::make_unique<Peer>(Connection::Config{fleet->context_,
                                                  peer,
                                                  address.keys,
                                                  {},
                                                  std::chrono::milliseconds(address.liveness_ms),
                                                  address.shared_memory,
                                                  std::chrono::microseconds(address.spin_us)},
                               callbacks));
  }
  fleet->peers_ = std::move(peers);
  for (const auto& peer : fleet->peers_) peer->begin();
  if (Status status = fleet->settle(); !status.ok()) return status;
  return fleet;
}

Status Fleet::settle() {
  const auto until = patience();
  std::unique_lock lock(mutex_);
  settled_.wait_until(lock, until, [&] {
    return std::all_of(peers_.begin(), peers_.end(), [](const auto& p) { return p->is_settled(); });
  });
  const bool any = std::any_of(peers_.begin(), peers_.end(),
                               [](const auto& peer) { return peer->connection() != nullptr; });
  if (any || fallback_) return {};
  // One peer's own code says more than that nobody is there.
  const Status first = peers_.front()->problem();
  return fail(first.ok() ? RDU_ERR_WORKER_LOST : first.code(), problems());
}

Result<Peer*> Fleet::wait_any(Clock::time_point until) const {
  std::unique_lock lock(mutex_);
  Peer* found = nullptr;
  settled_.wait_until(lock, until, [&] {
    for (const auto& peer : peers_) {
      const auto connection = peer->connection();
      if (!connection || connection->is_lost() || connection->is_draining()) continue;
      if (found == nullptr || peer->cost() < found->cost()) found = peer.get();
    }
    return found != nullptr;
  });
  if (found != nullptr) return found;
  return nobody_there();
}

bool Fleet::all_away() const {
  return std::none_of(peers_.begin(), peers_.end(),
                      [](const auto& peer) { return peer->connection() != nullptr; });
}

Status Fleet::nobody_there() const {
  return fail(RDU_ERR_WORKER_LOST, "no peer takes the run: ", problems());
}

// What is the matter with each, in their order.
std::string Fleet::problems() const {
  std::string all;
  for (const auto& peer : peers_) {
    const Status problem = peer->problem();
    const auto connection = peer->connection();
    if (!all.empty()) all += "; ";
    if (!problem.ok()) {
      all += problem.message();
    } else {
      all += concat("peer ", peer->address().endpoint,
                    connection == nullptr       ? " does not answer"
                    : connection->is_draining() ? " is about to stop"
                                                : " has not loaded the model");
    }
  }
  return all;
}

// Hosts of before this function leak the words of a failure.
void Fleet::free_status(rdu_status* status) const {
  if (status != nullptr && RDU_HAS(host_, free_status)) host_->free_status(host_, status);
}

Peer* Fleet::choose(const Program& program, std::optional<Route>& out_route) const {
  Peer* best = nullptr;
  double least = 0;
  for (const auto& peer : peers_) {
    std::optional<Route> route = peer->route(program);
    if (!route || route->connection->is_draining()) continue;
    const double cost = peer->cost();
    if (best != nullptr && cost >= least) continue;
    best = peer.get();
    least = cost;
    out_route = std::move(route);
  }
  return best;
}

void Fleet::wait_for_peer(std::shared_ptr<Run> run) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(run));
}

void Fleet::watch(std::weak_ptr<Run> run) {
  const std::lock_guard lock(mutex_);
  watched_.push_back(std::move(run));
}

bool Fleet::stop_waiting(const Run& run) {
  std::shared_ptr<Run> kept;
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& waits) { return waits.get() == &run; });
  if (found == waiting_.end()) return false;
  kept = std::move(*found);
  waiting_.erase(found);
  return true;
}

// Those whose time has not come stay; a run that finds no peer comes back by itself.
void Fleet::retry() {
  std::vector<std::shared_ptr<Run>> due;
  const auto now = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto later = std::stable_partition(
        waiting_.begin(), waiting_.end(),
        [&](const auto& run) { return run->not_before() > now && run->gives_up() > now; });
    due.assign(std::make_move_iterator(later), std::make_move_iterator(waiting_.end()));
    waiting_.erase(later, waiting_.end());
  }
  for (const auto& run : due) run->attempt();
}

void Fleet::look_after() {
  std::vector<std::shared_ptr<Run>> runs;
  bool some_wait = false;
  {
    const std::lock_guard lock(mutex_);
    some_wait = !waiting_.empty();
    std::erase_if(watched_, [](const auto& run) { return run.expired(); });
    for (const auto& watched : watched_) {
      if (auto run = watched.lock()) runs.push_back(std::move(run));
    }
  }
  const auto now = Clock::now();
  for (const auto& run : runs) run->end_if_overdue(now);
  if (some_wait) retry();
}

}  // namespace rdu::remote::client
