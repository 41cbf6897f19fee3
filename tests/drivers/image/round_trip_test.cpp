// Programs become bytes and programs again.
#include <cstring>

#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

namespace {

void check_round_trip(const Program& program, const rdu_hw_arch& arch) {
  const Bytes bytes = write_image(program);
  CHECK(write_image(program) == bytes);
  const Image image = decoded(bytes);
  CHECK(answer(*image, arch) == "0");
  CHECK(write_image(read_program(*image)) == bytes);
}

}  // namespace

TEST_CASE("programs survive the way through an image") {
  const rdu_hw_arch sara20 = chip("sara20");
  const rdu_hw_arch sn10 = chip("sn10");
  check_round_trip(dot_product(rdu_hw_arch_hash(&sara20), 1024, 32), sara20);
  check_round_trip(metapipelined_map(rdu_hw_arch_hash(&sara20), 8, 256), sara20);
  check_round_trip(systolic_tile(rdu_hw_arch_hash(&sn10), 64), sn10);
}

TEST_CASE("an empty program is an image") {
  const rdu_hw_arch edge = chip("edge");
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&edge);
  check_round_trip(program, edge);
  program.sections.resize(2);
  check_round_trip(program, edge);
}

TEST_CASE("the decoded tables hold what was written") {
  const Image image = decoded(write_image(dot_product(42, 1024, 32)));
  CHECK(image->arch_hash == 42);
  CHECK(image->num_sections == 1);
  CHECK(image->num_contexts == 8);
  REQUIRE(image->num_arguments == 3);
  CHECK(image->arguments[0].bytes == 4096);
  CHECK(image->contexts[6].program == RDU_HW_PROGRAM_SIMD);
  CHECK(image->instructions[1].code == RDU_HW_FOLD_ADD_I32);
  CHECK(std::string(image->text + image->labels[2].text.first, 3) == "sum");
  CHECK(image->labels[2].node == 7);
}

TEST_CASE("bytes at any alignment decode, and the caller's copy may go") {
  Bytes bytes = write_image(dot_product(1, 1024, 32));
  Bytes shifted(bytes.size() + 3);
  std::memcpy(shifted.data() + 3, bytes.data(), bytes.size());
  rdu_hw_image* out = nullptr;
  REQUIRE(rdu_hw_image_decode(shifted.data() + 3, bytes.size(), &out, nullptr) == RDU_HW_IMAGE_OK);
  const Image image(out);
  std::memset(shifted.data(), 0xff, shifted.size());
  CHECK(write_image(read_program(*image)) == bytes);
}

TEST_CASE("the C functions refuse NULL and leave outputs alone") {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  CHECK(rdu_hw_image_decode(nullptr, 0, &image, &error) == RDU_HW_IMAGE_ERR_ARGUMENT);
  CHECK(std::string(error.text) == "bytes is NULL");
  CHECK(rdu_hw_image_decode("", 0, nullptr, &error) == RDU_HW_IMAGE_ERR_ARGUMENT);
  CHECK(rdu_hw_image_decode("", 0, &image, &error) == RDU_HW_IMAGE_ERR_FORMAT);
  CHECK(image == nullptr);
  CHECK(rdu_hw_image_validate(nullptr, nullptr, nullptr) == RDU_HW_IMAGE_ERR_ARGUMENT);
  CHECK(rdu_hw_image_print(nullptr, nullptr, 0) == 0);
  rdu_hw_image_free(nullptr);
}
