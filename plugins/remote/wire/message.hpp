// A whole message: F0, F1 and what is behind, put together and taken apart.
#pragma once

#include <cstdint>
#include <cstring>
#include <rdu/plugin/status.hpp>
#include <span>
#include <vector>

#include "plugins/remote/wire/frame.hpp"
#include "plugins/remote/wire/prefix.hpp"

namespace rdu::remote {

// Tensors up to this size are copied into a frame: cheaper than keeping track of who borrows them.
inline constexpr std::size_t kCopyBelow = 16u << 10;

// A header copied to where a decoder may read it. Its memory is used again.
class AlignedHeader {
 public:
  std::span<const std::byte> assign(std::span<const std::byte> bytes) {
    words_.resize((bytes.size() + 7) / 8);
    if (!bytes.empty()) std::memcpy(words_.data(), bytes.data(), bytes.size());
    return {reinterpret_cast<const std::byte*>(words_.data()), bytes.size()};
  }

 private:
  std::vector<std::uint64_t> words_;
};

struct Incoming {
  Prefix prefix;
  std::span<const std::byte> header;  // in the AlignedHeader
  std::span<Frame> payload;
};

// `frames` from F0 on (without a router's identity). Judges F0 first, then everything against it.
plugin::Result<Incoming> open_message(std::span<Frame> frames, AlignedHeader& header);

// The request id of a message that failed to open, 0 where it cannot be read.
std::uint64_t request_of(std::span<const Frame> frames);

// Makes frames[at] and frames[at + 1] F0 and F1 of a message whose other frames follow. Of `prefix`: version, type,
// request and epoch.
void seal_message(std::vector<Frame>& frames, std::size_t at, Prefix prefix,
                  std::span<const std::byte> header);

// Appends a tensor's bytes, cut to frames of at most `max_frame_bytes`. Small ones are copied; of large ones each frame
// borrows its part, and `release` is called as many times as this returns. A tensor without bytes has no frame.
std::size_t append_tensor(std::vector<Frame>& frames, std::span<const std::byte> bytes,
                          std::uint64_t max_frame_bytes, ReleaseFn release, void* owner);

// Takes tensors from the frames behind F1, in order.
class TensorReader {
 public:
  explicit TensorReader(std::span<Frame> payload) : rest_(payload) {}

  // Fills `out` from the next frames, whose sizes must add up to it exactly.
  plugin::Status read(std::span<std::byte> out);
  // Nothing may be left over.
  plugin::Status finish() const;

 private:
  std::span<Frame> rest_;
};

}  // namespace rdu::remote
