// What anybody may send to a port: a prefix judged alone, a header read as every kind of message, a whole message whose
// frames the fuzzer cuts, a ring that the other side may write to as it likes.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "plugins/remote/wire/message.hpp"
#include "plugins/remote/wire/message_ring.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

namespace {

using namespace rdu::remote;

// The first two bytes say where F0 and F1 end, so that the fuzzer reaches each check.
void open_as_message(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) return;
  const auto first = std::to_integer<std::size_t>(bytes[0]);
  const auto second = std::to_integer<std::size_t>(bytes[1]) * 8;
  bytes = bytes.subspan(2);
  std::vector<Frame> frames;
  for (const std::size_t size : {first, second, bytes.size()}) {
    const auto part = bytes.first(std::min(size, bytes.size()));
    bytes = bytes.subspan(part.size());
    frames.push_back(Frame::copy_of(part));
  }
  AlignedHeader header;
  const auto incoming = open_message(frames, header);
  if (!incoming.ok()) return;
  if (incoming->header.size() != incoming->prefix.header_bytes) std::abort();
  if (incoming->payload.size() != incoming->prefix.num_frames) std::abort();
}

// Counts and lengths first, then whatever is there, in each slot.
void read_as_ring(std::span<const std::byte> bytes) {
  static RingMemory memory;
  const auto take = [&](void* out, std::size_t size) {
    const auto part = bytes.first(std::min(size, bytes.size()));
    if (!part.empty()) std::memcpy(out, part.data(), part.size());
    bytes = bytes.subspan(part.size());
  };
  std::uint32_t written = 0;
  take(&written, sizeof written);
  memory.written = written;
  for (auto& slot : memory.slots) take(&slot, std::min<std::size_t>(sizeof slot, bytes.size() / 2));
  RingReader reader(memory);
  std::vector<std::byte> message;
  for (std::uint32_t n = 0;; ++n) {
    const auto got = reader.pop(message);
    if (!got.ok() || !*got) return;
    if (n >= RingMemory::kSlots || message.size() > RingMemory::kMostBytes) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  static_cast<void>(decode_prefix(bytes));
  rdu::testing::decode_as_everything(bytes);
  open_as_message(bytes);
  read_as_ring(bytes);
  return 0;
}
