// Small programs by hand, for the sara20 and sn10 presets.
#pragma once

#include "drivers/image/program.hpp"

namespace image_test {

// sum a[i] · b[i] over n int32 in tiles of ts, each tile through a double-buffered scratchpad; sara20.
rdu_hw::image::Program dot_product(std::uint64_t arch_hash, std::uint32_t n, std::uint32_t ts);
// y = max(x, 0) over n tiles of fp32 in a metapipe of load, map and store; sara20.
rdu_hw::image::Program metapipelined_map(std::uint64_t arch_hash, std::uint32_t tiles,
                                         std::uint32_t ts);
// y = w · x over n fp32 on (0, 0); w waits at (0, 1), where a setup section puts it. Arguments w, x, y; sara20.
rdu_hw::image::Program kept_product(std::uint64_t arch_hash, std::uint32_t n);
// One 16 × 6 tile of a product of bf16 pairs with k steps, routed over the mesh of sn10.
rdu_hw::image::Program systolic_tile(std::uint64_t arch_hash, std::uint32_t k);

}  // namespace image_test
