// Bytes of the ZeroMQ message transport protocol, versions 1 to 3 (RFC 13, 15, 23, 24).
#include "tests/plugins/remote/support/zmtp.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace rdu::remote::testing {

namespace {

using namespace std::string_literals;

std::string greeting(std::string_view mechanism) {
  std::string text = "\xff"s + std::string(8, '\0') + "\x7f\x03"s + '\0';
  std::string name(mechanism);
  name.resize(20);
  text += name;
  text.resize(64);
  return text;
}

std::string command(std::string_view name, std::string_view body) {
  std::string text;
  text += static_cast<char>(name.size());
  text += name;
  text += body;
  return "\x04"s + static_cast<char>(text.size()) + text;
}

std::string property(std::string_view name, std::string_view value) {
  std::string text;
  text += static_cast<char>(name.size());
  text += name;
  text += "\0\0\0"s + static_cast<char>(value.size());
  text += value;
  return text;
}

std::string short_text(std::string_view text) {
  return static_cast<char>(text.size()) + std::string(text);
}

// Two frames, as F0 and F1 would be.
std::string message() {
  return "\x01\x40"s + std::string(64, 'R') + "\x00\x10"s + std::string(16, 'R');
}

std::string dealer() { return property("Socket-Type", "DEALER") + property("Identity", ""); }

}  // namespace

std::string zmtp_null() { return greeting("NULL") + command("READY", dealer()) + message(); }

std::string zmtp_plain(std::string_view user, std::string_view password) {
  return greeting("PLAIN") + command("HELLO", short_text(user) + short_text(password)) +
         command("INITIATE", dealer()) + message();
}

std::string zmtp_curve_in_name_only() {
  return greeting("CURVE") + command("READY", dealer()) + message();
}

std::string zmtp_2() {
  constexpr char kDealer = 5;
  return "\xff"s + std::string(8, '\0') + "\x7f\x01"s + kDealer + "\0\0"s + message();
}

std::string zmtp_1() {
  // Lengths count the flags; an empty identity first.
  return "\x01\0"s + "\x41\x01"s + std::string(64, 'R') + "\x11\0"s + std::string(16, 'R');
}

RawPeer::RawPeer(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) throw std::runtime_error("no more sockets");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket_, to, sizeof address) != 0 && errno != EINPROGRESS) {
    throw std::runtime_error("no connection to port " + std::to_string(port));
  }
}

RawPeer::~RawPeer() {
  // Without lingering: thousands of these follow each other.
  const linger none = {1, 0};
  if (socket_ < 0) return;
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  ::close(socket_);
}

RawPeer::RawPeer(RawPeer&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      sent_(other.sent_),
      closed_(other.closed_),
      heard_(std::move(other.heard_)) {}

void RawPeer::advance(const std::string& text) {
  while (!closed_ && sent_ < text.size()) {
    const ssize_t put = ::send(socket_, text.data() + sent_, text.size() - sent_, MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN && errno != ENOTCONN) closed_ = true;
    if (put <= 0) break;
    sent_ += static_cast<std::size_t>(put);
  }
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got > 0) heard_.append(buffer, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != ENOTCONN)) closed_ = true;
    if (got <= 0) return;
  }
}

bool RawPeer::welcomed() const {
  return heard_.find("READY") != std::string::npos || heard_.find("WELCOME") != std::string::npos;
}

std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

}  // namespace rdu::remote::testing
