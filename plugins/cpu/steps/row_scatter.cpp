// Reads the lowered accesses of a scatter as rows.
#include "plugins/cpu/steps/row_scatter.hpp"

namespace rdu::cpu {
namespace {

bool is_bare(const Computed& computed) {
  const bool rule = computed.outside == RDU_OUTSIDE_NEVER || computed.outside == RDU_OUTSIDE_WRAP ||
                    computed.outside == RDU_OUTSIDE_ERROR || computed.outside == RDU_OUTSIDE_SKIP;
  return rule && computed.source != nullptr && computed.source->affine() && computed.div == 1 &&
         computed.mod == 0 && !computed.exact && computed.extent.fixed() && computed.loops <= 1;
}

}  // namespace

std::optional<RowScatter> match_row_scatter(const Nest& nest, const Body& body,
                                            const Access& write) {
  const bool rows = write.clips.empty() && write.tables.empty() && write.computed.size() == 1 &&
                    is_bare(write.computed[0]) && nest.num_loops <= 2;
  if (!rows || !body.moves_only()) return {};
  const Access& update = body.accesses[0];
  const bool dense = nest.num_loops == 1 ||
                     (write.stride[1] == 1 && update.stride[1] == 1 && nest.extents[1].fixed());
  const bool whole = update.affine() && update.dtype == write.dtype;
  if (!dense || !whole) return {};
  const Computed& computed = write.computed[0];
  const Access& source = *computed.source;
  RowScatter scatter;
  scatter.index = source.place;
  scatter.wide = source.dtype == RDU_DTYPE_I64;
  scatter.index_first = source.base;
  scatter.index_step = source.stride[0];
  scatter.offset = computed.offset;
  scatter.coef = computed.coef[0];
  scatter.extent = computed.extent.bound;
  scatter.outside = computed.outside;
  scatter.target = write.place;
  scatter.updates = update.place;
  scatter.target_first = write.base;
  scatter.target_step = write.stride[0];
  scatter.position_step = computed.stride;
  scatter.update_first = update.base;
  scatter.update_step = update.stride[0];
  scatter.columns = nest.num_loops == 1 ? 1 : nest.extents[1].bound;
  return scatter;
}

}  // namespace rdu::cpu
