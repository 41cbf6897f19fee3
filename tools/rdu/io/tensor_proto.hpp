// ONNX TensorProto files (the input_N.pb and output_N.pb of test data), read without the ONNX package.
#pragma once

#include <filesystem>
#include <span>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

// Throws ToolError naming what is wrong. Strings, complex numbers and external data are refused.
HostTensor decode_tensor_proto(std::span<const std::byte> bytes);
HostTensor read_tensor_proto(const std::filesystem::path& path);

}  // namespace rdu::tool
