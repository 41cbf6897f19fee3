// Dealers and routers with the options that experience asks for; what a dealer's monitor says.
#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "plugins/remote/wire/link.hpp"
#include "plugins/remote/wire/loopback.hpp"

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

// Refuse connections rather than let them in where no ZAP handler answers. Stable since 4.3.0, named in the draft headers.
constexpr int kZapEnforceDomain = 93;

class OptionSetter {
 public:
  explicit OptionSetter(void* socket) : socket_(socket) {}

  OptionSetter& number(int option, int value) { return raw(option, &value, sizeof value); }
  OptionSetter& wide(int option, std::int64_t value) { return raw(option, &value, sizeof value); }
  OptionSetter& text(int option, const std::string& value) {
    return raw(option, value.data(), value.size());
  }
  OptionSetter& key(int option, const std::string& value) {
    return raw(option, value.c_str(), value.size() + 1);
  }
  Status result() const {
    if (failed_ == 0) return {};
    return fail(RDU_ERR_INVALID_ARGUMENT, "ZeroMQ refuses option ", failed_, ": ",
                zmq_strerror(error_));
  }

 private:
  OptionSetter& raw(int option, const void* value, std::size_t size) {
    if (failed_ == 0 && zmq_setsockopt(socket_, option, value, size) != 0) {
      failed_ = option;
      error_ = errno;
    }
    return *this;
  }

  void* socket_;
  int failed_ = 0;
  int error_ = 0;
};

OptionSetter common_options(void* socket, const LinkOptions& options) {
  OptionSetter setter(socket);
  setter.wide(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(options.max_frame_bytes))
      .number(ZMQ_SNDHWM, options.send_queue)
      .number(ZMQ_RCVHWM, options.receive_queue)
      .number(ZMQ_HANDSHAKE_IVL, options.handshake_ms)
      .number(ZMQ_LINGER, options.linger_ms)
      .number(ZMQ_IPV6, 1);
  return setter;
}

Status set_dealer_options(void* socket, const LinkOptions& options,
                          const std::optional<CurveClient>& curve) {
  OptionSetter setter = common_options(socket, options);
  setter.number(ZMQ_RECONNECT_IVL, -1)
      .number(ZMQ_RECONNECT_IVL_MAX, 0)
      .number(ZMQ_CONNECT_TIMEOUT, options.connect_ms);
  if (curve) {
    setter.key(ZMQ_CURVE_SERVERKEY, curve->server_key)
        .key(ZMQ_CURVE_PUBLICKEY, curve->keys.public_key)
        .key(ZMQ_CURVE_SECRETKEY, curve->keys.secret_key);
  }
  return setter.result();
}

Status set_router_options(void* socket, const LinkOptions& options,
                          const std::optional<CurveServer>& curve) {
  OptionSetter setter = common_options(socket, options);
  setter.number(ZMQ_ROUTER_MANDATORY, 1).number(ZMQ_BACKLOG, options.backlog);
  if (curve) {
    setter.number(ZMQ_CURVE_SERVER, 1)
        .key(ZMQ_CURVE_SECRETKEY, curve->secret_key)
        .text(ZMQ_ZAP_DOMAIN, curve->zap_domain)
        .number(kZapEnforceDomain, 1);
  }
  return setter.result();
}

std::optional<LinkEvent> meaning(std::uint16_t event) {
  switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      return LinkEvent::kReady;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      return LinkEvent::kRefused;
    case ZMQ_EVENT_CLOSED:
      return LinkEvent::kUnreachable;
    case ZMQ_EVENT_DISCONNECTED:
      return LinkEvent::kDisconnected;
    default:
      return std::nullopt;
  }
}

constexpr int kMonitored = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                           ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_CLOSED |
                           ZMQ_EVENT_DISCONNECTED;

// The first frame of what a monitor says: what happened, and to which descriptor.
struct MonitorEvent {
  std::uint16_t event = 0;
  std::uint32_t value = 0;
};

std::optional<MonitorEvent> next_of(Socket& monitor, std::vector<Frame>& frames) {
  const Result<bool> got = monitor.receive(frames);
  if (!got.ok() || !*got) return std::nullopt;
  MonitorEvent said;
  const std::span<const std::byte> bytes = frames.front().bytes();
  if (bytes.size() < sizeof said.event + sizeof said.value) return said;
  std::memcpy(&said.event, bytes.data(), sizeof said.event);
  std::memcpy(&said.value, bytes.data() + sizeof said.event, sizeof said.value);
  return said;
}

