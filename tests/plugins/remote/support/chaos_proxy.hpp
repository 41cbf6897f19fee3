// A TCP proxy in this process that does to connections what networks do: delays, trickles, swallows, cuts, strands.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rdu::remote::testing {

// "Up" is towards the peer.
struct Chaos {
  std::chrono::milliseconds delay{0};
  std::size_t bytes_per_ms = 0;  // 0: as fast as they come
  bool swallow_up = false;       // nothing gets through this way, and the connection looks well
  bool swallow_down = false;
  bool refuse = false;  // new connections are reset

  static Chaos black_hole() { return {.swallow_up = true, .swallow_down = true}; }
};

class ChaosProxy {
 public:
  // Of an endpoint "tcp://127.0.0.1:PORT"; the proxy has one of its own.
  explicit ChaosProxy(const std::string& target);
  ~ChaosProxy();
  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;

  const std::string& endpoint() const { return endpoint_; }
  std::string device(const std::string& device = "cpu:") const {
    return "remote:" + endpoint_ + "/" + device;
  }

  // From now on, for all connections. One from which something was swallowed is reset when that is over: its stream is torn.
  void set(const Chaos& chaos);
  void cut();     // every connection ends in good order
  void reset();   // … in disorder
  void strand();  // the peer's ends are closed; the clients' stay open, and nobody is behind them
  // Once so many more bytes have gone up, everything is cut, and `refuse` holds.
  void cut_after(std::uint64_t bytes_up);

  std::uint64_t bytes_up() const { return up_; }
  std::uint64_t bytes_down() const { return down_; }
  std::uint64_t num_connections() const { return num_connections_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    Clock::time_point due;
    std::vector<char> bytes;
    std::size_t sent = 0;
  };
  struct Way {
    int from = -1, to = -1;
    std::deque<Piece> pieces;
    std::size_t held = 0;
    bool ended = false;  // `from` says nothing more
  };
  struct Link {
    Way up, down;
    bool torn = false, stranded = false, dead = false;
  };
  enum class End { kOrderly, kReset };

  void run();
  void accept();
  void advance(Link& link);
  void read(Link& link, Way& way, bool swallow, std::atomic<std::uint64_t>& counter);
  void write(Link& link, Way& way);
  static void close(Link& link, End end);
  void close_all(End end);

  std::string endpoint_;
  std::uint16_t target_port_;
  int listener_ = -1;
  std::mutex mutex_;  // of all below
  Chaos chaos_;
  std::list<Link> links_;
  std::uint64_t cut_at_ = UINT64_MAX;
  std::size_t allowance_ = 0;  // bytes that may still go in this millisecond
  Clock::time_point allowed_until_;
  std::atomic<std::uint64_t> up_ = 0, down_ = 0, num_connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace rdu::remote::testing
