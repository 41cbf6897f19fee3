// Elements of any dtype as one C++ type that holds each of them exactly.
#pragma once

#include <rdu/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace conformance {

using Number = long double;
using Numbers = std::vector<Number>;
static_assert(sizeof(Number) > sizeof(double), "Number has to hold every 64-bit integer");

// Dense bytes of `numbers`, each rounded to the dtype.
std::vector<std::byte> encode(rdu_dtype dtype, const Numbers& numbers);
Numbers decode(rdu_dtype dtype, const std::byte* bytes, std::size_t count);

// The number of a float dtype that is nearest to `value`, as encode() rounds.
Number rounded(rdu_dtype dtype, Number value);

// 0, 1, 2, … as many as wanted, from `first`.
Numbers iota(std::size_t count, Number first = 0);

}  // namespace conformance
