// Who leads, who follows, and what is done with what comes in.
#include "plugins/remote/client/connection.hpp"

#include <algorithm>
#include <utility>

namespace rdu::remote::client {

using plugin::fail;
using plugin::Status;

namespace {

constexpr int kMostBadMessages = 3;
constexpr std::chrono::milliseconds kLongestPoll{100};

int to_poll_ms(Clock::duration left) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, kLongestPoll.count()));
}

}  // namespace

bool Connection::drive(const std::function<bool()>& done, Clock::time_point until) {
  Lock lock(mutex_);
  while (!done()) {
    if (Clock::now() >= until) return false;
    if (!leading_ && !is_lost()) {
      lead(lock, until);
      continue;
    }
    Follower self{{}, &done};
    const auto place = followers_.insert(followers_.end(), &self);
    self.wakes.wait_until(lock, std::min(until, Clock::now() + kLongestPoll));
    followers_.erase(place);
  }
  pass_lead();
  return true;
}

// One turn: what comes within the time. Nothing lies there unread: whoever uses the socket reads until it is empty.
// Others may lead while results are copied out.
void Connection::lead(Lock& lock, Clock::time_point until) {
  leading_ = true;
  if (finished_.empty() && !is_lost()) {
    Road* road = road_.get();
    pollfd polled[] = {{dealer_.fd(), POLLIN, 0},
                       {dealer_.monitor().fd(), POLLIN, 0},
                       {wake_.get(), POLLIN, 0},
                       {road != nullptr ? road->bell() : -1, POLLIN, 0}};
    lock.unlock();
    poll_.wait(polled, to_poll_ms(until - Clock::now()), road);
    lock.lock();
    if (polled[2].revents != 0) wake_.clear();
    if (polled[1].revents != 0) take_events();
    if ((polled[3].revents & POLLIN) != 0) road->hush();
    const bool silent = (polled[3].revents & (POLLIN | POLLHUP)) == POLLHUP;
    take_all(lock);
    if (silent) drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " has gone"));
  }
  leading_ = false;
  pass_lead();
  end_calls(lock);
}

// Somebody must lead, if anybody waits.
void Connection::pass_lead() {
  if (leading_) return;
  for (Follower* follower : followers_) {
    if ((*follower->done)()) continue;
    follower->wakes.notify_one();
    return;
  }
  if (num_background_ > 0) background_.notify_one();
}

void Connection::lead_background(std::chrono::milliseconds most) {
  Lock lock(mutex_);
  const auto until = Clock::now() + most;
  while (!is_lost() && !woken_ && Clock::now() < until) {
    if (num_background_ > 0 && !leading_) {
      lead(lock, until);
    } else {
      background_.wait_until(
          lock, until, [&] { return woken_ || is_lost() || (num_background_ > 0 && !leading_); });
    }
  }
  woken_ = false;
  if (!leading_ && !is_lost()) {
    take_events();
    take_all(lock);
  }
  check_liveness(Clock::now());
  end_calls(lock);
}

void Connection::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  background_.notify_one();
  wake_.set();
  for (Follower* follower : followers_) follower->wakes.notify_one();
}

// Reads until nothing is left: the descriptor only tells of what is new.
void Connection::take_all(Lock& lock) {
  while (!is_lost()) {
    const plugin::Result<bool> got = dealer_.receive(incoming_);
    if (!got.ok()) return drop(got.status());
    if (!*got) break;
    heard_ = Clock::now();
    take_one(incoming_);
  }
  take_from_road();
  if (!is_lost()) send_waiting(lock);
}

void Connection::take_from_road() {
  while (road_ && !is_lost()) {
    auto reply = std::make_unique<Reply>();
    const plugin::Result<bool> got = road_->receive(reply->header, reply->incoming);
    if (got.ok() && !*got) return;
    if (!got.ok() || is_nonsense(reply->incoming)) {
      return drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " answers nonsense over its road: ",
                       got.ok() ? "another epoch" : got.status().message()));
    }
    heard_ = Clock::now();
    const std::uint64_t request = reply->incoming.prefix.request;
    finish(request, std::move(reply));
  }
}

bool Connection::is_nonsense(const plugin::Result<Incoming>& opened) const {
  return !opened.ok() || (greeted_ && opened->prefix.epoch != welcome_.boot_epoch);
}

