// What an access looks like to the hardware: strides, order, conditions.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// offset + Σ coef·loop in every dimension, never outside.
bool is_plain(const rdu::artifact::Access& access);
// Elements between neighbours along a loop, in the row-major storage of `dims`; affine accesses only.
std::int64_t linear_stride(const rdu::artifact::Access& access,
                           const std::vector<std::int64_t>& dims, std::uint32_t loop);
// Some loop walks the storage element by element, or there is nothing to walk.
bool has_unit_stride(const rdu::artifact::Node& node, const rdu::artifact::Access& access,
                     const std::vector<std::int64_t>& dims);
// Dimensions are indexed by loops in ascending order: no transposition.
bool keeps_order(const rdu::artifact::Access& access);
// Moves with every loop of the domain that has more than one position.
bool reads_whole_domain(const rdu::artifact::Node& node, const rdu::artifact::Access& access);

}  // namespace rducc::analysis
