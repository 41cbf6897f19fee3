// Opens what the fuzzer invents, as a file whose hashes fit, and walks it where it opens.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "sdk/artifact/reader.hpp"
#include "sdk/base/aligned_bytes.hpp"
#include "tests/support/seal.hpp"
#include "tests/support/walk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto file = rdu::base::AlignedBytes::allocate(size);
  if (!file) return 0;
  if (size > 0) std::memcpy(file->bytes().data(), data, size);
  rdu::testing::seal_artifact(file->bytes());
  const auto artifact = rdu::artifact::open_artifact(file->bytes());
  if (artifact && !rdu::testing::walk(**artifact).empty()) std::abort();
  return 0;
}
