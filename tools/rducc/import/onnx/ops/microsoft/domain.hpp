// The domain of ONNX Runtime's own operators. Their contracts are its docs/ContribOperators.md; all
// have version 1.
#pragma once

#include <string_view>

namespace rducc::import_onnx {

inline constexpr std::string_view kMicrosoft = "com.microsoft";

}  // namespace rducc::import_onnx
