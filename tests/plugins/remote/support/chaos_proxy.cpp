// One thread that polls everything; a piece of bytes waits until it is due, and each way holds only so many.
#include "tests/plugins/remote/support/chaos_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "tests/plugins/remote/support/zmtp.hpp"

namespace rdu::remote::testing {

namespace {

constexpr std::size_t kMostHeld = 256u << 10;
constexpr int kTickMs = 1, kIdleMs = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void close_socket(int& socket, bool orderly) {
  if (socket < 0) return;
  const linger none = {1, 0};
  if (!orderly) ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  ::close(socket);
  socket = -1;
}

int connect_to(std::uint16_t port) {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    close_socket(socket, false);
  return socket;
}

}  // namespace

ChaosProxy::ChaosProxy(const std::string& target) : target_port_(port_of(target)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* place = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, place, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, place, &size) != 0) {
    throw std::runtime_error("no port for a proxy");
  }
  endpoint_ = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { run(); });
}

ChaosProxy::~ChaosProxy() {
  stopping_ = true;
  thread_.join();
  close_all(End::kReset);
  ::close(listener_);
}

void ChaosProxy::set(const Chaos& chaos) {
  const std::lock_guard lock(mutex_);
  for (Link& link : links_) {
    const bool heals =
        (chaos_.swallow_up && !chaos.swallow_up) || (chaos_.swallow_down && !chaos.swallow_down);
    if (heals && link.torn) close(link, End::kReset);
  }
  chaos_ = chaos;
}

void ChaosProxy::cut() { close_all(End::kOrderly); }
void ChaosProxy::reset() { close_all(End::kReset); }

void ChaosProxy::strand() {
  const std::lock_guard lock(mutex_);
  for (Link& link : links_) {
    close_socket(link.up.to, false);
    link.down.from = -1;
    link.stranded = true;
  }
}

void ChaosProxy::cut_after(std::uint64_t bytes_up) {
  const std::lock_guard lock(mutex_);
  cut_at_ = up_ + bytes_up;
}

void ChaosProxy::close(Link& link, End end) {
  close_socket(link.up.from, end == End::kOrderly);
  close_socket(link.up.to, end == End::kOrderly);
  link.down.from = link.down.to = -1;
  link.dead = true;
}

void ChaosProxy::close_all(End end) {
  const std::lock_guard lock(mutex_);
  for (Link& link : links_) close(link, end);
}

void ChaosProxy::run() {
  std::vector<pollfd> polled;
  while (!stopping_) {
    polled.assign(1, {listener_, POLLIN, 0});
    bool busy = false;
    {
      const std::lock_guard lock(mutex_);
      for (const Link& link : links_) {
        for (const Way* way : {&link.up, &link.down}) {
          busy = busy || !way->pieces.empty();
          if (way->from >= 0 && !way->ended && way->held < kMostHeld)
            polled.push_back({way->from, POLLIN, 0});
        }
      }
    }
    ::poll(polled.data(), polled.size(), busy ? kTickMs : kIdleMs);
    const std::lock_guard lock(mutex_);
    if (polled[0].revents != 0) accept();
    const auto now = Clock::now();
    if (now >= allowed_until_) {
      allowed_until_ = now + std::chrono::milliseconds(kTickMs);
      allowance_ = chaos_.bytes_per_ms == 0 ? SIZE_MAX : chaos_.bytes_per_ms;
    }
    for (Link& link : links_) {
      if (!link.dead) advance(link);
    }
    if (up_ >= cut_at_) {
      cut_at_ = UINT64_MAX;
      chaos_.refuse = true;
      for (Link& link : links_) close(link, End::kReset);
    }
    links_.remove_if([](const Link& link) { return link.dead; });
  }
}

void ChaosProxy::accept() {
  for (;;) {
    int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    int peer = chaos_.refuse ? -1 : connect_to(target_port_);
    if (peer < 0) {
      close_socket(client, false);
      continue;
    }
    const int on = 1;
    for (const int socket : {client, peer})
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++num_connections_;
    Link& link = links_.emplace_back();
    link.up.from = link.down.to = client;
    link.up.to = link.down.from = peer;
  }
}

void ChaosProxy::advance(Link& link) {
  // Whoever sends to a stranded connection is not told: its bytes go nowhere.
  read(link, link.up, chaos_.swallow_up || link.stranded, up_);
  if (!link.dead) read(link, link.down, chaos_.swallow_down, down_);
  if (!link.dead) write(link, link.up);
  if (!link.dead) write(link, link.down);
}

void ChaosProxy::read(Link& link, Way& way, bool swallow, std::atomic<std::uint64_t>& counter) {
  char buffer[64u << 10];
  while (way.from >= 0 && !way.ended && way.held < kMostHeld) {
    const ssize_t got = ::recv(way.from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      way.ended = true;
      if (swallow || got < 0 || way.pieces.empty()) close(link, End::kReset);
      return;
    }
    counter += static_cast<std::uint64_t>(got);
    link.torn = link.torn || swallow;
    if (swallow) continue;
    way.held += static_cast<std::size_t>(got);
    way.pieces.push_back({Clock::now() + chaos_.delay, std::vector(buffer, buffer + got), 0});
  }
}

void ChaosProxy::write(Link& link, Way& way) {
  const auto now = Clock::now();
  while (way.to >= 0 && !way.pieces.empty() && way.pieces.front().due <= now && allowance_ > 0) {
    Piece& piece = way.pieces.front();
    const std::size_t most = std::min(piece.bytes.size() - piece.sent, allowance_);
    const ssize_t put =
        ::send(way.to, piece.bytes.data() + piece.sent, most, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN && errno != EINTR) return close(link, End::kReset);
    if (put <= 0) return;
    piece.sent += static_cast<std::size_t>(put);
    way.held -= static_cast<std::size_t>(put);
    if (chaos_.bytes_per_ms != 0) allowance_ -= static_cast<std::size_t>(put);
    if (piece.sent == piece.bytes.size()) way.pieces.pop_front();
  }
  if (way.ended && way.pieces.empty()) close(link, End::kOrderly);
}

}  // namespace rdu::remote::testing
