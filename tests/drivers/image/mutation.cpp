// Damages bytes of an image: what a fuzzer does, with a seed.
#include "tests/drivers/image/mutation.hpp"

#include <rdu_hw/config.h>

#include <algorithm>
#include <cstring>

#include "tests/drivers/image/random.hpp"

namespace image_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kTelling[] = {0,          1,          2,          16,         64,
                                      0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x40000000};

void put_word(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  std::memcpy(bytes.data() + offset, &value, std::min<std::size_t>(4, bytes.size() - offset));
}

std::uint32_t below(Random& random, std::size_t count) {
  return random.in(0, static_cast<std::uint32_t>(count - 1));
}

// Two records of one table change places.
void swap_records(Bytes& bytes, Random& random) {
  rdu_hw_image_header header;
  if (bytes.size() < sizeof header) return;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::size_t room = (bytes.size() - sizeof header) / sizeof(rdu_hw_chunk);
  if (room == 0 || header.num_chunks == 0) return;
  rdu_hw_chunk chunk;
  const std::size_t which = below(random, std::min<std::size_t>(header.num_chunks, room));
  std::memcpy(&chunk, bytes.data() + sizeof header + which * sizeof chunk, sizeof chunk);
  if (chunk.offset >= bytes.size() || chunk.record_bytes == 0) return;
  const std::size_t count =
      std::min<std::size_t>(chunk.count, (bytes.size() - chunk.offset) / chunk.record_bytes);
  if (count < 2) return;
  std::uint8_t* records = bytes.data() + chunk.offset;
  std::uint8_t* one = records + std::size_t{below(random, count)} * chunk.record_bytes;
  std::uint8_t* other = records + std::size_t{below(random, count)} * chunk.record_bytes;
  if (one != other) std::swap_ranges(one, one + chunk.record_bytes, other);
}

void damage(Bytes& bytes, Random& random) {
  const std::size_t at = below(random, bytes.size());
  switch (random.in(0, 5)) {
    case 0:
      bytes[at] ^= static_cast<std::uint8_t>(1u << random.in(0, 7));
      return;
    case 1:
      put_word(bytes, at / 4 * 4, kTelling[below(random, std::size(kTelling))]);
      return;
    case 2: {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data() + at / 4 * 4,
                  std::min<std::size_t>(4, bytes.size() - at / 4 * 4));
      return put_word(bytes, at / 4 * 4, word + random.in(0, 6) - 3);
    }
    case 3:
      return swap_records(bytes, random);
    case 4:
      bytes[at] = static_cast<std::uint8_t>(random.bits());
      return;
    default:
      if (random.chance(10)) bytes.resize(std::max<std::size_t>(at / 8 * 8, 8));
  }
}

}  // namespace

std::vector<std::uint8_t> mutated(std::vector<std::uint8_t> bytes, std::uint64_t seed) {
  Random random(seed);
  const std::uint32_t count = random.in(1, 3);
  for (std::uint32_t i = 0; i < count; ++i) damage(bytes, random);
  if (!random.chance(5)) seal(bytes);
  return bytes;
}

void seal(std::vector<std::uint8_t>& bytes) {
  constexpr std::size_t kFrom = offsetof(rdu_hw_image_header, arch_hash);
  if (bytes.size() < kFrom) return;
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = kFrom; i < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  std::memcpy(bytes.data() + offsetof(rdu_hw_image_header, hash), &hash, sizeof hash);
  const std::uint64_t size = bytes.size();
  std::memcpy(bytes.data() + offsetof(rdu_hw_image_header, bytes), &size, sizeof size);
}

}  // namespace image_test
