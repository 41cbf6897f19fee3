// Puts the channels of a point side by side.
#pragma once

#include <utility>

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/transpose.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// Word E of three lines that are dealt in turn: first of the lines with remainder 0 and 1, then with the third.
template <size_t E>
constexpr size_t kOfTwo = E % 3 == 1 ? kSide + E / 3 : E / 3;
template <size_t E, size_t Lane>
constexpr size_t kOfThree = E % 3 == 2 ? kSide + E / 3 : Lane;

template <size_t First, size_t... Lane>
inline __attribute__((always_inline)) WordVector deal_three(WordVector a, WordVector b,
                                                            WordVector c,
                                                            std::index_sequence<Lane...>) {
  const WordVector two = __builtin_shufflevector(a, b, kOfTwo<First + Lane>...);
  return __builtin_shufflevector(two, c, kOfThree<First + Lane, Lane>...);
}

size_t interleave_three(uint32_t* to, const uint32_t* from, int64_t plane, size_t points) {
  const auto load = [](const uint32_t* p) { return *reinterpret_cast<const LooseWordVector*>(p); };
  const auto store = [](uint32_t* p, WordVector v) { *reinterpret_cast<LooseWordVector*>(p) = v; };
  constexpr auto kLanesOf = std::make_index_sequence<kSide>{};
  size_t p = 0;
  for (; p + kSide <= points; p += kSide, to += 3 * kSide) {
    const WordVector a = load(from + p), b = load(from + plane + p), c = load(from + 2 * plane + p);
    store(to, deal_three<0>(a, b, c, kLanesOf));
    store(to + kSide, deal_three<kSide>(a, b, c, kLanesOf));
    store(to + 2 * kSide, deal_three<2 * kSide>(a, b, c, kLanesOf));
  }
  return p;
}

void interleave(float* to, const float* from, int64_t plane, size_t channels, size_t points) {
  auto* words = reinterpret_cast<uint32_t*>(to);
  const auto* planes = reinterpret_cast<const uint32_t*>(from);
  const size_t done = channels == 3 ? interleave_three(words, planes, plane, points) : 0;
  transpose_words(words + done * channels, static_cast<int64_t>(channels), planes + done, plane,
                  points - done, channels);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
