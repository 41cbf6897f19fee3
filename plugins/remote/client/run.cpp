// The life of a run: attempts, the end that the caller sees, and the memory that must be given back before it.
#include "plugins/remote/client/run.hpp"

#include <algorithm>
#include <rdu/plugin/graph.hpp>

#include "plugins/remote/client/fallback.hpp"
#include "plugins/remote/client/fleet.hpp"
#include "plugins/remote/client/shared_pool.hpp"

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;
using namespace std::chrono_literals;

namespace {

// A peer has this long to read what it was sent, once the run has ended without its answer.
constexpr auto kGrace = 500ms;
constexpr int kMostAttempts = 1000;

Clock::time_point at_ns(std::uint64_t ns) {
  if (ns == 0) return Clock::time_point::max();
  return Clock::time_point(std::chrono::nanoseconds(ns));
}

}  // namespace

Run::Run(Fleet& fleet, const Program& program, const rdu_submission& submission,
         std::optional<StateAt> state)
    : fleet_(fleet), program_(program), submission_(submission), state_(state) {
  for (const rdu_binding& binding : plugin::View<rdu_binding>(submission.bindings)) {
    bindings_.push_back(binding);
  }
  submission_.bindings = {bindings_.data(), static_cast<std::uint32_t>(bindings_.size()),
                          sizeof(rdu_binding)};
  submission_.waits = {};
  deadline_ = at_ns(submission.deadline_ns);
  gives_up_ = std::min(deadline_, fleet.patience());
  if (state_) key_ = state_->peer->next_effect();
}

Run::~Run() = default;

void Run::begin() {
  self_ = shared_from_this();
  if (deadline_ != Clock::time_point::max()) fleet_.watch(weak_from_this());
  attempt();
}

Status Run::check_stop(Clock::time_point now) const {
  if (cancelled_) return fail(RDU_ERR_CANCELLED, "the run was cancelled");
  if (now >= deadline_) return fail(RDU_ERR_DEADLINE_EXCEEDED, "the deadline has passed");
  return {};
}

void Run::attempt() {
  const auto now = Clock::now();
  if (Status stop = check_stop(now); !stop.ok()) return complete(std::move(stop));
  std::optional<Route> route;
  Peer* peer = nullptr;
  if (!state_) {
    peer = fleet_.choose(program_, route);
  } else {
    peer = state_->peer;
    route = peer->route(program_);
  }
  if (route && now >= not_before_ && send_over(*peer, *route)) return;
  if (is_done()) return;
  // Without any connection there is nothing to wait for where a fallback stands by.
  const bool alone = !route && fleet_.fallback() != nullptr && !state_ && fleet_.all_away();
  if (alone || now >= gives_up_) {
    Status why = status_.ok() ? fleet_.nobody_there() : status_;
    if (fleet_.fallback() == nullptr || state_) return complete(std::move(why));
    return fleet_.fallback()->run(shared_from_this(), std::move(why));
  }
  fleet_.wait_for_peer(shared_from_this());
}

bool Run::may_repeat(const Status& why) const {
  return !cancelled_ && attempts_ < kMostAttempts && Clock::now() < deadline_ &&
         why.code() == RDU_ERR_WORKER_LOST;
}

// Without a state a run is pure; with one, its key keeps it from happening twice.
void Run::ended(const Status& lost, Reply* reply) {
  const bool answered = reply != nullptr;
  Status status = lost;
  std::uint32_t retry_after_ms = 0;
  if (answered) {
    status = status_of(*reply, MessageType::kResult);
    if (status.ok()) {
      status = take_result(*reply);
    } else if (reply->incoming.prefix.type == MessageType::kError) {
      Error error;
      if (decode(reply->incoming.header, error).ok()) retry_after_ms = error.retry_after_ms;
    }
  }
  leave_peer(answered);
  // What an earlier attempt has left open stays so until a later one is answered.
  unanswered_ = !answered && (was_sent() || unanswered_);
  if (answered && status.code() != RDU_ERR_OVERLOADED) return complete(std::move(status));
  if (!answered && !may_repeat(status)) return complete(std::move(status));
  after_error(status, retry_after_ms);
}

