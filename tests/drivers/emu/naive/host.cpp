// Random contents, the same for a seed.
#include "tests/drivers/emu/naive/host.hpp"

#include <algorithm>
#include <bit>

#include "tests/drivers/image/random.hpp"

namespace naive {
namespace {

using image_test::Random;

Word random_word(Random& random) {
  if (random.chance(40)) return random.in(0, 40);
  if (random.chance(70))
    return std::bit_cast<Word>(static_cast<float>(random.in(0, 4000)) / 32 - 50);
  return static_cast<Word>(random.bits());
}

// Where it is an extent, one that is in its range, but for a few; any small number elsewhere.
std::uint32_t random_scalar(const rdu_hw_image& image, std::uint32_t argument, Random& random) {
  std::uint32_t most = 0;
  for (std::uint32_t i = 0; i < image.num_counters; ++i) {
    const rdu_hw_counter& counter = image.counters[i];
    if (counter.extent_from != RDU_HW_EXTENT_ARGUMENT || counter.source != argument) continue;
    most = most == 0 ? counter.extent : std::min(most, counter.extent);
  }
  if (most == 0) return random.in(0, 40);
  if (random.chance(4)) return random.chance(50) ? 0 : most + 1;
  return random.in(1, most);
}

}  // namespace

std::vector<Word> Bound::words(const rdu_hw_image& image, std::uint32_t argument) const {
  const rdu_hw_argument& record = image.arguments[argument];
  std::vector<Word> words;
  for (std::uint64_t i = 0; i + 4 <= record.bytes; i += 4) {
    words.push_back(
        load_element(RDU_HW_FORMAT_WORD, tiers[record.tier].data() + arguments[argument] + i));
  }
  return words;
}

Bound bind(const rdu_hw_image& image, std::uint64_t seed) {
  Random random(seed);
  Bound bound;
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const rdu_hw_argument& argument = image.arguments[i];
    if (argument.kind == RDU_HW_ARGUMENT_SCALAR) {
      bound.arguments.push_back(random_scalar(image, i, random));
      continue;
    }
    std::vector<std::uint8_t>& bytes = bound.tiers[argument.tier];
    const std::uint64_t gap = 4 * std::uint64_t{random.in(0, 100)};
    const std::uint64_t alignment = argument.alignment;
    const std::uint64_t address = (bytes.size() + gap + alignment - 1) / alignment * alignment;
    bound.arguments.push_back(address);
    const std::uint64_t end = address + (argument.bytes + 3) / 4 * 4;
    while (bytes.size() < end) {
      for (const std::uint8_t byte : store_element(RDU_HW_FORMAT_WORD, random_word(random))) {
        bytes.push_back(byte);
      }
    }
  }
  return bound;
}

}  // namespace naive
