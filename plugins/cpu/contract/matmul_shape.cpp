// Sorts the loops of a contract into batch, rows, columns and sum; neighbours that step alike become one.
#include "plugins/cpu/contract/matmul_shape.hpp"

#include <algorithm>
#include <cstdlib>

#include "plugins/cpu/access/move_box.hpp"

namespace rdu::cpu {
namespace {

using Loops = std::vector<std::uint32_t>;

// Keeps the longest run of innermost loops that both operands walk as one; the others move to `batch`. What is inside of
// another loop is not `bounded`: the outer one steps over the bound.
void merge_inner(Loops& loops, const LoopArray& extents, std::uint32_t bounded, const LoopArray& a,
                 const LoopArray& c, Loops& batch) {
  std::stable_sort(loops.begin(), loops.end(), [&](std::uint32_t x, std::uint32_t y) {
    return std::abs(c[x]) > std::abs(c[y]);
  });
  std::size_t first = loops.empty() ? 0 : loops.size() - 1;
  while (first > 0) {
    const std::uint32_t outer = loops[first - 1], inner = loops[first];
    if (a[outer] != a[inner] * extents[inner] || c[outer] != c[inner] * extents[inner]) break;
    if ((bounded >> inner & 1) != 0) break;
    --first;
  }
  batch.insert(batch.end(), loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(first));
  loops.erase(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(first));
}

std::int64_t product(const Loops& loops, const LoopArray& extents) {
  std::int64_t total = 1;
  for (const std::uint32_t l : loops) total *= extents[l];
  return total;
}

std::int64_t inner_stride(const Loops& loops, const LoopArray& strides, std::int64_t alone) {
  return loops.empty() ? alone : strides[loops.back()];
}

// oneDNN wants a step of 1 along one dimension, and the other to step over it.
bool is_matrix(std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
               std::int64_t column_stride) {
  if (column_stride == 1) return row_stride >= columns;
  return row_stride == 1 && column_stride >= rows;
}

bool lies_in_blocks(const BuildContext& context, const rdu_node& node, const Operands& operands) {
  const auto reads = context.graph.reads(node);
  return context.places.blocked(reads[operands.first_read].value) ||
         context.places.blocked(reads[operands.second_read].value) ||
         context.places.blocked(context.graph.writes(node)[0].value);
}

}  // namespace

Box MatmulMatch::batch_box(const LoopArray& extents, std::uint32_t num_parallel,
                           std::int64_t number) const {
  Box box;
  box.num_loops = num_parallel;
  std::copy_n(extents.begin(), num_parallel, box.count.begin());
  for (std::size_t i = batch.size(); i-- > 0;) {
    const std::uint32_t l = batch[i];
    box.start[l] = number % extents[l];
    box.count[l] = 1;
    number /= extents[l];
  }
  return box;
}

const float* floats_at(const Run& run, const Access& access, const Box& box) {
  return reinterpret_cast<const float*>(run.at(access.place)) + first_element(access, box);
}

std::optional<MatmulMatch> match_matmul(const BuildContext& context, const rdu_node& node,
                                        const Operands& operands) {
  if (!operands.first.affine() || !operands.second.affine()) return {};
  if (lies_in_blocks(context, node, operands)) return {};
  const LoopArray extents = scope_of(context, node).extents;
  const std::uint32_t bounded = bounded_loops(context, node);
  MatmulMatch match;
  const LoopArray& c = operands.result.stride;
  Loops first_only, second_only;
  for (std::uint32_t l = 0; l < node.num_loops; ++l) {
    if (extents[l] == 1 && (bounded >> l & 1) == 0) continue;
    const bool in_first = operands.first.stride[l] != 0, in_second = operands.second.stride[l] != 0;
    if (l >= node.num_parallel) {
      if (!in_first || !in_second) return {};
      match.k.push_back(l);
    } else if (in_first == in_second) {
      match.batch.push_back(l);
    } else {
      (in_first ? first_only : second_only).push_back(l);
    }
  }
  if (match.k.empty()) return {};
  merge_inner(first_only, extents, bounded, operands.first.stride, c, match.batch);
  merge_inner(second_only, extents, bounded, operands.second.stride, c, match.batch);
  const std::size_t outer_batches = match.batch.size();
  merge_inner(match.k, extents, bounded, operands.first.stride, operands.second.stride,
              match.batch);
  if (match.batch.size() != outer_batches) return {};  // a sum over loops that do not merge

  match.swapped = !first_only.empty() && c[first_only.back()] == 1;
  const LoopArray& a = match.swapped ? operands.second.stride : operands.first.stride;
  const LoopArray& b = match.swapped ? operands.first.stride : operands.second.stride;
  match.m = match.swapped ? second_only : first_only;
  match.n = match.swapped ? first_only : second_only;
  MatmulShape& s = match.shape;
  s.m = product(match.m, extents);
  s.n = product(match.n, extents);
  s.k = product(match.k, extents);
  if (inner_stride(match.n, c, 1) != 1) return {};
  s.a_k = inner_stride(match.k, a, 1);
  s.b_k = inner_stride(match.k, b, 1);
  s.a_m = inner_stride(match.m, a, s.a_k == 1 ? s.k : 1);
  s.b_n = inner_stride(match.n, b, s.b_k == 1 ? s.k : 1);
  s.c_m = inner_stride(match.m, c, s.n);
  const bool matrices =
      is_matrix(s.m, s.k, s.a_m, s.a_k) && is_matrix(s.k, s.n, s.b_k, s.b_n) && s.c_m >= s.n;
  if (!matrices) return {};
  return match;
}

}  // namespace rdu::cpu
