// Finds and reads the files that hold inputs and expected outputs.
#include "tools/rdu/data_set.hpp"

#include <algorithm>
#include <cstring>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/io/tensor_proto.hpp"

namespace rdu::tool {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSetPrefix = "test_data_set_";

// test_data_set_2 comes before test_data_set_10.
bool shorter_first(const fs::path& a, const fs::path& b) {
  const std::string x = a.filename(), y = b.filename();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

HostTensor read_raw(const fs::path& path, const rdu_value_info& info) {
  const std::vector<std::byte> bytes = read_file(path);
  HostTensor tensor = make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
  if (bytes.size() != tensor.bytes.size()) {
    throw ToolError(path.string() + ": holds " + std::to_string(bytes.size()) + " bytes, input '" +
                    info.name + "' takes " + std::to_string(tensor.bytes.size()));
  }
  std::memcpy(tensor.bytes.data(), bytes.data(), bytes.size());
  return tensor;
}

}  // namespace

std::vector<fs::path> find_data_sets(const fs::path& dir) {
  if (fs::exists(dir / "input_0.pb") || fs::exists(dir / "output_0.pb")) return {dir};
  std::vector<fs::path> sets;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(dir, error)) {
    if (entry.is_directory() && entry.path().filename().string().starts_with(kSetPrefix)) {
      sets.push_back(entry.path());
    }
  }
  if (error) throw ToolError(dir.string() + ": " + error.message());
  if (sets.empty()) {
    throw ToolError(dir.string() + ": neither input_0.pb nor a folder test_data_set_0 in it");
  }
  std::ranges::sort(sets, shorter_first);
  return sets;
}

std::vector<HostTensor> read_numbered(const fs::path& dir, const std::string& prefix) {
  std::vector<HostTensor> tensors;
  for (int i = 0;; ++i) {
    const fs::path path = dir / (prefix + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return tensors;
    tensors.push_back(read_tensor_proto(path));
  }
}

HostTensor read_input(const fs::path& path, const rdu_value_info& info, const ImageOptions& image) {
  if (path.extension() == ".npy") return read_npy(path);
  if (path.extension() == ".pb") return read_tensor_proto(path);
  if (is_image_path(path)) {
    return image_tensor(read_image(path), info.dtype, {info.shape, info.rank}, image);
  }
  return read_raw(path, info);
}

}  // namespace rdu::tool
