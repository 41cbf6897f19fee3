// The tables of an image, once: chunk, member of rdu_hw_image, record.
#pragma once

#include <rdu_hw/config.h>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace rdu_hw::image {

// X(chunk, member, record, flags), in ascending order of chunk.
#define RDU_HW_IMAGE_TABLES(X)                           \
  X(ARGUMENTS, arguments, rdu_hw_argument, 0u)           \
  X(SECTIONS, sections, rdu_hw_section, 0u)              \
  X(CONTEXTS, contexts, rdu_hw_context, 0u)              \
  X(COUNTERS, counters, rdu_hw_counter, 0u)              \
  X(PORTS, ports, rdu_hw_port, 0u)                       \
  X(INSTRUCTIONS, instructions, rdu_hw_instruction, 0u)  \
  X(SYSTOLICS, systolics, rdu_hw_systolic, 0u)           \
  X(STEPS, steps, rdu_hw_step, 0u)                       \
  X(TERMS, terms, rdu_hw_term, 0u)                       \
  X(ACCESSES, accesses, rdu_hw_access, 0u)               \
  X(TRANSFERS, transfers, rdu_hw_transfer, 0u)           \
  X(BUFFERS, buffers, rdu_hw_buffer, 0u)                 \
  X(LINKS, links, rdu_hw_link, 0u)                       \
  X(SINKS, sinks, rdu_hw_sink, 0u)                       \
  X(HOPS, hops, rdu_hw_hop, 0u)                          \
  X(LABELS, labels, rdu_hw_label, RDU_HW_CHUNK_OPTIONAL) \
  X(TEXT, text, char, RDU_HW_CHUNK_OPTIONAL)             \
  X(SETUPS, setups, rdu_hw_setup, 0u)

inline constexpr std::uint64_t kAlignment = 8;
// Of records in a table: numbers and sums of them fit 32 bits.
inline constexpr std::uint64_t kMaxRecords = std::uint64_t{1} << 30;

// Records are mapped, not converted.
static_assert(std::endian::native == std::endian::little);
#define X(chunk, member, record, flags)                             \
  static_assert(std::is_trivially_copyable_v<record> &&             \
                std::has_unique_object_representations_v<record> && \
                alignof(record) <= kAlignment);
RDU_HW_IMAGE_TABLES(X)
#undef X
static_assert(sizeof(rdu_hw_image_header) == 40 && sizeof(rdu_hw_chunk) == 32);

inline constexpr std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

// The part of an image that its hash covers begins here.
inline constexpr std::uint64_t kHashedFrom = offsetof(rdu_hw_image_header, arch_hash);

inline std::uint64_t hash_of(const std::uint8_t* bytes, std::uint64_t count) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint64_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

}  // namespace rdu_hw::image
