// Puts what executables packed into one file.
#pragma once

#include <span>
#include <vector>

#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {

// In pieces, from front to back; pieces of the same content lie there once. Nothing where there is nothing.
void write_packed(std::span<const PackedStore* const> stores,
                  FunctionRef<void(std::span<const std::byte>)> write);

}  // namespace rdu::cpu
