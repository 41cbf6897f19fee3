// Refusals there and back, and what is none.
#include <rdu_hw/package.h>

#include <catch2/catch.hpp>
#include <string>

#include "drivers/image/package.hpp"

namespace {

std::string read(const std::vector<std::uint8_t>& bytes, std::size_t capacity = 100) {
  std::string text(capacity, '*');
  std::uint32_t reason = 0;
  rdu_hw_image_error error = {};
  const auto code =
      rdu_hw_refusal_decode(bytes.data(), bytes.size(), &reason, text.data(), capacity, &error);
  if (code != RDU_HW_IMAGE_OK) return std::to_string(code) + " " + error.text;
  return std::to_string(reason) + ": " + text.c_str();
}

}  // namespace

TEST_CASE("a refusal there and back") {
  const auto bytes = rdu_hw::image::write_refusal(4, "node 'a': f64");
  CHECK(bytes.size() == 32 + 13);
  CHECK(read(bytes) == "4: node 'a': f64");
  CHECK(read(bytes, 5) == "4: node");
  CHECK(read(rdu_hw::image::write_refusal(9, "")) == "9: ");
  CHECK(read(rdu_hw::image::write_refusal(9, "a\xc3\xa4\n")) == "9: a???");
}

TEST_CASE("what is no refusal") {
  auto bytes = rdu_hw::image::write_refusal(4, "no");
  bytes[33] = 'x';
  CHECK(read(bytes).substr(0, 25) == "2 refusal hash: expected ");
  bytes.pop_back();
  CHECK(read(bytes) == "2 refusal bytes: expected 33, got 34");
  bytes[0] = 'r';
  CHECK(read(bytes) == "2 refusal magic: expected RDU_DECL, got other bytes");
  bytes.resize(31);
  CHECK(read(bytes) == "2 refusal size: expected at least 32 bytes, got 31");
  CHECK(rdu_hw_refusal_decode(nullptr, 0, nullptr, nullptr, 0, nullptr) ==
        RDU_HW_IMAGE_ERR_ARGUMENT);
}
