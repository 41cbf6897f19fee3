// Short messages in memory that two processes share: one side writes, the other reads and believes nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <rdu/plugin/status.hpp>
#include <span>
#include <vector>

namespace rdu::remote {

// As it lies in the memory; all zero is an empty ring whose reader sleeps.
struct RingMemory {
  static constexpr std::uint32_t kSlots = 64;
  struct alignas(64) Slot {
    std::uint32_t bytes;
    std::byte message[2048 - sizeof(std::uint32_t)];
  };
  static constexpr std::size_t kMostBytes = sizeof(Slot::message);

  alignas(64) std::atomic<std::uint32_t> written;  // messages so far
  alignas(64) std::atomic<std::uint32_t> read;     // likewise
  alignas(64) std::atomic<std::uint32_t> reader_awake;
  Slot slots[kSlots];
};

// One thread at a time.
class RingWriter {
 public:
  explicit RingWriter(RingMemory& memory) : memory_(memory) {}

  // A message in two parts. False: it is too long, or there is no room.
  bool push(std::span<const std::byte> front, std::span<const std::byte> back);
  // After a push: the reader sleeps, and nobody has been told yet to wake it.
  bool must_wake_reader() { return memory_.reader_awake.exchange(1) == 0; }

 private:
  RingMemory& memory_;
  std::uint32_t written_ = 0;
};

// One thread at a time; `has_news` any.
class RingReader {
 public:
  explicit RingReader(RingMemory& memory) : memory_(memory) {}

  bool has_news() const { return memory_.written.load() != read_.load(std::memory_order_relaxed); }
  // Copies the next message out; false: there is none. A failure: the other side has spoilt the ring, for good.
  plugin::Result<bool> pop(std::vector<std::byte>& message);

  // False: do not sleep, there is something already.
  bool before_sleep();
  void after_sleep() { memory_.reader_awake.store(1, std::memory_order_relaxed); }

 private:
  RingMemory& memory_;
  std::atomic<std::uint32_t> read_{0};
};

}  // namespace rdu::remote