Result<Socket> monitor_of(const Socket& socket, const std::shared_ptr<Context>& context,
                          int events) {
  unsigned char number[16];
  fill_random(std::span<std::uint8_t>(number));
  std::string name = "inproc://monitor-";
  for (const unsigned char byte : number) name += static_cast<char>('a' + byte % 26);
  Socket monitor(context, zmq_socket(context->raw(), ZMQ_PAIR));
  if (!monitor.is_open() || zmq_socket_monitor(socket.raw(), name.c_str(), events) != 0 ||
      zmq_connect(monitor.raw(), name.c_str()) != 0) {
    return fail(RDU_ERR_IO, "monitor of a socket: ", zmq_strerror(errno));
  }
  OptionSetter(monitor.raw()).number(ZMQ_LINGER, 0);
  return monitor;
}

}  // namespace

Result<Dealer> Dealer::connect(std::shared_ptr<Context> context, const std::string& endpoint,
                               const LinkOptions& options,
                               const std::optional<CurveClient>& curve) {
  Dealer dealer(context, zmq_socket(context->raw(), ZMQ_DEALER));
  if (!dealer.is_open()) return fail(RDU_ERR_IO, "no more sockets: ", zmq_strerror(errno));
  if (Status status = set_dealer_options(dealer.raw(), options, curve); !status.ok()) return status;

  Result<Socket> monitor = monitor_of(dealer, context, kMonitored);
  if (!monitor.ok()) return monitor.status();
  dealer.monitor_ = std::move(*monitor);
  if (zmq_connect(dealer.raw(), endpoint.c_str()) != 0) {
    return fail(errno == EINVAL ? RDU_ERR_INVALID_ARGUMENT : RDU_ERR_IO, "connect to ", endpoint,
                ": ", zmq_strerror(errno));
  }
  return dealer;
}

Dealer& Dealer::operator=(Dealer&& other) noexcept {
  if (this != &other) {
    close();
    monitor_ = std::move(other.monitor_);
    Socket::operator=(std::move(other));
  }
  return *this;
}

void Dealer::close() {
  if (is_open()) zmq_socket_monitor(raw(), nullptr, 0);
  Socket::close();
  monitor_.close();
}

std::optional<LinkEvent> Dealer::next_event() {
  std::vector<Frame> frames;
  while (const auto said = next_of(monitor_, frames)) {
    // Should it have been closed since, and its number given to something else, that would be on loopback, too.
    if (said->event == ZMQ_EVENT_CONNECTED) unpace_loopback(static_cast<int>(said->value));
    if (const auto event = meaning(said->event)) return event;
  }
  return std::nullopt;
}

Result<Router> Router::create(std::shared_ptr<Context> context, const LinkOptions& options,
                              const std::optional<CurveServer>& curve) {
  Router router(context, zmq_socket(context->raw(), ZMQ_ROUTER));
  if (!router.is_open()) return fail(RDU_ERR_IO, "no more sockets: ", zmq_strerror(errno));
  if (Status status = set_router_options(router.raw(), options, curve); !status.ok()) return status;
  return router;
}

// ZeroMQ says which descriptor listens before it has returned, and nobody can have connected yet.
Result<std::string> Router::bind(const std::string& endpoint) {
  Result<Socket> monitor = monitor_of(*this, context(), ZMQ_EVENT_LISTENING);
  if (!monitor.ok()) return monitor.status();
  const bool is_bound = zmq_bind(raw(), endpoint.c_str()) == 0;
  const int error = errno;
  std::vector<Frame> frames;
  if (const auto said = next_of(*monitor, frames)) unpace_loopback(static_cast<int>(said->value));
  zmq_socket_monitor(raw(), nullptr, 0);
  if (!is_bound) {
    return fail(error == EINVAL ? RDU_ERR_INVALID_ARGUMENT : RDU_ERR_IO, "bind ", endpoint, ": ",
                zmq_strerror(error));
  }
  char bound[512] = {};
  std::size_t size = sizeof bound;
  if (zmq_getsockopt(raw(), ZMQ_LAST_ENDPOINT, bound, &size) != 0) {
    return fail(RDU_ERR_IO, "bind ", endpoint, ": ", zmq_strerror(errno));
  }
  return std::string(bound);
}

void Router::unbind(const std::string& bound_endpoint) {
  zmq_unbind(raw(), bound_endpoint.c_str());
}

}  // namespace rdu::remote
