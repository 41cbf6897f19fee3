// The way out: greeting, requests with their credit, cancel; and requests whose caller waits.
#include <algorithm>

#include "plugins/remote/client/connection.hpp"

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

constexpr std::uint64_t kFrameSlack = 64u << 10;
constexpr std::uint64_t kLargestFrame = 16u << 20;  // that we take from a peer

// Somebody who waits for one reply.
class Waiter : public Call {
 public:
  void ended(const Status& lost, Reply* reply) override {
    if (reply != nullptr)
      reply_ = std::move(*reply);
    else
      status_ = lost;
    done_.store(true, std::memory_order_release);
    done_.notify_all();
  }
  bool done() const { return done_.load(std::memory_order_acquire); }
  // Somebody may be about to tell.
  Result<Reply> take() {
    done_.wait(false, std::memory_order_acquire);
    if (!status_.ok()) return status_;
    return std::move(reply_);
  }

 private:
  std::atomic<bool> done_ = false;
  Status status_;
  Reply reply_;
};

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

std::uint64_t bytes_of(std::span<const Frame> frames) {
  std::uint64_t bytes = 0;
  for (const Frame& frame : frames) bytes += frame.size();
  return bytes;
}

// Two frames in front, for F0 and F1.
std::vector<Frame> with_room(std::vector<Frame> payload) {
  std::vector<Frame> frames(2);
  for (Frame& frame : payload) frames.push_back(std::move(frame));
  return frames;
}

}  // namespace

Status status_of(const Reply& reply, MessageType expected) {
  const MessageType type = reply.incoming.prefix.type;
  if (type == expected) return {};
  if (type != MessageType::kError) {
    return fail(RDU_ERR_PLUGIN, "the peer answers with message type ",
                static_cast<std::uint16_t>(type), ", expected ",
                static_cast<std::uint16_t>(expected));
  }
  Error error;
  if (Status status = decode(reply.incoming.header, error); !status.ok()) return status;
  return {error.code == RDU_OK ? RDU_ERR_PLUGIN : error.code, error.message};
}

Connection::Connection(const Config& config)
    : serial_(next_serial()),
      poll_(config.spin),
      endpoint_(config.peer.endpoint),
      liveness_(config.liveness),
      give_up_(config.give_up) {}

Connection::~Connection() {
  lose(fail(RDU_ERR_CANCELLED, "the connection to ", endpoint_, " is closed"));
}

Result<std::shared_ptr<Connection>> Connection::open(const Config& config,
                                                     Clock::time_point until) {
  auto connection = std::make_shared<Connection>(config);
  std::optional<CurveClient> curve;
  if (!config.peer.server_key.empty()) {
    curve = CurveClient{config.peer.server_key, config.keys ? *config.keys : generate_keys()};
  }
  LinkOptions options;
  options.max_frame_bytes = kLargestFrame + kFrameSlack;
  Result<Dealer> dealer = Dealer::connect(config.context, config.peer.endpoint, options, curve);
  if (!dealer.ok()) return dealer.status();
  connection->dealer_ = std::move(*dealer);
  if (Status status = connection->greet(config.session, until); !status.ok()) return status;
  return connection;
}

