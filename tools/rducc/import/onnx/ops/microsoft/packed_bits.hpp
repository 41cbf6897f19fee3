// Integers of fewer than 8 bits that a model packs into bytes, the first in the low bits.
#pragma once

#include <cstdint>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// The same bytes as a constant of 4 or 8 bits an element and of these dims, the last of which may be
// rounded up to whole bytes per row: `dims` then says how long the rows really lie apart.
ValueId unpacked(OpCall& call, std::size_t input, std::string_view what, std::int64_t bits,
                 Dims dims);

// 4 or 8, from the attribute `bits`.
std::int64_t packed_bits(const OpCall& call);
// A power of two of at least 16, from the attribute `block_size`.
std::int64_t packed_block(const OpCall& call, std::int64_t fallback);

}  // namespace rducc::import_onnx
