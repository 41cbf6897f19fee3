// Inputs and expected outputs from files: ONNX test data sets, streams, and single files named on the command line.
#pragma once

#include <rdu/artifact.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tools/rdu/io/host_tensor.hpp"
#include "tools/rdu/io/image.hpp"

namespace rdu::tool {

// `DIR` itself where it holds input_0.pb or output_0.pb, else its test_data_set_* folders in order.
std::vector<std::filesystem::path> find_data_sets(const std::filesystem::path& dir);

// input_N.pb or output_N.pb (prefix "input" or "output") in order; stops at the first number that is missing.
std::vector<HostTensor> read_numbered(const std::filesystem::path& dir, const std::string& prefix);

// One input of a command: .npy, .pb, a picture, or raw bytes, for the input `info` describes.
HostTensor read_input(const std::filesystem::path& path, const rdu_value_info& info,
                      const ImageOptions& image);

}  // namespace rdu::tool
