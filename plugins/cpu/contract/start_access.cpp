// Compares the strides of blocks; where the last block is not whole, only whole values that are alike will do.
#include "plugins/cpu/contract/start_access.hpp"

#include <algorithm>

namespace rdu::cpu {

bool walks_as_result(const BuildContext& context, const rdu_node& node, const rdu_read& read) {
  const rdu_write& write = context.graph.writes(node)[0];
  const rdu_value &from = context.graph.value(read.value), &to = context.graph.value(write.value);
  if (from.rank != to.rank || !std::equal(from.dims, from.dims + from.rank, to.dims)) return false;
  NodeScope scope = scope_of(context, node);
  scope.as_plain = true;
  const Access a = lower_read(scope, read), b = lower_write(scope, write);
  return a.dtype == RDU_DTYPE_F32 && a.affine() && b.affine() && a.base == 0 && b.base == 0 &&
         a.stride == b.stride;
}

std::optional<Access> match_start(const BuildContext& context, const rdu_node& node,
                                  const rdu_read& read, std::int64_t outputs) {
  const rdu_write& write = context.graph.writes(node)[0];
  if (!context.places.blocked(write.value) || !context.places.blocked(read.value)) return {};
  if (outputs % kChannelBlock != 0) {
    if (!walks_as_result(context, node, read)) return {};
    Access whole;
    whole.place = context.places.place_of(read.value);
    return whole;
  }
  const NodeScope scope = split_scope_of(context, node);
  const Access access = lower_read(scope, read);
  const bool alike = access.affine() && access.stride == lower_write(scope, write).stride;
  return alike ? std::optional(access) : std::nullopt;
}

}  // namespace rdu::cpu
