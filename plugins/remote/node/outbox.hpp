// Replies on their way to clients: framed, sent without blocking, and their requests' credit given back.
#pragma once

#include <span>
#include <vector>

#include "plugins/remote/node/connection.hpp"
#include "plugins/remote/node/status.hpp"
#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/link.hpp"
#include "plugins/remote/wire/message.hpp"

namespace rdu::remote::node {

// What a reply belongs to.
struct RequestRef {
  ConnectionPtr from;
  std::uint64_t request = 0;
  std::uint64_t bytes = 0;  // of credit that its end gives back
  bool by_road = false;     // as it came, so it is answered
};

struct OutboxStats {
  std::uint64_t messages = 0, bytes = 0, undelivered = 0, errors = 0;
};

class Outbox {
 public:
  Outbox(std::vector<Router>& routers, std::uint64_t epoch) : routers_(routers), epoch_(epoch) {}

  // The end of a request. `payload` becomes the frames behind the header.
  template <class Message>
  void reply(const RequestRef& to, MessageType type, const Message& message,
             std::vector<Frame> payload = {}) {
    send(to, type, encoder_.encode(message), std::move(payload));
  }
  void done(const RequestRef& to, MessageType type = MessageType::kDone) { send(to, type, {}, {}); }
  void fail(const RequestRef& to, const Status& status, std::uint32_t retry_after_ms = 0);

  // What ends no request.
  template <class Message>
  void tell(const ConnectionPtr& to, MessageType type, const Message& message) {
    deliver(*to, type, 0, encoder_.encode(message), {});
  }
  void tell_empty(const ConnectionPtr& to, MessageType type, std::uint64_t request) {
    deliver(*to, type, request, {}, {});
  }

  const OutboxStats& stats() const { return stats_; }

 private:
  void send(const RequestRef& to, MessageType type, std::span<const std::byte> header,
            std::vector<Frame> payload);
  void deliver(Connection& to, MessageType type, std::uint64_t request,
               std::span<const std::byte> header, std::vector<Frame> payload);
  bool deliver_by_road(Connection& to, const Prefix& prefix, std::span<const std::byte> header);
  Prefix prefix_of(const Connection& to, MessageType type, std::uint64_t request) const;

  std::vector<Router>& routers_;
  std::uint64_t epoch_;
  Encoder encoder_;
  std::vector<Frame> frames_;
  OutboxStats stats_;
};

}  // namespace rdu::remote::node
