// Exact integers as people write them: 524288, 512KiB, 1.32GHz, 51.2GB/s.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rdu_hw::arch {

// `unit` is the one that the text may end in ("B", "Hz", "B/s"; "" or another: digits only), after one of
// k M G T (powers of 1000) or Ki Mi Gi Ti (powers of 1024). Nothing when it is not exactly an integer.
std::optional<uint64_t> parse_amount(std::string_view text, std::string_view unit);

// The shortest exact form with a space before the unit: "512 KiB", "1.32 GHz". Bytes take powers of 1024.
std::string format_amount(uint64_t amount, std::string_view unit);

// Does this unit take prefixes?
bool is_scaled_unit(std::string_view unit);

}  // namespace rdu_hw::arch
