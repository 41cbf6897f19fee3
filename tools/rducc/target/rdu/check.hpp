// Whether a section means something, before it is mapped: what the image's checks would say in terms of ports and registers, said in names.
#pragma once

#include <rdu_hw/arch.h>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu {

// Streams with a sender and a receiver that agree in the number of elements, levels and operands that exist, operations that the chip has.
base::Result<void> check_section(const Section& section, const Flow& flow, const rdu_hw_arch& arch);

// An operation in messages: its kind and its code.
std::string describe(const Operation& operation);

}  // namespace rducc::rdu
