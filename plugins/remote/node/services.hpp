// What the desks of the front end share: the way out, the devices, the artifacts, the thread that may block.
#pragma once

#include <memory>
#include <vector>

#include "plugins/remote/node/background.hpp"
#include "plugins/remote/node/lane.hpp"
#include "plugins/remote/node/options.hpp"
#include "plugins/remote/node/outbox.hpp"

namespace rdu::remote::node {

// A message that passed every check of form, from a client that may send it.
struct Request {
  RequestRef to;
  MessageType type = MessageType::kPing;
  std::span<const std::byte> header;
  std::span<Frame> payload;
  std::uint64_t payload_bytes = 0;
  std::uint64_t arrival_ns = 0;
};

struct Services {
  const NodeOptions& options;
  Outbox& outbox;
  std::vector<std::unique_ptr<Lane>>& lanes;
  Background& background;
  Store& store;                    // the background thread's alone
  std::uint64_t queued_bytes = 0;  // of requests under way, all clients

  // By the URI that the peer offers; "cpu" is "cpu:".
  Lane* find_lane(std::string_view device) const {
    for (const auto& lane : lanes) {
      if (lane->device() == device || lane->device() == std::string(device) + ":")
        return lane.get();
    }
    return nullptr;
  }
};

// Decodes a header, or ends the request with the reason.
template <class Message>
bool read_request(Services& services, const Request& request, Message& message) {
  const Status status = decode(request.header, message);
  if (!status.ok()) services.outbox.fail(request.to, status);
  return status.ok();
}

}  // namespace rdu::remote::node
