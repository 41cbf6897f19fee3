// The short way between a client and a peer of one host: two rings at the end of the memory that they share, and a bell for
// each. Messages whose tensors lie in that memory take it instead of a socket.
#pragma once

#include <memory>

#include "plugins/remote/wire/message.hpp"
#include "plugins/remote/wire/message_ring.hpp"
#include "plugins/remote/wire/shared_memory.hpp"

namespace rdu::remote {

// One thread at a time; `has_news` and the bell may be watched by another.
class Road {
 public:
  // Bytes of the region behind the tensors.
  static std::uint64_t size();

  // The peer: makes the bells, and names all in its answer.
  static plugin::Result<std::unique_ptr<Road>> create(std::shared_ptr<const SharedRegion> region,
                                                      SharedMemory& answer);
  // The client, with what the answer names.
  static plugin::Result<std::unique_ptr<Road>> attach(std::shared_ptr<const SharedRegion> region,
                                                      const SharedMemory& answer);
  ~Road();
  Road(const Road&) = delete;
  Road& operator=(const Road&) = delete;

  // F0 and F1 of a message without more frames. False: it does not fit, and must take the socket.
  bool send(std::span<const std::byte> prefix, std::span<const std::byte> header);
  // The next message, judged like one from a socket; false: there is none. After a failure nothing more may be read.
  plugin::Result<bool> receive(AlignedHeader& header, Incoming& message);

  bool has_news() const { return in_.has_news(); }
  // Before and after waiting for the bell. False: do not wait.
  bool before_sleep() { return in_.before_sleep(); }
  void after_sleep() { in_.after_sleep(); }
  // Hangs up when the other side is gone.
  int bell() const { return in_bell_; }
  void hush();

 private:
  Road(std::shared_ptr<const SharedRegion> region, RingMemory& in, RingMemory& out)
      : region_(std::move(region)), in_(in), out_(out) {}

  void ring() const;

  std::shared_ptr<const SharedRegion> region_;
  RingReader in_;
  RingWriter out_;
  int in_bell_ = -1, out_bell_ = -1;
  int held_ = -1;  // the peer's other end of in_bell_, until the client has opened one
  std::vector<std::byte> message_;
};

}  // namespace rdu::remote
