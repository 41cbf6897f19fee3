// The address program of a PMU's or AGCU's context.
#pragma once

#include <optional>

#include "tests/drivers/emu/naive/context.hpp"
#include "tests/drivers/emu/naive/walk.hpp"

namespace naive {

// In bytes, for each lane of the chip; nothing in lanes that are off or not valid.
using Addresses = std::vector<std::optional<std::int64_t>>;

Addresses addresses(const Context& context, const Walk& walk);

}  // namespace naive
