// A request under way on a connection: what it asked, and who is told how it ended.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <rdu/plugin/status.hpp>
#include <vector>

#include "plugins/remote/wire/message.hpp"

namespace rdu::remote::client {

// A reply, taken from the socket; the views of `incoming` are into the two others.
struct Reply {
  std::vector<Frame> frames;
  AlignedHeader header;
  Incoming incoming;
};

class Call {
 public:
  virtual ~Call() = default;

  // Once, on the thread that saw the end, without locks. `reply` is what the peer answered, ERROR included; NULL: none will
  // come, and `lost` says why.
  virtual void ended(const plugin::Status& lost, Reply* reply) = 0;

  // Nobody waits: the peer's thread has to look after it, wherever it goes. Connection::leave_to_background tells the
  // connection that it is under way on already.
  void set_background() { background_ = true; }
  // Its message has no frames, and may overtake others: it goes by the connection's road where there is one.
  void allow_road(bool allowed) { by_road_ = allowed; }
  // Once it has ended: might the peer have seen it?
  bool was_sent() const { return sent_; }

 private:
  friend class Connection;
  std::uint64_t request_ = 0;
  std::uint64_t bytes_ = 0;  // of credit
  std::atomic<bool> background_ = false;
  bool counted_ = false;  // among those that nobody waits for
  bool sent_ = false;
  bool by_road_ = false;       // allowed; once sent: it went there
  std::vector<Frame> frames_;  // until there is credit
};

using Clock = std::chrono::steady_clock;

// An ERROR as a status; any other reply is success if its type is `expected`.
plugin::Status status_of(const Reply& reply, MessageType expected);

}  // namespace rdu::remote::client
