// Random expressions: a SIMD context of any size between loads and stores.
#pragma once

#include "tools/rducc/target/rdu/flow.hpp"
#include "tools/rducc/target/rdu/random.hpp"

namespace rdu_test {

// One section with one SIMD context of `operations` operations that the chip has, over a random chain, with random streams in and out.
void add_random_expression(rducc::rdu::Flow& flow, const struct rdu_hw_arch& arch,
                           rducc::rdu::Random& random, std::uint32_t operations);

}  // namespace rdu_test
