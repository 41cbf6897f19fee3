// Splits an address into digits and composes it again; the bank group's is mixed with all above it.
#include "drivers/emu/dram/address_map.hpp"

#include <bit>
#include <string_view>

namespace rdu_hw::dram {

AddressMap::AddressMap(const Config& config)
    : burst_bytes_(config.burst_bytes()),
      bursts_(static_cast<std::uint64_t>(config.capacity()) / burst_bytes_),
      groups_(config.geometry.groups),
      banks_(config.geometry.banks),
      group_bits_(std::has_single_bit(groups_) ? std::countr_zero(groups_) : 0) {
  static constexpr std::array<std::string_view, kFields> kNames{"ch", "ra", "bg", "ba", "ro", "co"};
  const Geometry& g = config.geometry;
  Digits sizes{};
  sizes[kChannel] = g.channels;
  sizes[kRank] = g.ranks;
  sizes[kGroup] = g.groups;
  sizes[kBank] = g.banks;
  sizes[kRow] = g.rows;
  sizes[kColumn] = g.row_bytes / config.burst_bytes();

  std::size_t n = 0;
  const std::string_view map = g.map.text();
  for (std::size_t at = map.size(); at >= 2; at -= 2) {
    for (int f = 0; f < kFields; ++f) {
      if (map.substr(at - 2, 2) != kNames[f]) continue;
      const bool power = std::has_single_bit(sizes[f]);
      digits_[n++] = {static_cast<Field>(f), sizes[f], power ? std::countr_zero(sizes[f]) : -1};
    }
  }
}

// All pieces of a number that are as long as the group's digit, in one.
std::uint64_t AddressMap::folded(std::uint64_t above) const {
  std::uint64_t piece = 0;
  for (; group_bits_ != 0 && above != 0; above >>= group_bits_) piece ^= above;
  return piece & (groups_ - 1);
}

Place AddressMap::place(std::uint64_t address) const {
  std::uint64_t rest = address / burst_bytes_;
  if (rest >= bursts_) rest %= bursts_;
  Digits value;
  for (const Digit& d : digits_) {
    const std::uint64_t quotient = d.shift >= 0 ? rest >> d.shift : rest / d.size;
    value[d.field] = rest - quotient * d.size;
    rest = quotient;
    if (d.field == kGroup) value[kGroup] ^= folded(rest);
  }
  const std::uint64_t bank = (value[kRank] * groups_ + value[kGroup]) * banks_ + value[kBank];
  return {static_cast<std::int32_t>(value[kChannel]), static_cast<std::int32_t>(bank),
          static_cast<std::int64_t>(value[kRow]), static_cast<std::int64_t>(value[kColumn])};
}

std::uint64_t AddressMap::address(const Place& place) const {
  const auto bank = static_cast<std::uint64_t>(place.bank);
  Digits value;
  value[kChannel] = place.channel;
  value[kRank] = bank / (groups_ * banks_);
  value[kGroup] = bank / banks_ % groups_;
  value[kBank] = bank % banks_;
  value[kRow] = place.row;
  value[kColumn] = place.column;
  std::uint64_t n = 0;
  for (std::size_t i = digits_.size(); i-- > 0;) {
    const Digit& d = digits_[i];
    const std::uint64_t mixed = d.field == kGroup ? folded(n) : 0;
    n = n * d.size + (value[d.field] ^ mixed);
  }
  return n * burst_bytes_;
}

}  // namespace rdu_hw::dram
