// Compaction: which positions a mask keeps, and how many.
#pragma once

#include <cstdint>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

struct Kept {
  ir::ValueId positions;  // I64, ascending; its extent is known when it runs, or folded
  ir::ValueId count;      // I64 scalar
};

// The row-major positions where a BOOL value is true.
Kept keep_true(ir::Builder& builder, ir::ValueId mask);

// The loop over what is kept.
ir::Loop kept_loop(const ir::Builder& builder, const Kept& kept);

}  // namespace rducc::import_onnx
