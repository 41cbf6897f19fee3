// Built flows on the emulated chip.
#pragma once

#include "drivers/emu/chip/chip.hpp"
#include "tools/rducc/target/rdu/build.hpp"

namespace rdu_test {

using Words = std::vector<std::uint32_t>;

struct Ran {
  rducc::rdu::BuiltSection first;  // of the flow's sections
  rdu_hw::emu::Failure failure;
  std::string error;
  std::int64_t cycles;               // that the sections executed
  std::vector<Words> before, after;  // of each argument; one word of a scalar
};

// Throws where the flow cannot be built. The words before depend on the seed and the arguments alone.
Ran run(const rducc::rdu::Flow& flow, const rdu_hw_arch& arch, std::uint64_t seed = 1,
        const rducc::rdu::BuildOptions& options = {});

}  // namespace rdu_test
