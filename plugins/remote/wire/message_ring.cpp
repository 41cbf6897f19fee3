// Each side trusts its own count only. What the other side wrote is read once, and judged before it is used.
#include "plugins/remote/wire/message_ring.hpp"

#include <cstring>

namespace rdu::remote {

using plugin::fail;
using plugin::Result;

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

bool RingWriter::push(std::span<const std::byte> front, std::span<const std::byte> back) {
  if (front.size() + back.size() > RingMemory::kMostBytes) return false;
  // A reader that claims to be ahead, or far behind, has no room either.
  if (written_ - memory_.read.load(std::memory_order_acquire) >= RingMemory::kSlots) return false;
  RingMemory::Slot& slot = memory_.slots[written_ % RingMemory::kSlots];
  if (!front.empty()) std::memcpy(slot.message, front.data(), front.size());
  if (!back.empty()) std::memcpy(slot.message + front.size(), back.data(), back.size());
  slot.bytes = static_cast<std::uint32_t>(front.size() + back.size());
  memory_.written.store(++written_);
  return true;
}

Result<bool> RingReader::pop(std::vector<std::byte>& message) {
  const std::uint32_t at = read_.load(std::memory_order_relaxed);
  const std::uint32_t ahead = memory_.written.load() - at;
  if (ahead == 0) return false;
  if (ahead > RingMemory::kSlots) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "a ring of ", RingMemory::kSlots, " messages has ",
                ahead);
  }
  const RingMemory::Slot& slot = memory_.slots[at % RingMemory::kSlots];
  const std::uint32_t bytes = std::atomic_ref(const_cast<std::uint32_t&>(slot.bytes)).load();
  if (bytes > RingMemory::kMostBytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "a message of ", bytes, " bytes in a ring");
  }
  message.assign(slot.message, slot.message + bytes);
  read_.store(at + 1, std::memory_order_relaxed);
  memory_.read.store(at + 1, std::memory_order_release);
  return true;
}

bool RingReader::before_sleep() {
  memory_.reader_awake.store(0);
  if (!has_news()) return true;
  after_sleep();
  return false;
}

}  // namespace rdu::remote
