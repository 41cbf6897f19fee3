// The public codes are the operations' own, and the header works from C.
#include <algorithm>
#include <cctype>

#include "drivers/emu/arith/ops.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

extern "C" std::uint32_t image_contexts_seen_from_c(const void* bytes, std::size_t size);

namespace arith = rdu_hw::arith;

TEST_CASE("every operation has its public code") {
  CHECK(RDU_HW_OP_U8_SATURATE + 1 == arith::kNumOps);
  CHECK(RDU_HW_FOLD_OR_WORD + 1 == arith::kNumFolds);
  CHECK(RDU_HW_PICK_MAX_LAST_I32 + 1 == arith::kNumPicks);
  CHECK(std::string(arith::op_name(RDU_HW_OP_FMA_F32)) == "fma_f32");
  CHECK(std::string(arith::op_name(RDU_HW_OP_SELECT_WORD)) == "select_word");
  CHECK(std::string(arith::op_name(RDU_HW_OP_GE_I32)) == "ge_i32");
}

TEST_CASE("a C program reads an image") {
  const auto bytes = rdu_hw::image::write_image(image_test::dot_product(0, 1024, 32));
  CHECK(image_contexts_seen_from_c(bytes.data(), bytes.size()) == 8);
}