Status Connection::greet(const SessionId& session, Clock::time_point until) {
  heard_ = pinged_ = Clock::now();
  credit_ = CreditWindow(kMaxHeaderBytes);
  // A descriptor tells of news only after its socket was once found empty.
  take_events();
  Hello hello;
  hello.versions = {kProtocolVersion, kProtocolVersion};
  hello.build = "0.1.0";
  hello.session = session;
  hello.features = kFeatureSharedMemory | kFeatureState | kFeatureRoad;
  Encoder encoder;
  Result<Reply> reply = request(MessageType::kHello, encoder.encode(hello), {}, until);
  if (!reply.ok()) {
    if (reply.status().code() != RDU_ERR_DEADLINE_EXCEEDED) return reply.status();
    return fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, " does not greet",
                ready_ ? "" : ": no connection");
  }
  if (Status status = status_of(*reply, MessageType::kWelcome); !status.ok()) return status;
  const Lock lock(mutex_);
  if (Status status = decode(reply->incoming.header, welcome_); !status.ok()) return status;
  if (welcome_.version != kProtocolVersion) {
    return fail(RDU_ERR_UNSUPPORTED, "peer ", endpoint_, " speaks version ", welcome_.version,
                " of the protocol, this client ", kProtocolVersion);
  }
  if (welcome_.limits.max_frame_bytes < 4096 || welcome_.credit_bytes < 2 * kMaxHeaderBytes) {
    return fail(RDU_ERR_UNSUPPORTED, "peer ", endpoint_, " gives frames of ",
                welcome_.limits.max_frame_bytes, " bytes and a credit of ", welcome_.credit_bytes);
  }
  credit_ = CreditWindow(welcome_.credit_bytes);
  greeted_ = true;
  return {};
}

bool Connection::may_send(std::uint64_t bytes) const {
  const std::uint32_t most = welcome_.limits.max_requests;
  return bytes <= credit_.available() && (most == 0 || num_sent_ < most);
}

void Connection::start(std::shared_ptr<Call> call, MessageType type,
                       std::span<const std::byte> header, std::vector<Frame> frames) {
  Lock lock(mutex_);
  Call& started = *call;
  started.request_ = next_request_++;
  started.sent_ = false;
  seal_message(frames, 0,
               {.version = welcome_.version,
                .type = type,
                .request = started.request_,
                .epoch = welcome_.boot_epoch},
               header);
  started.frames_ = std::move(frames);
  started.bytes_ = bytes_of(std::span(started.frames_).subspan(1));
  started.counted_ = started.background_;
  if (started.counted_) ++num_background_;
  calls_.emplace(started.request_, call);
  if (is_lost()) {
    finish(started.request_, nullptr, why_lost_);
  } else if (waiting_.empty() && may_send(started.bytes_)) {
    send_now(lock, started);
    // Sending may have taken the sign that something came in.
    if (!is_lost() && dealer_.readable()) take_all(lock);
  } else {
    waiting_.push_back(std::move(call));
  }
  if (started.counted_ && !leading_) background_.notify_one();
  if (finished_.empty()) return;
  if (leading_) wake_.set();
  end_calls(lock);
}

void Connection::send_now(Lock&, Call& call) {
  // Nothing was under way: the silence until now was nobody's fault.
  if (num_sent_ == 0) heard_ = std::max(heard_, Clock::now());
  static_cast<void>(credit_.try_take(call.bytes_));
  call.sent_ = true;
  ++num_sent_;
  call.by_road_ = call.by_road_ && send_by_road(call.frames_);
  const Status status = call.by_road_ ? Status() : dealer_.send(call.frames_);
  call.frames_.clear();
  if (!status.ok()) drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, ": ", status.message()));
}

void Connection::take_road(std::unique_ptr<Road> road) {
  const Lock lock(mutex_);
  road_ = std::move(road);
}

bool Connection::send_by_road(std::span<const Frame> frames) {
  return road_ && frames.size() == 2 && road_->send(frames[0].bytes(), frames[1].bytes());
}

void Connection::send_waiting(Lock& lock) {
  while (!waiting_.empty() && !is_lost() && may_send(waiting_.front()->bytes_)) {
    const std::shared_ptr<Call> call = std::move(waiting_.front());
    waiting_.pop_front();
    send_now(lock, *call);
  }
}

void Connection::send_control(MessageType type, std::uint64_t request,
                              std::span<const std::byte> header, bool by_road) {
  std::vector<Frame> frames(2);
  seal_message(
      frames, 0,
      {.version = welcome_.version, .type = type, .request = request, .epoch = welcome_.boot_epoch},
      header);
  if (by_road && send_by_road(frames)) return;
  if (Status status = dealer_.send(frames); !status.ok()) {
    drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, ": ", status.message()));
  }
}

