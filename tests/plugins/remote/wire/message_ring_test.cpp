// A ring between two threads that sleep and wake each other: no message is lost, torn or overtaken, and nobody oversleeps.
#include "plugins/remote/wire/message_ring.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <semaphore>
#include <thread>

namespace {

using namespace rdu::remote;

constexpr std::uint32_t kMessages = 20'000;

// The number, then as many bytes of it as it says itself.
std::vector<std::byte> message_of(std::uint32_t number) {
  std::vector<std::byte> message(sizeof number + number % 97,
                                 std::byte{static_cast<unsigned char>(number)});
  std::memcpy(message.data(), &number, sizeof number);
  return message;
}

// How many came as they were sent, in their order, before the bell failed to ring or a message was wrong.
std::uint32_t read_all(RingMemory& memory, std::counting_semaphore<>& bell) {
  RingReader reader(memory);
  std::vector<std::byte> message;
  for (std::uint32_t number = 0; number < kMessages;) {
    const auto got = reader.pop(message);
    if (!got.ok()) return number;
    if (*got) {
      if (message != message_of(number)) return number;
      ++number;
    } else if (reader.before_sleep()) {
      if (!bell.try_acquire_for(std::chrono::seconds(10))) return number;
      reader.after_sleep();
    }
  }
  return kMessages;
}

}  // namespace

TEST_CASE("a ring loses nothing between threads that sleep") {
  const auto memory = std::make_unique<RingMemory>();
  std::counting_semaphore<> bell(0);
  std::atomic<bool> over = false;
  std::uint32_t came = 0;
  std::thread reader([&] {
    came = read_all(*memory, bell);
    over = true;
  });
  RingWriter writer(*memory);
  for (std::uint32_t number = 0; number < kMessages && !over;) {
    const std::vector<std::byte> message = message_of(number);
    const auto bytes = std::span(message);
    if (!writer.push(bytes.first(2), bytes.subspan(2))) {
      std::this_thread::yield();
      continue;
    }
    if (writer.must_wake_reader()) bell.release();
    // Now and then it finds the reader asleep.
    if (++number % 512 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  reader.join();
  CHECK(came == kMessages);
}
