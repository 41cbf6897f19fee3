// Sockets: the only part of the project that speaks to ZeroMQ. Nothing here knows what a message says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>
#include <vector>

#include "plugins/remote/wire/frame.hpp"
#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote {

// The I/O threads of this process' sockets. Sockets keep it alive; it must not be touched after a fork.
class Context {
 public:
  static plugin::Result<std::shared_ptr<Context>> create(int io_threads = 1,
                                                         int max_sockets = 1023);
  explicit Context(void* handle) : handle_(handle) {}
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  void* raw() const { return handle_; }

 private:
  void* handle_;
};

struct LinkOptions {
  std::uint64_t max_frame_bytes = (1u << 20) + (64u << 10);  // a connection that sends more is cut
  int send_queue = 4096;  // messages; a seat belt, credit is the rule
  int receive_queue = 4096;
  // Cuts who connects and then dawdles. On a busy machine an honest handshake takes seconds, and one that is cut has to
  // be done again, by everybody at once: so it is not shorter.
  int handshake_ms = 15'000;
  int connect_ms = 5000;
  int linger_ms = 0;
  int backlog = 1024;
};

struct CurveClient {
  std::string server_key;
  KeyPair keys;
};

struct CurveServer {
  std::string secret_key;
  std::string zap_domain;
};

// What the monitor of a dealer saw.
enum class LinkEvent : std::uint8_t {
  kReady,         // connected, handshake done
  kRefused,       // the other side does not take our key, or is not what we take it for
  kUnreachable,   // the connection could not be made
  kDisconnected,  // it was there and is gone
};

// A socket may move between threads, as long as a lock of the caller's keeps two calls apart.
class Socket {
 public:
  Socket() = default;
  // Takes over what zmq_socket gave.
  Socket(std::shared_ptr<Context> context, void* handle)
      : context_(std::move(context)), handle_(handle) {}
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Sends all frames as one message without blocking, and empties them. OVERLOADED: the queue is full; NOT_FOUND: a
  // router knows no such peer. On failure the frames stay.
  plugin::Status send(std::span<Frame> frames);
  // Takes the frames of one message; false where none waits. `frames` is cleared first.
  plugin::Result<bool> receive(std::vector<Frame>& frames);

  // Becomes readable when something may have changed; then, and after each send, ask `readable` before waiting on it.
  int fd() const;
  bool readable() const;

  void close();
  bool is_open() const { return handle_ != nullptr; }
  void* raw() const { return handle_; }
  const std::shared_ptr<Context>& context() const { return context_; }

 private:
  std::shared_ptr<Context> context_;
  void* handle_ = nullptr;
};

// One connection to a router, which it makes once: a caller that wants another makes another dealer.
class Dealer : public Socket {
 public:
  static plugin::Result<Dealer> connect(std::shared_ptr<Context> context,
                                        const std::string& endpoint, const LinkOptions& options,
                                        const std::optional<CurveClient>& curve);
  Dealer() = default;
  ~Dealer() { close(); }
  Dealer(Dealer&& other) noexcept = default;
  Dealer& operator=(Dealer&& other) noexcept;

  // The monitor ends first: an event that nobody takes would hold up the I/O thread for ever.
  void close();

  // The monitor: readable when `next_event` has something to say.
  const Socket& monitor() const { return monitor_; }
  std::optional<LinkEvent> next_event();

 private:
  using Socket::Socket;
  Socket monitor_;
};

// Accepts connections. The first frame of what it receives and sends is the connection's identity.
class Router : public Socket {
 public:
  static plugin::Result<Router> create(std::shared_ptr<Context> context, const LinkOptions& options,
                                       const std::optional<CurveServer>& curve);
  Router() = default;

  // "tcp://127.0.0.1:*" and "tcp://…:0" pick a port; the answer is the endpoint as bound.
  plugin::Result<std::string> bind(const std::string& endpoint);
  void unbind(const std::string& bound_endpoint);

 private:
  using Socket::Socket;
};

// What poll waits for: a socket or a descriptor.
struct PollItem {
  const Socket* socket = nullptr;
  int fd = -1;  // where socket is NULL
  bool want_read = true;
  bool want_write = false;
  bool readable = false;
  bool writable = false;
};

// Waits until one is ready, a signal comes, or the time is over (-1: never). The number that are ready.
plugin::Result<int> poll(std::span<PollItem> items, long timeout_ms);

}  // namespace rdu::remote
