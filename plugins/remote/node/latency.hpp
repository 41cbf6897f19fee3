// How long things took: counts in buckets an eighth of a power of two wide, so that a percentile is right within 12 %.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace rdu::remote::node {

class Latency {
 public:
  void add(std::uint64_t ns) {
    ++buckets_[bucket_of(ns)];
    ++count_;
    sum_ns_ += ns;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }

  // The upper border of the bucket in which `fraction` of all are reached; 0 where there are none.
  std::uint64_t percentile_ns(double fraction) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += buckets_[i];
      if (seen >= wanted) return border_of(i);
    }
    return border_of(kBuckets - 1);
  }

 private:
  static constexpr std::size_t kSteps = 8;
  static constexpr std::size_t kBuckets = 64 * kSteps;

  static std::size_t bucket_of(std::uint64_t ns) {
    if (ns < kSteps) return static_cast<std::size_t>(ns);
    const int power = std::bit_width(ns) - 1;
    const std::uint64_t step = (ns >> (power - 3)) & (kSteps - 1);
    return static_cast<std::size_t>(power - 2) * kSteps + step;
  }
  static std::uint64_t border_of(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const std::size_t power = bucket / kSteps + 2;
    return (kSteps + bucket % kSteps + 1) << (power - 3);
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
};

}  // namespace rdu::remote::node
