// What the front end asks of a worker: a head at the beginning of a segment, then places of tensors or a body.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace rdu::remote::node {

enum class Op : std::uint32_t {
  kVerify = 1,         // body: artifact
  kCheck = 2,          // body: artifact, signature, variant → verdicts
  kLoad = 3,           // program; body: artifact, signature, variant, sections → ports
  kUnload = 4,         // program
  kRun = 5,            // program, state, places
  kStateCreate = 6,    // program, state
  kStateDestroy = 7,   // state
  kStateRead = 8,      // state, variable → the place
  kStateWrite = 9,     // state, variable, the place
  kStateReset = 10,    // state
  kStateClone = 11,    // state, other_state: the new one
  kStateSave = 12,     // state; body: path
  kStateRestore = 13,  // state; body: path
  kCanary = 14,        // does the device answer?
};

// Bytes in this segment, or in other memory that the worker was given (`memory`: its number, 0: this segment).
struct Place {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t memory = 0;
  std::uint32_t reserved = 0;
};

// The front end writes it, the worker fills in `code`, `device_ns` and the body. Both copy it before they believe it.
struct WorkHead {
  Op op = Op::kCanary;
  std::uint32_t code = 0;  // rdu_code; on failure the body is the sentence
  std::uint64_t program = 0;
  std::uint64_t state = 0;
  std::uint64_t other_state = 0;
  std::uint64_t deadline_ns = 0;  // CLOCK_MONOTONIC, 0: none
  std::uint64_t device_ns = 0;
  std::uint32_t variable = 0;
  std::uint32_t num_inputs = 0;
  std::uint32_t num_outputs = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t stop = 0;  // not 0: nobody waits for it any more; set while the worker is at it
  std::uint32_t reserved = 0;
};

// In the segment itself, where both sides see it.
inline std::atomic_ref<std::uint32_t> stop_word(std::span<std::byte> segment) {
  return std::atomic_ref(
      *reinterpret_cast<std::uint32_t*>(segment.data() + offsetof(WorkHead, stop)));
}

// To be woken costs more than such a run: whoever waits for it, or for the next one, stays awake for a moment. A longer one
// needs the processors itself.
inline constexpr std::uint64_t kBriskNs = 20'000;

// Places follow the head, inputs first; the body follows the places.
inline constexpr std::size_t kTensorAlignment = 64;
inline constexpr std::uint32_t kMaxPlaces = 32768;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kTensorAlignment - 1) & ~(kTensorAlignment - 1);
}

constexpr std::size_t body_offset(std::size_t num_places) {
  return aligned(sizeof(WorkHead) + num_places * sizeof(Place));
}

inline WorkHead read_head(std::span<const std::byte> segment) {
  WorkHead head;
  std::memcpy(&head, segment.data(), sizeof head);
  return head;
}

inline void write_head(std::span<std::byte> segment, const WorkHead& head) {
  std::memcpy(segment.data(), &head, sizeof head);
}

// The body of a head that was read, as far as the segment holds it.
inline std::span<const std::byte> body_of(std::span<const std::byte> segment,
                                          const WorkHead& head) {
  const std::size_t places = head.num_inputs + std::size_t{head.num_outputs};
  if (places > kMaxPlaces || body_offset(places) > segment.size()) return {};
  const auto rest = segment.subspan(body_offset(places));
  return rest.first(head.body_bytes <= rest.size() ? head.body_bytes : 0);
}

}  // namespace rdu::remote::node
