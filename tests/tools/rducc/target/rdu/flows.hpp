// Small flows that several tests build.
#pragma once

#include "tools/rducc/target/rdu/flow.hpp"

namespace rdu_test {

// Element after element of the counters from `first` on, the innermost fastest.
rducc::rdu::Affine linear(const rducc::rdu::Chain& chain, std::size_t first = 0,
                          std::int64_t bytes = 4);

// result "sum" = Σ x², x of `count` int32.
void add_sum_of_squares(rducc::rdu::Flow& flow, std::uint32_t count, std::uint32_t lanes);

// out[i] = 3 x[i] + 1 through a buffer of two tiles, `tiles` tiles of `words` int32.
void add_buffered_map(rducc::rdu::Flow& flow, std::uint32_t tiles, std::uint32_t words,
                      std::uint32_t lanes);

// c = a b of int32, all rows × inner × columns on chip: b in a buffer, a row of a at a time, one dot product after another.
void add_gemm(rducc::rdu::Flow& flow, std::uint32_t rows, std::uint32_t inner,
              std::uint32_t columns, std::uint32_t lanes);

// c[i][j] = a[i] · b[j]: a word of a buffer as a scalar for each row.
void add_outer_product(rducc::rdu::Flow& flow, std::uint32_t rows, std::uint32_t columns,
                       std::uint32_t lanes);

// `width` streams of tiles through `depth` steps, each a buffer and a map of two neighbours: width · depth PCUs and as many PMUs.
void add_fabric(rducc::rdu::Flow& flow, std::uint32_t width, std::uint32_t depth,
                std::uint32_t lanes);

}  // namespace rdu_test
