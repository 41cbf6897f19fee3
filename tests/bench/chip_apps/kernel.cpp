// Data of kernels: generated, bound, expected.
#include "tests/bench/chip_apps/kernel.hpp"

#include <bit>

namespace chip_apps {
namespace {

template <class Word>
std::vector<std::uint32_t> bits_of(const std::vector<Word>& words) {
  std::vector<std::uint32_t> bits;
  bits.reserve(words.size());
  for (const Word word : words) bits.push_back(std::bit_cast<std::uint32_t>(word));
  return bits;
}

}  // namespace

// splitmix64
std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::int32_t Random::integer(std::int32_t least, std::int32_t most) {
  const auto range = static_cast<std::uint64_t>(std::int64_t{most} - least + 1);
  return static_cast<std::int32_t>(least + static_cast<std::int64_t>(next() % range));
}

float Random::real(float least, float most) {
  const float unit = static_cast<float>(next() >> 40) * 0x1p-24f;
  return least + unit * (most - least);
}

Integers Random::integers(std::size_t count, std::int32_t least, std::int32_t most) {
  Integers words(count);
  for (std::int32_t& word : words) word = integer(least, most);
  return words;
}

Reals Random::reals(std::size_t count, float least, float most) {
  Reals words(count);
  for (float& word : words) word = real(least, most);
  return words;
}

Kernel::Kernel(const Values& values, const rdu_hw_arch& arch, Overlap overlap, std::uint64_t seed)
    : values_(values), arch_(arch), nest_(flow_.section("kernel"), arch, overlap), random_(seed) {}

std::uint32_t Kernel::lanes(const char* name) {
  const std::uint32_t width = values_[name];
  if (width <= num_lanes()) return width;
  refuse(std::string(name) + ": expected at most the " + std::to_string(num_lanes()) +
         " lanes of the chip, got " + std::to_string(width));
  return num_lanes();
}

void Kernel::refuse(std::string mistake) {
  if (mistake_.empty()) mistake_ = std::move(mistake);
}

Region Kernel::input(const char* name, const Integers& words) {
  given_.push_back({bits_of(words)});
  return flow_.region(name, words.size() * 4, RDU_HW_ACCESS_READ);
}

Region Kernel::input(const char* name, const Reals& words) {
  given_.push_back({bits_of(words)});
  return flow_.region(name, words.size() * 4, RDU_HW_ACCESS_READ);
}

Region Kernel::output(const char* name, std::size_t words) {
  given_.push_back({std::vector<std::uint32_t>(words)});
  return flow_.region(name, words * 4, RDU_HW_ACCESS_WRITE);
}

Scalar Kernel::result(const char* name) {
  given_.push_back({});
  return flow_.result(name);
}

void Kernel::expect(Region region, const Integers& words) {
  expected_.push_back({region.number, {words.begin(), words.end()}, {}, 0});
}

void Kernel::expect(Scalar scalar, std::int32_t word) {
  expected_.push_back({scalar.number, {word}, {}, 0});
}

void Kernel::expect(Region region, std::vector<double> reals, double bound) {
  expected_.push_back({region.number, {}, std::move(reals), bound});
}

}  // namespace chip_apps
