// One frame of a message: bytes that ZeroMQ owns, or borrows from the caller until they are sent.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace rdu::remote {

// Called once for each borrowed frame, from any thread, when nobody will read its bytes any more.
using ReleaseFn = void (*)(void* data, void* owner);

// Move-only. Making one throws std::bad_alloc where memory runs out.
class Frame {
 public:
  Frame() noexcept;
  ~Frame();
  Frame(Frame&& other) noexcept;
  Frame& operator=(Frame&& other) noexcept;

  static Frame sized(std::size_t bytes);
  static Frame copy_of(std::span<const std::byte> bytes);
  static Frame borrow(std::span<const std::byte> bytes, ReleaseFn release, void* owner);

  std::span<const std::byte> bytes() const;
  std::span<std::byte> writable();
  std::size_t size() const { return bytes().size(); }

  // Of a received frame: "User-Id" (who ZAP said it is), "Peer-Address"; empty where there is none.
  std::string property(const char* name) const;

  // The zmq_msg_t inside, for this folder.
  void* raw() { return storage_; }

 private:
  alignas(8) std::byte storage_[64];
};

}  // namespace rdu::remote
