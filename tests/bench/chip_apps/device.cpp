// Lays out regions, and compares results word by word.
#include "tests/bench/chip_apps/device.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace chip_apps {
namespace {

using base::format;

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

std::uint32_t word_of(const Device& device, const Given& given, std::uint32_t argument,
                      std::size_t index) {
  if (given.words.empty()) return device.words[argument];
  std::uint32_t word = 0;
  std::memcpy(&word, &device.memory[device.addresses[argument] + index * 4], 4);
  return word;
}

std::string find_wrong_integer(const Device& device, const Given& given, const Expected& expected) {
  for (std::size_t i = 0; i < expected.integers.size(); ++i) {
    const auto seen = static_cast<std::int32_t>(word_of(device, given, expected.argument, i));
    if (seen == expected.integers[i]) continue;
    return format("argument %u, word %zu: expected %lld, got %d", expected.argument, i,
                  static_cast<long long>(expected.integers[i]), seen);
  }
  return {};
}

std::string find_wrong_real(const Device& device, const Given& given, const Expected& expected) {
  double largest = 0;
  for (const double value : expected.reals) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < expected.reals.size(); ++i) {
    const float seen = std::bit_cast<float>(word_of(device, given, expected.argument, i));
    if (std::fabs(seen - expected.reals[i]) <= expected.bound * largest) continue;
    return format("argument %u, word %zu: expected %.9g within %.3g, got %.9g", expected.argument,
                  i, expected.reals[i], expected.bound * largest, double{seen});
  }
  return {};
}

}  // namespace

Device load_device(const Kernel& kernel, const rdu_hw_dram& dram) {
  const std::uint64_t rows = std::uint64_t{dram.row_bytes} * dram.channels * dram.bank_groups;
  Device device;
  std::uint64_t bank = 0;
  for (const Given& given : kernel.given()) {
    device.addresses.push_back(0);
    device.words.push_back(0);
    if (given.words.empty()) continue;
    const std::uint64_t bytes = given.words.size() * 4;
    std::uint64_t begin = round_up(device.memory.size(), rdu_hw_dram_burst_bytes(&dram));
    if (bytes >= rows) begin = round_up(begin, rows * dram.banks) + bank++ % dram.banks * rows;
    device.addresses.back() = begin;
    device.memory.resize(begin + bytes);
    std::memcpy(&device.memory[begin], given.words.data(), bytes);
  }
  return device;
}

std::string find_wrong(const Device& device, const Kernel& kernel) {
  for (const Expected& expected : kernel.expected()) {
    const Given& given = kernel.given()[expected.argument];
    std::string wrong = find_wrong_integer(device, given, expected);
    if (wrong.empty()) wrong = find_wrong_real(device, given, expected);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace chip_apps
