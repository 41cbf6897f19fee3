// Words are aligned to 4 or 8 bytes, as the fields of the metadata's structs are: most changes hit a whole field.
#include "tests/support/mutate.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/artifact/format.hpp"
#include "tests/support/seal.hpp"

namespace rdu::testing {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

std::uint64_t interesting(Random& random, std::uint64_t old) {
  constexpr std::uint64_t kWords[] = {0,  1,          2,          3,          7,          8,      9,
                                      16, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x10000};
  switch (random.below(5)) {
    case 0:
      return kWords[random.below(std::size(kWords))];
    case 1:
      return old + random.below(9) - 4;
    case 2:
      return random.below(64);
    case 3:
      return std::uint64_t{1} << random.below(64);
    default:
      return random.next();
  }
}

void change_word(std::vector<std::byte>& file, Random& random, std::size_t begin, std::size_t end) {
  const std::size_t width = random.below(3) == 0 ? 8 : 4;
  if (end - begin < 2 * width) return;
  const std::size_t at = (begin + random.below(end - begin - width)) / width * width;
  std::uint64_t word = 0;
  std::memcpy(&word, file.data() + at, width);
  word = interesting(random, word);
  std::memcpy(file.data() + at, &word, width);
}

void copy_words(std::vector<std::byte>& file, Random& random, std::size_t begin, std::size_t end) {
  const std::size_t size = 4 * (1 + random.below(16));
  if (end - begin < 2 * size) return;
  const std::size_t from = (begin + random.below(end - begin - size)) / 4 * 4;
  const std::size_t to = (begin + random.below(end - begin - size)) / 4 * 4;
  std::memmove(file.data() + to, file.data() + from, size);
}

}  // namespace

std::vector<std::byte> mutated(const std::vector<std::byte>& file, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::byte> copy = file;
  std::uint64_t metadata_bytes = 0;
  std::memcpy(&metadata_bytes, copy.data() + 16, sizeof metadata_bytes);
  const std::size_t begin = artifact::kPrefixBytes;
  const std::size_t end = begin + metadata_bytes;
  const std::uint64_t changes = 1 + random.below(8);
  for (std::uint64_t i = 0; i < changes; ++i) {
    switch (random.below(16)) {
      case 0:
        change_word(copy, random, 8, begin);
        break;
      case 1:
        copy[random.below(copy.size())] ^= static_cast<std::byte>(1u << random.below(8));
        break;
      case 2:
        copy_words(copy, random, begin, end);
        break;
      case 3:
        copy[begin + random.below(metadata_bytes)] = static_cast<std::byte>(random.next());
        break;
      default:
        change_word(copy, random, begin, end);
        break;
    }
  }
  if (random.below(64) == 0) copy.resize(random.below(copy.size() + 1));
  seal_artifact(copy);
  return copy;
}

}  // namespace rdu::testing