void Run::after_error(const Status& status, std::uint32_t retry_after_ms) {
  const auto now = Clock::now();
  if (status.code() == RDU_ERR_WORKER_LOST && gives_up_ < deadline_) {
    gives_up_ = std::min(deadline_, fleet_.patience());
  }
  not_before_ = now + std::chrono::milliseconds(retry_after_ms);
  {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  if (not_before_ >= gives_up_) return complete(status);
  attempt();
}

void Run::leave_peer(bool answered) {
  std::shared_ptr<Connection> left;
  if (peer_ != nullptr) {
    const auto took = Clock::now() - sent_;
    peer_->end_run(bytes_, answered ? std::optional<std::chrono::nanoseconds>(took) : std::nullopt);
  }
  std::unique_ptr<SharedBlock> free;
  const std::lock_guard lock(mutex_);
  left = std::move(connection_);
  // What a peer that has not answered still has in its hands, it may write to: this run, which the connection keeps until
  // then, keeps that too.
  const bool lost = !answered && left->is_lost();
  if (lost && shared_) shared_->leave_to_peer();
  if (answered || lost) free = std::move(shared_);
  attached_.store(nullptr, std::memory_order_release);
  peer_ = nullptr;
  changed_.notify_all();
}

void Run::complete(Status status) {
  if (completed_.exchange(true)) return;
  if (state_ && unanswered_ && !status.ok()) state_->unknown->store(true);
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  release_one();
}

void Run::on_complete(rdu_event_fn fn, void* user) {
  set_background();
  std::shared_ptr<Connection> connection;
  Status status;
  {
    const std::lock_guard lock(mutex_);
    if (!is_done()) {
      callback_ = fn;
      user_ = user;
      connection = connection_;
    }
    status = status_;
  }
  if (connection) return connection->leave_to_background(*this);
  if (!is_done() || callback_ != nullptr) return;
  rdu_status* given = status.release(fleet_.host());
  fn(user, given);
  fleet_.free_status(given);
}

void Run::cancel() {
  if (cancelled_.exchange(true) || is_done()) return;
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    connection = connection_;
    overdue_ = Clock::now() + kGrace;
  }
  const Status stop = check_stop(Clock::now());
  if (connection) {
    fleet_.watch(weak_from_this());
    stop_at(*connection, stop);
  } else if (fleet_.stop_waiting(*this)) {
    complete(stop);
  }
}

// Nobody needs to know how a pure run ended; what became of a state only its peer can tell.
void Run::stop_at(Connection& connection, const Status& why) {
  if (state_) {
    connection.cancel(*this);
  } else {
    connection.abandon(*this, why);
  }
}

void Run::end_if_overdue(Clock::time_point now) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    if (is_done()) return;
    if (!overdue_ && deadline_ != Clock::time_point::max()) overdue_ = deadline_;
    if (!overdue_ || now < *overdue_) return;
    overdue_ = now + kGrace;
    connection = connection_;
  }
  const Status stop = check_stop(now);
  if (completed_) {
    // All that is missing is memory that ZeroMQ holds for a peer that takes nothing.
    if (unsent_on_) unsent_on_->lose(fail(RDU_ERR_WORKER_LOST, "the peer does not read"));
  } else if (!connection) {
    if (fleet_.stop_waiting(*this)) complete(stop);
  } else if (!state_) {
    connection->abandon(*this, stop);
  }
}

void Run::release(void*, void* owner) { static_cast<Run*>(owner)->release_one(); }

// The last hold ends the run: nobody reads the caller's memory any more.
void Run::release_one() {
  if (holds_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::shared_ptr<Run> self;
  std::shared_ptr<Connection> connection;
  rdu_event_fn callback = nullptr;
  Status status;
  {
    const std::lock_guard lock(mutex_);
    self = std::move(self_);
    done_.store(true, std::memory_order_release);
    callback = std::exchange(callback_, nullptr);
    status = status_;
    connection = connection_;
    changed_.notify_all();
  }
  if (connection) connection->wake();
  if (callback == nullptr) return;
  rdu_status* given = status.release(fleet_.host());
  callback(user_, given);
  fleet_.free_status(given);
}

std::optional<Status> Run::wait(std::uint64_t timeout_ns) {
  const auto now = Clock::now();
  const auto longest = std::chrono::hours(24 * 365);
  const auto until =
      now + std::min<Clock::duration>(longest, std::chrono::nanoseconds(std::min<std::uint64_t>(
                                                   timeout_ns, std::uint64_t{1} << 62)));
  while (!is_done()) {
    std::shared_ptr<Connection> connection;
    {
      std::unique_lock lock(mutex_);
      connection = connection_;
      if (!connection && !is_done()) changed_.wait_until(lock, until);
    }
    if (connection) {
      connection->drive(
          [&] {
            return is_done() || attached_.load(std::memory_order_acquire) != connection.get();
          },
          until);
    }
    if (Clock::now() >= until) break;
  }
  if (!is_done()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace rdu::remote::client
