// ZMTP spoken over a plain TCP socket, as somebody does who keeps to no library's rules: everything at once, unasked.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rdu::remote::testing {

// What a stranger sends the moment he is connected: greeting, handshake and a message, without waiting for an answer.
std::string zmtp_null();
std::string zmtp_plain(std::string_view user, std::string_view password);
// CURVE announced, then NULL's handshake: a lie about the mechanism.
std::string zmtp_curve_in_name_only();
// Protocols from before there was security.
std::string zmtp_2();
std::string zmtp_1();

// A TCP connection to 127.0.0.1 that never blocks.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);
  ~RawPeer();
  RawPeer(RawPeer&& other) noexcept;
  RawPeer& operator=(RawPeer&&) = delete;

  // Sends what is left of the text once it is connected, reads what comes.
  void advance(const std::string& text);
  bool closed() const { return closed_; }
  int fd() const { return socket_; }
  // Everything that was said to us. A handshake that succeeded has READY or WELCOME behind the 64 bytes of a greeting.
  const std::string& heard() const { return heard_; }
  bool welcomed() const;

 private:
  int socket_ = -1;
  std::size_t sent_ = 0;
  bool closed_ = false;
  std::string heard_;
};

std::uint16_t port_of(const std::string& endpoint);

}  // namespace rdu::remote::testing
