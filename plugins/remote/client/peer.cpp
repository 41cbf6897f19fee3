// The peer's thread: connects with back-off and jitter, loads what is wanted over the new connection, serves calls nobody waits for.
#include "plugins/remote/client/peer.hpp"

#include <algorithm>

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;
using namespace std::chrono_literals;

namespace {

// Long enough for a handshake at a peer that is hardly given any processor; an attempt that is cut short is work for
// nothing, there and here.
constexpr std::chrono::milliseconds kConnectTime{15'000};
constexpr std::chrono::milliseconds kLoadTime{30'000};
constexpr std::chrono::milliseconds kFirstBackOff{20};
constexpr std::chrono::milliseconds kLongestBackOff{2000};
constexpr std::chrono::milliseconds kTurn{100};
// A new latency counts this much.
constexpr double kFreshness = 0.2;

// May the same peer, over the same connection, say something else in a moment? A worker that died is started again.
bool may_change(const Status& refusal) {
  return refusal.code() == RDU_ERR_WORKER_LOST || refusal.code() == RDU_ERR_OVERLOADED ||
         refusal.code() == RDU_ERR_DEADLINE_EXCEEDED;
}

}  // namespace

Peer::Peer(const Connection::Config& config, Callbacks callbacks)
    : config_(config), callbacks_(std::move(callbacks)) {
  std::uint32_t seed = 1;
  fill_random(std::as_writable_bytes(std::span(&seed, 1)));
  random_.seed(seed);
  fill_random(std::span<std::uint8_t>(config_.session));
  config_.give_up = stopping_;
}

void Peer::begin() {
  thread_ = std::thread([this] { run(); });
}

Peer::~Peer() {
  {
    const std::lock_guard lock(mutex_);
    *stopping_ = true;
    if (connection_) connection_->wake();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Peer::run() {
  std::unique_lock lock(mutex_);
  while (!*stopping_) {
    lock.unlock();
    Result<std::shared_ptr<Connection>> opened =
        Connection::open(config_, Clock::now() + kConnectTime);
    Status status = opened.status();
    if (opened.ok()) status = load_wanted(*opened);
    if (status.ok()) keep(*opened);
    if (opened.ok()) (*opened)->lose(fail(RDU_ERR_WORKER_LOST, "the connection is closed"));
    lock.lock();
    failures_ = status.ok() ? 0 : failures_ + 1;
    if (!status.ok()) problem_ = status;
    settled_ = true;
    changed_.notify_all();
    lock.unlock();
    callbacks_.changed();
    lock.lock();
    const auto until = Clock::now() + back_off();
    while (!*stopping_ && Clock::now() < until) {
      changed_.wait_until(lock, std::min(until, Clock::now() + kTurn),
                          [this] { return stopping_->load(); });
      lock.unlock();
      callbacks_.tick();
      lock.lock();
    }
  }
}

std::chrono::milliseconds Peer::back_off() {
  const int doublings = std::min(failures_, 7);
  const auto longest = std::min(kFirstBackOff * (1 << doublings), kLongestBackOff);
  return longest / 2 + std::chrono::milliseconds(random_() % (longest.count() / 2 + 1));
}

// From here on the connection is everybody's, until it is lost.
void Peer::keep(const std::shared_ptr<Connection>& connection) {
  std::shared_ptr<SharedPool> pool = share_memory(*connection);
  {
    const std::lock_guard lock(mutex_);
    connection_ = connection;
    pool_ = std::move(pool);
    settled_ = true;
    problem_ = {};
  }
  changed_.notify_all();
  callbacks_.log(RDU_LOG_INFO, "connected to peer " + config_.peer.endpoint);
  callbacks_.changed();
  for (bool stop = false; !stop && !connection->is_lost();) {
    connection->lead_background(kTurn);
    callbacks_.tick();
    if (!load_wanted(connection).ok()) break;
    const std::lock_guard lock(mutex_);
    stop = *stopping_;
  }
  const std::lock_guard lock(mutex_);
  connection_.reset();
  pool_.reset();
  shipped_.clear();
  if (connection->is_lost()) {
    problem_ = connection->why_lost();
    callbacks_.log(RDU_LOG_WARNING, problem_.message());
  }
}

std::optional<Peer::Wanted> Peer::next_wanted(const Connection& connection) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [program, wanted] : wanted_) {
    if (wanted.connection != connection.serial()) return wanted;
  }
  return std::nullopt;
}

// What was loaded over another connection, or never. A program that the peer refuses does not keep the others away; one
// that it cannot load just now is tried again in the next turn.
Status Peer::load_wanted(const std::shared_ptr<Connection>& connection) {
  for (;;) {
    const std::lock_guard loading(loading_);
    std::optional<Wanted> next = next_wanted(*connection);
    if (!next) return {};
    const Program* program = next->program;
    const Status status = load_at(*connection, std::move(*next), Clock::now() + kLoadTime);
    if (connection->is_lost()) return connection->why_lost();
    if (!status.ok()) {
      callbacks_.log(RDU_LOG_WARNING,
                     plugin::concat("peer ", config_.peer.endpoint,
                                    " does not load the model: ", status.message()));
      if (may_change(status)) return {};
      const std::lock_guard lock(mutex_);
      const auto found = wanted_.find(program);
      if (found != wanted_.end()) {
        found->second.connection = connection->serial();
        found->second.loaded.reset();
      }
    }
    callbacks_.changed();
  }
}

std::shared_ptr<Connection> Peer::connection() const {
  const std::lock_guard lock(mutex_);
  return connection_;
}

bool Peer::is_settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

Status Peer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Result<std::shared_ptr<Connection>> Peer::wait_connected(Clock::time_point until) const {
  std::unique_lock lock(mutex_);
  const auto up = [this] { return connection_ && !connection_->is_lost(); };
  if (changed_.wait_until(lock, until, up)) return connection_;
  return fail(RDU_ERR_WORKER_LOST, "peer ", config_.peer.endpoint, " is away",
              problem_.ok() ? "" : ": ", problem_.message());
}

std::optional<Route> Peer::route(const Program& program) const {
  const std::lock_guard lock(mutex_);
  if (!connection_ || connection_->is_lost()) return std::nullopt;
  const auto found = wanted_.find(&program);
  if (found == wanted_.end() || !found->second.loaded ||
      found->second.connection != connection_->serial()) {
    return std::nullopt;
  }
  return Route{connection_, found->second.loaded, pool_};
}

void Peer::begin_run(std::uint64_t bytes) {
  runs_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

void Peer::end_run(std::uint64_t bytes, std::optional<std::chrono::nanoseconds> took) {
  runs_.fetch_sub(1, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  if (!took) return;
  const double old = latency_ns_.load(std::memory_order_relaxed);
  latency_ns_.store(old + kFreshness * (static_cast<double>(took->count()) - old),
                    std::memory_order_relaxed);
}

// How long a run that is sent now may take: the queue in front of it, at the pace of the last ones.
double Peer::cost() const {
  const auto runs = static_cast<double>(runs_.load(std::memory_order_relaxed));
  const auto bytes = static_cast<double>(bytes_.load(std::memory_order_relaxed));
  return (runs + 1) * latency_ns_.load(std::memory_order_relaxed) / std::max(1.0, runs) + bytes;
}

EffectKey Peer::next_effect() { return {config_.session, ++sequence_}; }

}  // namespace rdu::remote::client
