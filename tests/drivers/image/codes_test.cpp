// The public codes are the operations' own, and the header works from C.
#include <algorithm>
#include <cctype>
#include <fstream>

#include "drivers/emu/arith/ops.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

extern "C" std::uint32_t image_contexts_seen_from_c(const void* bytes, std::size_t size);

namespace {

// The names and numbers of the lines "RDU_HW_OP_ADD_F32 = 0," of the public header.
std::vector<std::string> public_codes(const std::string& prefix) {
  std::ifstream header(IMAGE_OPS_HEADER);
  std::vector<std::string> codes;
  for (std::string line; std::getline(header, line);) {
    const std::size_t at = line.find(prefix);
    if (at == std::string::npos) continue;
    std::string code = line.substr(at + prefix.size(), line.find(',') - at - prefix.size());
    std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::tolower(c); });
    codes.push_back(code);
  }
  return codes;
}

}  // namespace

TEST_CASE("the public codes are the operations'") {
  using Codes = std::vector<std::string>;
#define X(name, number, ...) #name " = " #number,
  CHECK(public_codes("RDU_HW_OP_") == Codes{RDU_HW_ARITH_OPS(X)});
  CHECK(public_codes("RDU_HW_FOLD_") == Codes{RDU_HW_ARITH_FOLDS(X)});
  CHECK(public_codes("RDU_HW_PICK_") == Codes{RDU_HW_ARITH_PICKS(X)});
#undef X
}

TEST_CASE("a C program reads an image") {
  const auto bytes = rdu_hw::image::write_image(image_test::dot_product(0, 1024, 32));
  CHECK(image_contexts_seen_from_c(bytes.data(), bytes.size()) == 8);
}
