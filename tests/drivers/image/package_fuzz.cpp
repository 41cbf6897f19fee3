// Decodes what the fuzzer invents as a package, with hashes that fit, and prints it where it decodes.
#include <rdu_hw/package.h>

#include <cstdlib>
#include <vector>

#include "tests/drivers/image/packages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  image_test::seal_package(bytes);
  std::uint32_t reason = 0;
  rdu_hw_refusal_decode(data, size, &reason, nullptr, 0, nullptr);
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_package_decode(bytes.data(), bytes.size(), &package, &error) != RDU_HW_IMAGE_OK) {
    if (error.text[0] == '\0') std::abort();
    return 0;
  }
  if (rdu_hw_package_print(package, nullptr, 0) == 0) std::abort();
  const auto* end = static_cast<const std::uint8_t*>(package->data) + package->data_size;
  if (end != bytes.data() + bytes.size()) std::abort();
  rdu_hw_package_free(package);
  return 0;
}
