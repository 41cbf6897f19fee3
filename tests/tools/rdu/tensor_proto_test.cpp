// TensorProto: raw and repeated fields, packed or not, and bytes that are none.
#include "tools/rdu/io/tensor_proto.hpp"

#include <catch2/catch.hpp>

using namespace rdu::tool;

namespace {

HostTensor decode(std::vector<std::uint8_t> bytes) {
  return decode_tensor_proto(std::as_bytes(std::span(bytes)));
}

}  // namespace

TEST_CASE("raw data with a name") {
  // dims 2 (packed), data_type UINT8, name "x", raw_data 5 9.
  const HostTensor tensor = decode({0x0a, 1, 2, 0x10, 2, 0x42, 1, 'x', 0x4a, 2, 5, 9});
  CHECK(tensor.name == "x");
  CHECK(tensor.dtype == RDU_DTYPE_U8);
  CHECK(tensor.to_f64() == std::vector<double>{5, 9});
}

TEST_CASE("negative int64_data, not packed") {
  const HostTensor tensor =
      decode({0x08, 1, 0x10, 7, 0x38, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1});
  CHECK(tensor.shape == std::vector<std::int64_t>{1});
  CHECK(tensor.to_f64() == std::vector<double>{-1});
}

TEST_CASE("a scalar in float_data") {
  const HostTensor tensor = decode({0x10, 1, 0x25, 0, 0, 0x20, 0x40});
  CHECK(tensor.shape.empty());
  CHECK(tensor.to_f64() == std::vector<double>{2.5});
}

TEST_CASE("bytes that are no tensor are refused with words") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(decode({0x4a, 9, 1}), Contains("ends within a field"));
  CHECK_THROWS_WITH(decode({0x0a, 1, 2, 0x10, 1, 0x4a, 1, 0}), Contains("1 bytes of data, not 8"));
  CHECK_THROWS_WITH(decode({0x10, 8}), Contains("data type 8"));
  CHECK_THROWS_WITH(decode({0x1f}), Contains("wire type 7"));
  CHECK_THROWS_WITH(decode({0x08, 2, 0x10, 1, 0x25, 0, 0, 0, 0}),
                    Contains("4 bytes of data, not 8"));
}
