// PGM and PPM pictures, and their way into tensors.
#include "tools/rdu/io/pnm.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace rdu::tool;

namespace {

Image decode(const std::string& text) {
  return decode_pnm(std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace

TEST_CASE("text and binary pictures have the same pixels") {
  const Image text = decode("P2\n# a comment\n2 1\n255\n0 255\n");
  const Image binary = decode(std::string("P5 2 1 255\n\x00\xff", 13));
  CHECK(text.pixels == std::vector<float>{0, 1});
  CHECK(binary.pixels == text.pixels);
}

TEST_CASE("sixteen bits are big-endian") {
  CHECK(decode(std::string("P5 1 1 65535\n\x80\x00", 15)).pixels.at(0) == Approx(32768.0 / 65535));
}

TEST_CASE("damaged pictures are refused") {
  CHECK_THROWS(decode(""));
  CHECK_THROWS(decode("P7 1 1 255 x"));
  CHECK_THROWS(decode("P5 2 2 255\nabc"));
  CHECK_THROWS(decode("P5 99999 1 255\n"));
  CHECK_THROWS(decode("P5 0 1 255\n"));
}

TEST_CASE("a picture fits channels first, channels last, and grey") {
  const Image red = decode("P3 1 1 255 255 0 0");
  ImageOptions options;
  CHECK(image_tensor(red, RDU_DTYPE_F32, std::vector<std::int64_t>{1, 3, 1, 1}, options).to_f64() ==
        std::vector<double>{1, 0, 0});
  options.scale = 255;
  options.mean = {127.5};
  options.std = {127.5};
  CHECK(image_tensor(red, RDU_DTYPE_F32, std::vector<std::int64_t>{1, 1, 3}, options).to_f64() ==
        std::vector<double>{1, -1, -1});
  CHECK(image_tensor(red, RDU_DTYPE_U8, std::vector<std::int64_t>{1, 1}, {}).to_f64() ==
        std::vector<double>{76});
  CHECK_THROWS(image_tensor(red, RDU_DTYPE_F32, std::vector<std::int64_t>{7}, {}));
}

TEST_CASE("resizing keeps a constant and interpolates between centres") {
  const Image ramp = decode("P2 2 1 255 0 255");
  const HostTensor wide = image_tensor(ramp, RDU_DTYPE_F32, std::vector<std::int64_t>{1, 4}, {});
  CHECK(wide.to_f64() == std::vector<double>{0, 0.25, 0.75, 1});
}