// The way that the request went: it must not overtake it.
void Connection::send_cancel(Lock& lock, const Call& call) {
  send_control(MessageType::kCancel, next_request_++, control_.encode(Cancel{call.request_}),
               call.by_road_);
  if (!is_lost() && dealer_.readable()) take_all(lock);
}

void Connection::cancel(const Call& call) {
  Lock lock(mutex_);
  const auto found = calls_.find(call.request_);
  if (is_lost() || found == calls_.end() || found->second.get() != &call) return;
  if (!call.sent_) {
    std::erase(waiting_, found->second);
    finish(call.request_, nullptr, fail(RDU_ERR_CANCELLED, "the request was cancelled"));
  } else {
    send_cancel(lock, call);
  }
  if (leading_) wake_.set();
  end_calls(lock);
}

bool Connection::abandon(const Call& call, const Status& why) {
  std::shared_ptr<Call> kept;
  {
    Lock lock(mutex_);
    const auto found = calls_.find(call.request_);
    if (found == calls_.end() || found->second.get() != &call) return false;
    kept = std::move(found->second);
    calls_.erase(found);
    if (std::exchange(kept->counted_, false)) --num_background_;
    if (kept->sent_) {
      abandoned_.emplace(kept->request_, kept);
      send_cancel(lock, *kept);
    } else {
      std::erase(waiting_, kept);
      kept->frames_.clear();
    }
    if (leading_) wake_.set();
    end_calls(lock);
  }
  kept->ended(why, nullptr);
  return true;
}

void Connection::leave_to_background(Call& call) {
  const Lock lock(mutex_);
  const auto found = calls_.find(call.request_);
  if (call.counted_ || found == calls_.end() || found->second.get() != &call) return;
  call.counted_ = true;
  ++num_background_;
  if (!leading_) background_.notify_one();
}

Result<Reply> Connection::request(MessageType type, std::span<const std::byte> header,
                                  std::vector<Frame> payload, Clock::time_point until) {
  auto waiter = std::make_shared<Waiter>();
  start(waiter, type, header, with_room(std::move(payload)));
  drive([&] { return waiter->done() || (give_up_ && *give_up_); }, until);
  if (!waiter->done()) {
    abandon(*waiter, fail(RDU_ERR_DEADLINE_EXCEEDED, "peer ", endpoint_, " does not answer"));
  }
  return waiter->take();
}

Status Connection::post(MessageType type, std::span<const std::byte> header,
                        std::vector<Frame> payload, std::uint64_t most_ahead,
                        Clock::time_point until) {
  const std::uint64_t bytes = header.size() + bytes_of(payload);
  const auto may_go = [&] {
    return bytes <= credit_.available() && (posted_ == 0 || posted_ + bytes <= most_ahead);
  };
  if (!drive([&] { return is_lost() || may_go(); }, until)) {
    return fail(RDU_ERR_OVERLOADED, "peer ", endpoint_, " gives no credit for ", bytes, " bytes");
  }
  Lock lock(mutex_);
  if (is_lost()) return why_lost_;
  static_cast<void>(credit_.try_take(bytes));
  posted_ += bytes;
  payload = with_room(std::move(payload));
  seal_message(payload, 0,
               {.version = welcome_.version,
                .type = type,
                .request = next_request_++,
                .epoch = welcome_.boot_epoch},
               header);
  const Status status = dealer_.send(payload);
  if (!status.ok()) drop(fail(RDU_ERR_WORKER_LOST, "peer ", endpoint_, ": ", status.message()));
  if (!is_lost() && dealer_.readable()) take_all(lock);
  end_calls(lock);
  return is_lost() ? why_lost_ : Status();
}

}  // namespace rdu::remote::client
