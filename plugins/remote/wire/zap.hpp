// The door of CURVE: who may come in is asked here, once per connection, before a byte reaches a decoder.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <rdu/plugin/status.hpp>
#include <string>

#include "plugins/remote/wire/link.hpp"

namespace rdu::remote {

struct ZapRequest {
  std::string domain;
  std::string address;
  std::string mechanism;   // "CURVE", "NULL", "PLAIN"
  std::string public_key;  // Z85; empty unless CURVE
};

// The name that messages of this connection carry as "User-Id"; nothing: refused.
using ZapDecision = std::function<std::optional<std::string>(const ZapRequest&)>;

// ZeroMQ asks it through inproc://zeromq.zap.01 of the context: bind it before any router that needs it. To be polled and
// served by one thread.
class ZapServer : public Socket {
 public:
  static plugin::Result<ZapServer> bind(std::shared_ptr<Context> context);
  ZapServer() = default;

  // Answers all questions that wait. Malformed ones are refused.
  plugin::Status serve(const ZapDecision& decide);

 private:
  using Socket::Socket;
};

}  // namespace rdu::remote
