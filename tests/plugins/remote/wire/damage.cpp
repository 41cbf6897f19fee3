// One to six words become extremes, near misses, other bits, or anything.
#include "tests/plugins/remote/wire/damage.hpp"

#include <cstdint>
#include <cstring>
#include <iterator>

namespace rdu::testing {

void damage(std::vector<std::byte>& bytes, Random& random) {
  constexpr std::uint32_t kWords[] = {
      0, 1, 2, 3, 4, 7, 8, 16, 64, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8, 0x10000};
  const std::uint64_t changes = 1 + below(random, 6);
  for (std::uint64_t i = 0; i < changes && bytes.size() >= 8; ++i) {
    const std::size_t at = below(random, bytes.size() - 4) / 4 * 4;
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    switch (below(random, 4)) {
      case 0:
        word = kWords[below(random, std::size(kWords))];
        break;
      case 1:
        word += static_cast<std::uint32_t>(below(random, 17)) - 8;
        break;
      case 2:
        word ^= 1u << below(random, 32);
        break;
      default:
        word = static_cast<std::uint32_t>(random());
        break;
    }
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
  if (below(random, 16) == 0) bytes.resize(below(random, bytes.size() + 1));
}

}  // namespace rdu::testing
