// .npy files: what is written is read back, NumPy's own headers are understood, damage is named.
#include "tools/rdu/io/npy.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

#include "tools/rdu/error.hpp"

using namespace rdu::tool;

namespace {

std::vector<std::byte> npy(const std::string& header, std::vector<std::uint8_t> data) {
  std::string text = "\x93NUMPY";
  text += '\x01';
  text += '\x00';
  text += static_cast<char>(header.size());
  text += '\x00';
  text += header;
  text.append(reinterpret_cast<const char*>(data.data()), data.size());
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace

TEST_CASE("a tensor survives the way to a .npy file and back") {
  const auto path = std::filesystem::temp_directory_path() / "rdu_npy_test.npy";
  for (const rdu_dtype dtype : {RDU_DTYPE_F32, RDU_DTYPE_I64, RDU_DTYPE_BOOL, RDU_DTYPE_F16}) {
    HostTensor tensor = make_host_tensor(dtype, {2, 3});
    for (std::size_t i = 0; i < tensor.bytes.size(); ++i) tensor.bytes.data()[i] = std::byte(i % 2);
    write_npy(path, tensor);
    CHECK(std::filesystem::file_size(path) == 128 + tensor.bytes.size());
    const HostTensor back = read_npy(path);
    CHECK(back.dtype == dtype);
    CHECK(back.shape == tensor.shape);
    CHECK(std::memcmp(back.bytes.data(), tensor.bytes.data(), tensor.bytes.size()) == 0);
  }
  std::filesystem::remove(path);
}

TEST_CASE("a scalar has an empty shape") {
  const HostTensor tensor =
      decode_npy(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", {7}));
  CHECK(tensor.shape.empty());
  CHECK(tensor.to_f64() == std::vector<double>{7});
}

TEST_CASE("column-major elements are put in rows") {
  const HostTensor tensor = decode_npy(
      npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", {1, 4, 2, 5, 3, 6}));
  CHECK(tensor.to_f64() == std::vector<double>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("damaged .npy files are refused with words") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(
      decode_npy(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }\n", {1})),
      Contains("1 bytes of data, not the 4"));
  CHECK_THROWS_WITH(
      decode_npy(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (), }\n", {})),
      Contains("big-endian"));
  CHECK_THROWS_WITH(decode_npy(npy("{'descr': '|u1'}\n", {})), Contains("'shape'"));
  CHECK_THROWS_WITH(decode_npy({}), Contains("magic"));
}
