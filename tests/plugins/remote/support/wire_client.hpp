// A client that speaks the protocol by hand, many to a thread: for those who need more of them, or ruder ones, than a
// device makes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/link.hpp"
#include "plugins/remote/wire/message.hpp"

namespace rdu::remote::testing {

// What came, its header copied out. Control messages are answered before anybody sees them.
struct Heard {
  Prefix prefix;
  AlignedHeader memory;
  std::span<const std::byte> header;
};

class WireClient {
 public:
  // Throws std::runtime_error, as all here that cannot do what they are asked.
  WireClient(const std::shared_ptr<Context>& context, const std::string& endpoint,
             const std::optional<CurveClient>& curve = {});

  void say_hello();
  // HELLO, LOAD of the whole artifact that the peer has already, and the answers; the number of the program.
  bool greet(std::chrono::milliseconds patience);
  std::uint64_t load(const Hash& artifact, const std::string& device,
                     std::chrono::milliseconds patience);

  // One input and one output of this size; the request's number. `remaining_ms` 0: no deadline.
  std::uint64_t run(std::uint64_t program, std::span<const std::byte> input,
                    std::uint32_t remaining_ms = 0);
  std::uint64_t ping();

  // What waits, if anything does. False from `send` means that the connection takes nothing more.
  std::optional<Heard> next();
  bool send(MessageType type, std::uint64_t request, std::span<const std::byte> header,
            std::vector<Frame> payload = {});
  bool send_frames(std::vector<Frame>& frames) { return dealer_.send(frames).ok(); }
  // The same, but for an answer to this request.
  std::optional<Heard> wait(std::uint64_t request, std::chrono::milliseconds patience);

  Dealer& dealer() { return dealer_; }
  const Welcome& welcome() const { return welcome_; }
  std::uint64_t next_request() { return ++last_request_; }
  Encoder& encoder() { return encoder_; }

 private:
  Dealer dealer_;
  Encoder encoder_;
  Welcome welcome_;
  std::vector<Frame> frames_;
  std::uint64_t last_request_ = 0;
};

// The one artifact in the folder of a peer that has only one.
Hash only_artifact(const std::string& data_folder);

}  // namespace rdu::remote::testing
