// Between [N, spatial…, C] and [N, C, spatial…].
#pragma once

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

ir::ValueId channels_first(ir::Builder& builder, ir::ValueId x);
ir::ValueId channels_last(ir::Builder& builder, ir::ValueId x);

}  // namespace rducc::import_onnx
