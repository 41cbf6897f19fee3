// Four independent lanes, each folding 128-bit products of two words: one multiplication for every 16 bytes.
#include "sdk/base/hash.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/base/result.hpp"

namespace rdu::base {
namespace {

constexpr std::array<std::uint64_t, 4> kKeys{0x8bb84b93962eacc9, 0x4b33a62ed433d4a3,
                                             0x4d5a2da51de1aa47, 0x9e3779b97f4a7c15};

std::uint64_t load_little(const std::byte* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t avalanche(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 29;
  x *= 0x9e3779b97f4a7c15;
  return x ^ (x >> 32);
}

}  // namespace

void Hasher::mix_block(const std::byte* block) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const std::uint64_t first = load_little(block + 16 * lane);
    const std::uint64_t second = load_little(block + 16 * lane + 8);
    // Adding the words back keeps their entropy when one factor of the product happens to be zero.
    const std::uint64_t mixed = fold(first ^ kKeys[lane], second ^ lanes_[lane]);
    lanes_[lane] = mixed + ((lanes_[lane] << 23) | (lanes_[lane] >> 41)) + first + 3 * second;
  }
}

void Hasher::update(std::span<const std::byte> bytes) {
  total_ += bytes.size();
  if (num_pending_ > 0) {
    const std::size_t taken = std::min(bytes.size(), kBlock - num_pending_);
    std::copy_n(bytes.begin(), taken, pending_.begin() + num_pending_);
    num_pending_ += taken;
    bytes = bytes.subspan(taken);
    if (num_pending_ < kBlock) return;
    mix_block(pending_.data());
    num_pending_ = 0;
  }
  while (bytes.size() >= kBlock) {
    mix_block(bytes.data());
    bytes = bytes.subspan(kBlock);
  }
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
  num_pending_ = bytes.size();
}

Hash128 Hasher::finish() const {
  Hasher last = *this;
  std::fill(last.pending_.begin() + last.num_pending_, last.pending_.end(), std::byte{0});
  if (num_pending_ > 0) last.mix_block(last.pending_.data());
  const auto& lanes = last.lanes_;
  const std::uint64_t low = fold(lanes[0] ^ total_, lanes[1] ^ kKeys[0]) + lanes[2];
  const std::uint64_t high = fold(lanes[2] ^ kKeys[1], lanes[3] ^ total_) + lanes[0];
  return {avalanche(low ^ lanes[3]), avalanche(high ^ lanes[1])};
}

Hash128 hash128(std::span<const std::byte> bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string to_string(const Hash128& hash) {
  return format("%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
}

}  // namespace rdu::base
