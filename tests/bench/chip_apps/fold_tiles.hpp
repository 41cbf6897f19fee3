// What DotProduct and TPC-H Q6 share: columns from memory, tile by tile, into one sum.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tests/bench/chip_apps/kernel.hpp"

namespace chip_apps {

// Reduce [n] / ts * op { load all columns (ts) in parallel; Reduce [ts] * ip { term } } -> sum
// `term` yields a row's part of the sum from its words, in the order of the columns.
void fold_tiles(Kernel& kernel, const std::string& name, std::span<const Region> columns,
                const std::function<Value(Simd&, const std::vector<Value>&)>& term, Scalar sum);

}  // namespace chip_apps
