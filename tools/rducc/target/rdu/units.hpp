// Which contexts and buffers share a unit: the chip's limits of one unit, and packing into them.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/build.hpp"

namespace rducc::rdu {

// Ports of a unit: [direction][kind].
using PortCounts = std::array<std::array<std::uint32_t, 3>, 2>;
PortCounts ports_of(const Context& context);
PortCounts ports_of(const rdu_hw_arch& arch, std::uint32_t unit);
// Of the FIFO at an input of the kind.
std::uint32_t fifo_depth(const rdu_hw_arch& arch, std::uint32_t unit, std::uint32_t kind);

// What contexts and buffers take of one unit.
struct Load {
  PortCounts ports = {};
  std::uint64_t counters = 0;
  std::uint64_t contexts = 0;
  std::uint64_t stages = 0;  // of a PCU's body
  std::uint64_t tails = 0;
  std::uint64_t registers = 0;
  std::uint64_t systolics = 0;
  std::uint64_t bytes = 0;       // of a scratchpad
  std::uint64_t requesters = 0;  // LOAD and STORE contexts of an AGCU
  std::uint64_t slots = 0;       // the most outstanding requests that one of them needs

  Load& operator+=(const Load& other);
};
Load load_of(const Context& context, const rdu_hw_arch& arch);
// Bytes of the scratchpad.
std::uint64_t footprint(const Buffer& buffer, const rdu_hw_arch& arch);
// What of the unit is short: a sentence with numbers, empty when it fits.
std::string shortage(const Load& load, const rdu_hw_arch& arch, std::uint32_t unit);

struct Unit {
  std::uint32_t type = RDU_HW_UNIT_PCU;
  std::vector<std::uint32_t> contexts;
  std::vector<std::uint32_t> buffers;
  bool keeps =
      false;  // a buffer of it has contents of more than this section: no other section's buffers here
};

// In the order of their first contexts or buffers. `reserved_pmus` are not this section's to use.
base::Result<std::vector<Unit>> share_units(const Parts& parts, const rdu_hw_arch& arch,
                                            const BuildOptions& options,
                                            std::uint32_t reserved_pmus);

}  // namespace rducc::rdu
