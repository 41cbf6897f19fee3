// .npz archives: stored and deflated entries, and files that are none.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

#include "tools/rdu/io/file.hpp"
#include "tools/rdu/io/npy.hpp"

using namespace rdu::tool;

namespace {

namespace fs = std::filesystem;

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

std::string deflated(const std::string& text) {
  std::string out(text.size() + 64, '\0');
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A zip archive of one entry, written from the format's description.
std::string zip(const std::string& name, const std::string& content, bool pack) {
  const std::string data = pack ? deflated(content) : content;
  const std::string sizes = little_endian(0, 4) + little_endian(data.size(), 4) +
                            little_endian(content.size(), 4) + little_endian(name.size(), 2);
  const std::string method = little_endian(pack ? 8 : 0, 2) + little_endian(0, 4);
  const std::string local = "PK\3\4" + little_endian(20, 2) + little_endian(0, 2) + method + sizes +
                            little_endian(0, 2) + name + data;
  const std::string directory = "PK\1\2" + little_endian(20, 4) + little_endian(0, 2) + method +
                                sizes + little_endian(0, 4) + little_endian(0, 8) +
                                little_endian(0, 4) + name;
  return local + directory + "PK\5\6" + little_endian(0, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(directory.size(), 4) + little_endian(local.size(), 4) +
         little_endian(0, 2);
}

std::string npy_text(float value, const fs::path& scratch) {
  HostTensor tensor = make_host_tensor(RDU_DTYPE_F32, {1});
  std::memcpy(tensor.bytes.data(), &value, sizeof(value));
  write_npy(scratch, tensor);
  const std::vector<std::byte> bytes = read_file(scratch);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("stored and deflated entries of a .npz file are read") {
  const fs::path path = fs::temp_directory_path() / "rdu_npz_test.npz";
  const std::string content = npy_text(2.5F, path);
  for (const bool pack : {false, true}) {
    write_text(path, zip("frames.npy", content, pack));
    const auto tensors = read_npz(path);
    REQUIRE(tensors.size() == 1);
    CHECK(tensors.at("frames").to_f64() == std::vector<double>{2.5});
  }
  fs::remove(path);
}

TEST_CASE("every prefix of a .npz file is refused") {
  const fs::path path = fs::temp_directory_path() / "rdu_npz_prefix_test.npz";
  const std::string whole = zip("a.npy", npy_text(1, path), true);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_text(path, whole.substr(0, size));
    CHECK_THROWS(read_npz(path));
  }
  fs::remove(path);
}
