// Strides and order of affine accesses.
#include "tools/rducc/analysis/access_shape.hpp"

#include <algorithm>

#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/ir/compose.hpp"

namespace rducc::analysis {

using rdu::artifact::Access;
using rdu::artifact::Node;

bool is_plain(const Access& access) {
  return std::all_of(access.begin(), access.end(), [](const auto& index) {
    return ir::is_affine(index) && index.outside == RDU_OUTSIDE_NEVER;
  });
}

std::int64_t linear_stride(const Access& access, const std::vector<std::int64_t>& dims,
                           std::uint32_t loop) {
  const auto strides = row_major_strides(dims);
  std::int64_t stride = 0;
  for (std::size_t i = 0; i < access.size(); ++i) {
    for (const auto& term : access[i].terms) {
      if (term.loop == loop) stride += term.coef * strides[i];
    }
  }
  return stride;
}

bool has_unit_stride(const Node& node, const Access& access,
                     const std::vector<std::int64_t>& dims) {
  bool moves = false;
  for (std::uint32_t loop = 0; loop < node.loops.size(); ++loop) {
    if (node.loops[loop].extent == 1) continue;
    const std::int64_t stride = linear_stride(access, dims, loop);
    if (stride == 1) return true;
    moves = moves || stride != 0;
  }
  return !moves;
}

bool keeps_order(const Access& access) {
  std::uint32_t next = 0;
  for (const auto& index : access) {
    if (index.terms.empty()) continue;
    if (index.terms[0].loop < next) return false;
    next = index.terms[0].loop + 1;
  }
  return true;
}

bool reads_whole_domain(const Node& node, const Access& access) {
  for (std::uint32_t loop = 0; loop < node.loops.size(); ++loop) {
    if (node.loops[loop].extent == 1) continue;
    const bool moves = std::any_of(access.begin(), access.end(), [loop](const auto& index) {
      return std::any_of(index.terms.begin(), index.terms.end(),
                         [loop](const auto& term) { return term.loop == loop; });
    });
    if (!moves) return false;
  }
  return true;
}

}  // namespace rducc::analysis
