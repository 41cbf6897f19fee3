// Every figure of a chip: one table that the parser, the printer, the validator and overrides work from.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace rdu_hw::arch {

enum class Kind {
  kCount,   // uint32_t
  kSize,    // uint64_t
  kChoice,  // uint32_t, one of `words`
  kSet,     // uint32_t, bits named by `words`
  kRatio,   // two uint32_t: numerator and denominator, in lowest terms
  kMap,     // address map: RDU_HW_MAP_DIGITS digits named by `words`
  kText,    // char[RDU_HW_NAME_BYTES]
};

struct Word {
  std::string_view name;
  uint32_t value;
};

struct Field {
  std::string_view key;  // "pcu.ports.vector_in"
  Kind kind;
  uint32_t offset;  // in rdu_hw_arch
  uint64_t min;     // kCount, kSize; bounds of the numerator for kRatio
  uint64_t max;
  std::string_view unit;  // "" where it is a plain count
  std::string_view meaning;
  std::span<const Word> words;
};

// In the order of the struct's groups, which is the order of every listing.
std::span<const Field> fields();

const Field* find_field(std::string_view key);

// Is `key` the beginning of some figure's key, up to a dot ("pcu", "pcu.ports")?
bool is_group(std::string_view key);

// The second tier is the only part that a chip may lack as a whole.
inline constexpr std::string_view kOptionalGroup = "hbm";
bool is_optional(const Field& field);

inline bool has_hbm(const rdu_hw_arch& arch) { return arch.hbm.channels != 0; }

// A figure's place in a chip, and its number where it is a uint32_t or uint64_t.
void* place_of(const Field& field, rdu_hw_arch& arch);
const void* place_of(const Field& field, const rdu_hw_arch& arch);
uint64_t number_of(const Field& field, const rdu_hw_arch& arch);

}  // namespace rdu_hw::arch
