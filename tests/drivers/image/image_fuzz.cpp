// Decodes what the fuzzer invents, with a hash that fits, and walks it where it decodes.
#include <rdu_hw/config.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "drivers/image/program.hpp"
#include "tests/drivers/image/mutation.hpp"

namespace {

const rdu_hw_arch& edge() {
  static const rdu_hw_arch arch = [] {
    rdu_hw_arch loaded;
    if (rdu_hw_arch_load("edge", &loaded, nullptr) != RDU_HW_ARCH_OK) std::abort();
    return loaded;
  }();
  return arch;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  image_test::seal(bytes);
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error) != RDU_HW_IMAGE_OK) {
    if (error.text[0] == '\0') std::abort();
    return 0;
  }
  rdu_hw_image_validate(image, &edge(), nullptr);
  if (rdu_hw_image_print(image, nullptr, 0) == 0) std::abort();
  // Chunks that nobody knows are lost on this way; without them the bytes come back.
  const auto again = rdu_hw::image::write_image(rdu_hw::image::read_program(*image));
  if (again.size() > bytes.size()) std::abort();
  rdu_hw_image_free(image);
  return 0;
}
