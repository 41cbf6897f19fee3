// Simplifies index expressions.
#include "plugins/cpu/access/index_form.hpp"

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

// floor((div * q + rest) / div) = q where 0 <= rest < div.
void divide_terms(IndexForm& index, const LoopArray& extents, std::uint32_t num_loops) {
  if (index.div == 1 || index.source != nullptr) return;
  LoopArray rest{};
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    if (index.coef[l] % index.div != 0) rest[l] = index.coef[l];
  }
  const std::int64_t low_offset = floor_mod(index.offset, index.div);
  const Range range = affine_range(low_offset, rest, extents, num_loops);
  const bool idle = range.low >= 0 && range.high < index.div;
  if (!idle || (index.exact && (range.low != 0 || range.high != 0))) return;
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    index.coef[l] = rest[l] != 0 ? 0 : index.coef[l] / index.div;
  }
  index.offset = floor_div(index.offset, index.div);
  index.div = 1;
  index.exact = false;
}

// (m * q + rest) mod m = rest where 0 <= rest < m.
void reduce_terms(IndexForm& index, const LoopArray& extents, std::uint32_t num_loops) {
  if (index.mod == 0 || index.source != nullptr) return;
  if (index.div != 1) {
    const Range range = affine_range(index.offset, index.coef, extents, num_loops);
    const bool idle = range.low >= 0 && floor_div(range.high, index.div) < index.mod;
    if (idle) index.mod = 0;
    return;
  }
  LoopArray rest{};
  for (std::uint32_t l = 0; l < num_loops; ++l) rest[l] = index.coef[l] % index.mod;
  const std::int64_t offset = floor_mod(index.offset, index.mod);
  const Range range = affine_range(offset, rest, extents, num_loops);
  if (range.low < 0 || range.high >= index.mod) return;
  index.coef = rest;
  index.offset = offset;
  index.mod = 0;
}

bool same_argument(const IndexForm& a, const IndexForm& b) {
  return a.offset == b.offset && a.coef == b.coef && a.source == nullptr && b.source == nullptr;
}

bool joinable(const IndexForm& index) {
  return index.outside == RDU_OUTSIDE_NEVER && !index.exact && index.extent.fixed();
}

// weight * (floor(e / div) mod m) with weight = w * mod_low: joins floor(e / div_low) mod mod_low, where
// div = div_low * mod_low.
bool join(const IndexForm& high, IndexForm& low) {
  if (!joinable(high) || !joinable(low) || !same_argument(high, low)) return false;
  if (low.mod == 0 || high.div != low.div * low.mod || high.weight != low.weight * low.mod) {
    return false;
  }
  low.extent.bound = high.extent.bound * low.mod;
  low.mod = high.mod == 0 ? 0 : low.mod * high.mod;
  return true;
}

}  // namespace

Range affine_range(std::int64_t offset, const LoopArray& coef, const LoopArray& extents,
                   std::uint32_t num_loops) {
  Range range{offset, offset};
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    const std::int64_t reach = coef[l] * (extents[l] > 0 ? extents[l] - 1 : 0);
    (reach < 0 ? range.low : range.high) += reach;
  }
  return range;
}

std::uint32_t loops_of(const LoopArray& coef) {
  std::uint32_t loops = 0;
  for (std::uint32_t l = 0; l < kMaxLoops; ++l) {
    if (coef[l] != 0) loops |= 1u << l;
  }
  return loops;
}

void simplify(IndexForm& index, const LoopArray& extents, std::uint32_t num_loops) {
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    if (extents[l] <= 1) index.coef[l] = 0;
  }
  divide_terms(index, extents, num_loops);
  reduce_terms(index, extents, num_loops);
  if (index.source != nullptr || index.exact || !index.extent.fixed()) return;
  Range range = affine_range(index.offset, index.coef, extents, num_loops);
  range = {floor_div(range.low, index.div), floor_div(range.high, index.div)};
  if (index.mod != 0) range = {0, index.mod - 1};
  if (range.low >= 0 && range.high < index.extent.bound) index.outside = RDU_OUTSIDE_NEVER;
}

void recombine(std::vector<IndexForm>& indices, const LoopArray& extents, std::uint32_t num_loops) {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t high = 0; high < indices.size() && !changed; ++high) {
      for (std::size_t low = 0; low < indices.size() && !changed; ++low) {
        if (high == low || !join(indices[high], indices[low])) continue;
        simplify(indices[low], extents, num_loops);
        indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(high));
        changed = true;
      }
    }
  }
}

}  // namespace rdu::cpu
