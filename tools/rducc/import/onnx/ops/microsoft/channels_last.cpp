// Transpositions, which folding views turns into accesses of the nodes beside them.
#include "tools/rducc/import/onnx/ops/microsoft/channels_last.hpp"

#include <algorithm>
#include <numeric>

namespace rducc::import_onnx {
namespace {

std::vector<std::int64_t> dimensions_of(const ir::Builder& builder, ir::ValueId x) {
  std::vector<std::int64_t> dimensions(builder.dims(x).size());
  std::iota(dimensions.begin(), dimensions.end(), 0);
  return dimensions;
}

}  // namespace

ir::ValueId channels_first(ir::Builder& builder, ir::ValueId x) {
  auto perm = dimensions_of(builder, x);
  if (perm.size() > 2) std::rotate(perm.begin() + 1, perm.end() - 1, perm.end());
  return builder.transpose(x, perm);
}

ir::ValueId channels_last(ir::Builder& builder, ir::ValueId x) {
  auto perm = dimensions_of(builder, x);
  if (perm.size() > 2) std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
  return builder.transpose(x, perm);
}

}  // namespace rducc::import_onnx
