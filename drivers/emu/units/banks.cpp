// Counts distinct words bank by bank.
#include "drivers/emu/units/banks.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kMostKnown = 1 << 16;

}  // namespace

Banks::Banks(const rdu_hw_arch& arch, const rdu_hw_buffer& buffer, bool writes)
    : buffer_(buffer),
      writes_(writes),
      banks_(arch.pmu.banks),
      period_(4 * std::int64_t{buffer.bank_stride} * arch.pmu.banks) {}

std::uint64_t Banks::bank_of(std::uint64_t word) const {
  const std::uint64_t skew = buffer_.bank_mode == RDU_HW_BANK_DIAGONAL ? word : 0;
  return (skew + word / buffer_.bank_stride) & (banks_ - 1);
}

bool Banks::never_conflict(std::int64_t stride, std::uint32_t lanes) const {
  if (never_conflict() || lanes == 1) return true;
  if (buffer_.bank_mode != RDU_HW_BANK_STRIDED || buffer_.bank_stride != 1) return false;
  Addresses addresses;
  addresses.on = ~std::uint64_t{0} >> (64 - lanes);
  addresses.stride = stride;
  addresses.base = stride < 0 ? -stride * lanes * 4 : 0;
  return stride % 4 == 0 && count(addresses) == 1;
}

int Banks::cycles(const Addresses& addresses) {
  if (never_conflict() || addresses.on == 0) return 1;
  if (!addresses.is_line || period_ > kMostKnown) return count(addresses);
  const auto place = static_cast<std::size_t>(place_of(addresses.base));
  if (addresses.stride == stride_ && addresses.on == on_) {
    if (known_[place] == 0) known_[place] = static_cast<std::uint8_t>(count(addresses));
    return known_[place];
  }
  // A part of a vector that takes one cycle takes one, too.
  if (addresses.stride == stride_ && (addresses.on & ~on_) == 0 && known_[place] == 1) return 1;
  if (std::popcount(addresses.on) > std::popcount(on_)) {
    stride_ = addresses.stride;
    on_ = addresses.on;
    known_.assign(static_cast<std::size_t>(period_), 0);
  }
  return count(addresses);
}

std::int64_t Banks::alike(Addresses& line, std::int64_t step, std::int64_t most) {
  const int expected = cycles(line);
  const std::int64_t between = place_of(step);
  if (between == 0) return most;
  const bool known = line.stride == stride_ && line.on == on_ && !known_.empty();
  std::int64_t place = place_of(line.base);
  for (std::int64_t n = 1; n < most; ++n) {
    line.base += step;
    place += between;
    if (place >= period_) place -= period_;
    const int there = known ? known_[static_cast<std::size_t>(place)] : 0;
    if (there != expected && (there != 0 || cycles(line) != expected)) return n;
  }
  return most;
}

std::int64_t Banks::place_of(std::int64_t address) const {
  const std::int64_t rest = address % period_;
  return rest < 0 ? rest + period_ : rest;
}

int Banks::count(const Addresses& addresses) const {
  std::array<std::uint64_t, arith::kMaxLanes> words;
  std::size_t size = 0;
  for (std::uint64_t rest = addresses.on; rest != 0; rest &= rest - 1) {
    words[size++] = static_cast<std::uint64_t>(addresses.at(std::countr_zero(rest))) / 4;
  }
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(size);
  std::sort(words.begin(), end);
  size = static_cast<std::size_t>(std::unique(words.begin(), end) - words.begin());
  if (buffer_.bank_mode == RDU_HW_BANK_DUPLICATED) return std::max(1, static_cast<int>(size));
  std::array<std::uint8_t, 256> load{};
  int fullest = 1;
  for (std::size_t i = 0; i < size; ++i) {
    fullest = std::max<int>(fullest, ++load[bank_of(words[i])]);
  }
  return fullest;
}

}  // namespace rdu_hw::emu
