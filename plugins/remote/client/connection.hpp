// One connection to a peer, from HELLO until it is lost: requests go out from whatever thread asks, replies come in on
// whatever thread waits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "plugins/remote/client/address.hpp"
#include "plugins/remote/client/alert_poll.hpp"
#include "plugins/remote/client/call.hpp"
#include "plugins/remote/client/wake.hpp"
#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/credit.hpp"
#include "plugins/remote/wire/link.hpp"
#include "plugins/remote/wire/road.hpp"

namespace rdu::remote::client {

// Threads: there is no thread of its own. Of the threads that wait for a reply one leads: it polls the socket, takes what
// comes and tells the others. So a lone caller has its reply without a switch between threads. Calls that nobody waits for
// are led by the peer's thread, through `lead_background`.
class Connection {
 public:
  struct Config {
    std::shared_ptr<Context> context;
    PeerAddress peer;
    std::optional<KeyPair> keys;
    SessionId session{};
    std::chrono::milliseconds liveness{10'000};
    bool shared_memory = true;            // where the peer is on this host
    std::chrono::microseconds spin{400};  // a reply is looked for before the leader falls asleep
    // Set by who does not want an answer any more: a request that waits ends within a moment.
    std::shared_ptr<const std::atomic<bool>> give_up{};
  };

  // Connects and greets; blocks until WELCOME or the time is over.
  static plugin::Result<std::shared_ptr<Connection>> open(const Config& config,
                                                          Clock::time_point until);
  explicit Connection(const Config& config);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Welcome& welcome() const { return welcome_; }
  // No two connections of a process have the same.
  std::uint64_t serial() const { return serial_; }
  bool is_lost() const { return lost_.load(std::memory_order_acquire); }
  bool is_draining() const { return draining_.load(std::memory_order_relaxed); }

  // A short way to the same peer. Before anything is sent that may take it.
  void take_road(std::unique_ptr<Road> road);
  bool has_road() const { return road_ != nullptr; }

  // Sends a request, or keeps it until there is credit. frames[0] and frames[1] are free for F0 and F1; the rest is
  // payload. From then on `call` ends exactly once, also where this connection is lost already.
  void start(std::shared_ptr<Call> call, MessageType type, std::span<const std::byte> header,
             std::vector<Frame> frames);
  // Asks the peer to stop it. A call that was not sent yet ends here.
  void cancel(const Call& call);
  // Ends a call here and now: `ended` is called with `why`, and the peer is asked to stop. What the call took of the peer's
  // credit it keeps, and is kept, until the peer says that it is over. False: it has ended already.
  bool abandon(const Call& call, const plugin::Status& why);
  // The peer's thread looks after this call from now on. (set_background was called.)
  void leave_to_background(Call& call);

  // Lends the thread until done() (called under the lock) or the time is over. False: it is not done.
  bool drive(const std::function<bool()>& done, Clock::time_point until);

  // A request and its reply, blocking.
  plugin::Result<Reply> request(MessageType type, std::span<const std::byte> header,
                                std::vector<Frame> payload, Clock::time_point until);

  // A message without reply that takes credit: waits for it, and until at most `most_ahead` bytes of such messages are
  // on their way: those are lost when the connection is.
  plugin::Status post(MessageType type, std::span<const std::byte> header,
                      std::vector<Frame> payload, std::uint64_t most_ahead,
                      Clock::time_point until);

  // For the peer's thread: leads while there are calls that nobody waits for, else sleeps; looks after liveness. Returns
  // after at most `most`, or when the connection is lost.
  void lead_background(std::chrono::milliseconds most);
  // Whoever waits here looks again.
  void wake();

  // All calls end with it.
  void lose(const plugin::Status& why);
  plugin::Status why_lost() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Finished {
    std::shared_ptr<Call> call;
    std::unique_ptr<Reply> reply;
    plugin::Status why;  // where there is no reply
  };
  struct Follower {
    std::condition_variable wakes;
    const std::function<bool()>* done;
  };

  plugin::Status greet(const SessionId& session, Clock::time_point until);
  void send_now(Lock& lock, Call& call);
  bool send_by_road(std::span<const Frame> frames);
  void send_control(MessageType type, std::uint64_t request, std::span<const std::byte> header,
                    bool by_road = false);
  void send_cancel(Lock& lock, const Call& call);
  void send_waiting(Lock& lock);
  bool may_send(std::uint64_t bytes) const;

  void lead(Lock& lock, Clock::time_point until);
  void pass_lead();
  void take_all(Lock& lock);
  void take_one(std::vector<Frame>& frames);
  void take_from_road();
  bool is_nonsense(const plugin::Result<Incoming>& opened) const;
  void take_control(const Incoming& incoming);
  void take_events();
  void finish(std::uint64_t request, std::unique_ptr<Reply> reply, const plugin::Status& why = {});
  void give_back_credit(const Call& call);
  void end_calls(Lock& lock);
  void drop(const plugin::Status& why);
  void shut();
  void check_liveness(Clock::time_point now);

  const std::uint64_t serial_;
  mutable std::mutex mutex_;
  Dealer dealer_;
  std::unique_ptr<Road> road_;
  WakeFd wake_;
  AlertPoll poll_;  // the leader's
  bool leading_ = false;
  std::list<Follower*> followers_;
  std::condition_variable background_;
  std::uint32_t num_background_ = 0;
  bool woken_ = false;

  std::unordered_map<std::uint64_t, std::shared_ptr<Call>> calls_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Call>> abandoned_;  // the peer has them still
  std::deque<std::shared_ptr<Call>> waiting_;                           // for credit
  std::vector<Finished> finished_;
  std::uint32_t num_sent_ = 0;
  CreditWindow credit_;
  std::uint64_t posted_ = 0;  // bytes of messages without reply that no CREDIT has come for
  std::uint64_t next_request_ = 1;

  Encoder control_;
  AlignedHeader scratch_;
  std::vector<Frame> incoming_;
  Welcome welcome_;
  bool greeted_ = false;
  bool ready_ = false;  // the transport says so
  int num_bad_ = 0;
  std::atomic<bool> lost_ = false;
  std::atomic<bool> draining_ = false;
  plugin::Status why_lost_;
  std::string endpoint_;
  std::chrono::milliseconds liveness_;
  std::shared_ptr<const std::atomic<bool>> give_up_;
  Clock::time_point heard_;
  Clock::time_point pinged_;
};

}  // namespace rdu::remote::client