void Connection::take_one(std::vector<Frame>& frames) {
  auto reply = std::make_unique<Reply>();
  const plugin::Result<Incoming> opened = open_message(frames, reply->header);
  if (is_nonsense(opened)) {
    if (++num_bad_ < kMostBadMessages) return;
    return drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " answers nonsense: ",
                     opened.ok() ? "another epoch" : opened.status().message()));
  }
  reply->incoming = *opened;
  switch (opened->prefix.type) {
    case MessageType::kCredit:
    case MessageType::kPing:
    case MessageType::kPong:
    case MessageType::kGoAway:
      return take_control(*opened);
    default:
      reply->frames = std::move(frames);
      frames.clear();
      return finish(opened->prefix.request, std::move(reply));
  }
}

void Connection::take_control(const Incoming& incoming) {
  if (incoming.prefix.type == MessageType::kCredit) {
    Credit credit;
    if (!decode(incoming.header, credit).ok()) return;
    credit_.give_back(credit.bytes);
    posted_ -= std::min(posted_, credit.bytes);
  } else if (incoming.prefix.type == MessageType::kPing) {
    send_control(MessageType::kPong, incoming.prefix.request, {});
  } else if (incoming.prefix.type == MessageType::kGoAway) {
    draining_ = true;
  }
}

void Connection::take_events() {
  while (const auto event = dealer_.next_event()) {
    switch (*event) {
      case LinkEvent::kReady:
        ready_ = true;
        break;
      case LinkEvent::kRefused:
        return drop(
            fail(RDU_ERR_PERMISSION, "peer ", endpoint_,
                 " refuses the connection: wrong server_key, or our key is not on its list"));
      case LinkEvent::kUnreachable:
        if (ready_) break;
        return drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " is not reachable"));
      case LinkEvent::kDisconnected:
        return drop(
            fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_,
                 ready_ ? " has gone" : " ends the connection at once: does it ask for keys?"));
    }
  }
}

void Connection::finish(std::uint64_t request, std::unique_ptr<Reply> reply, const Status& why) {
  if (const auto left = abandoned_.find(request); left != abandoned_.end()) {
    give_back_credit(*left->second);
    abandoned_.erase(left);
    return;
  }
  const auto found = calls_.find(request);
  if (found == calls_.end()) return;
  std::shared_ptr<Call> call = std::move(found->second);
  calls_.erase(found);
  if (call->sent_) give_back_credit(*call);
  if (std::exchange(call->counted_, false)) --num_background_;
  call->frames_.clear();
  finished_.push_back({std::move(call), std::move(reply), why});
}

void Connection::give_back_credit(const Call& call) {
  credit_.give_back(call.bytes_);
  --num_sent_;
}

// Tells those whose calls have ended, without the lock.
void Connection::end_calls(Lock& lock) {
  if (is_lost()) shut();
  while (!finished_.empty()) {
    std::vector<Finished> ended;
    ended.swap(finished_);
    lock.unlock();
    for (Finished& one : ended) one.call->ended(one.why, one.reply.get());
    ended.clear();
    lock.lock();
    for (Follower* follower : followers_) {
      if ((*follower->done)()) follower->wakes.notify_one();
    }
  }
}

void Connection::drop(const Status& why) {
  if (is_lost()) return;
  why_lost_ = why;
  lost_.store(true, std::memory_order_release);
  waiting_.clear();
  abandoned_.clear();
  while (!calls_.empty()) finish(calls_.begin()->first, nullptr, why_lost_);
  background_.notify_all();
  wake_.set();
}

// Frames that were not sent are given back to those who lent them.
void Connection::shut() {
  if (!leading_) dealer_ = Dealer();
}

void Connection::lose(const Status& why) {
  Lock lock(mutex_);
  drop(why);
  end_calls(lock);
}

Status Connection::why_lost() const {
  const std::lock_guard lock(mutex_);
  return why_lost_;
}

// Silence counts only while something is due. One ping goes out per half of the time that a peer may be silent.
void Connection::check_liveness(Clock::time_point now) {
  if (is_lost() || num_sent_ == 0) {
    heard_ = now;
    return;
  }
  if (now - heard_ > liveness_) {
    drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " has been silent for ", liveness_.count(),
              " ms"));
    return;
  }
  if (now - heard_ > liveness_ / 2 && now - pinged_ > liveness_ / 4) {
    pinged_ = now;
    send_control(MessageType::kPing, next_request_++, {});
  }
}

}  // namespace rdu::remote::client
