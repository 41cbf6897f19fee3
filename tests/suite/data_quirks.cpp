// The bfloat16 cases of ONNX 1.12 and 1.13: their tensors are stored as uint16, and CastLike's target as one element
// although the model declares the shape of the input.
#include "tests/suite/data_quirks.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace rdu::suite {

bool has_data_quirks(const std::filesystem::path& case_dir) {
  const std::string name = case_dir.filename().string();
  const bool cast = name.starts_with("test_cast_") || name.starts_with("test_castlike_");
  return cast && name.find("BFLOAT16") != std::string::npos;
}

tool::HostTensor settle_quirk(tool::HostTensor tensor, const rdu_value_info& info) {
  if (info.dtype == RDU_DTYPE_BF16 && tensor.dtype == RDU_DTYPE_U16) tensor.dtype = info.dtype;
  const bool one_element = tensor.shape == std::vector<std::int64_t>{1};
  if (!one_element || std::string_view(info.name) != "like") return tensor;
  tool::HostTensor target =
      tool::make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
  std::fill_n(target.bytes.data(), target.bytes.size(), std::byte{0});
  target.name = tensor.name;
  return target;
}

tool::Tolerance tolerance_of(const std::filesystem::path& case_dir) {
  tool::Tolerance tolerance;
  if (has_data_quirks(case_dir)) tolerance.rtol = 0x1p-7;
  return tolerance;
}

}  // namespace rdu::suite
