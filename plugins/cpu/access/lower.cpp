// Lowers accesses: simplify every index, join what a reshape split, then sort the rest by cost.
#include "plugins/cpu/access/lower.hpp"

#include <bit>
#include <cstring>

#include "plugins/cpu/access/index_form.hpp"
#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/simd/scalar.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kLongestTable = 1 << 20;

using plugin::View;

// A table entry for every position of the one loop that the index depends on.
std::shared_ptr<const std::vector<std::int64_t>> tabulate(const IndexForm& index,
                                                          std::uint32_t loop, std::int64_t count) {
  auto table = std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(count));
  const std::int64_t extent = index.extent.bound;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t p = index.offset + index.coef[loop] * i;
    bool inside = !index.exact || floor_mod(p, index.div) == 0;
    p = floor_div(p, index.div);
    if (index.mod != 0) p = floor_mod(p, index.mod);
    if (index.outside == RDU_OUTSIDE_CLAMP) p = p < 0 ? 0 : p >= extent ? extent - 1 : p;
    if (index.outside == RDU_OUTSIDE_REFLECT) p = reflect(p, extent);
    inside = inside && p >= 0 && p < extent;
    (*table)[static_cast<std::size_t>(i)] = inside ? p * index.weight : -1;
  }
  return table;
}

void add_table(Access& access, std::uint32_t loop,
               std::shared_ptr<const std::vector<std::int64_t>> offsets) {
  for (Table& table : access.tables) {
    if (table.loop != loop) continue;
    auto sum = std::make_shared<std::vector<std::int64_t>>(*table.offsets);
    for (std::size_t i = 0; i < sum->size(); ++i) {
      const bool outside = (*sum)[i] < 0 || (*offsets)[i] < 0;
      (*sum)[i] = outside ? -1 : (*sum)[i] + (*offsets)[i];
    }
    table.offsets = std::move(sum);
    return;
  }
  access.tables.push_back({loop, std::move(offsets)});
}

bool may_tabulate(const IndexForm& index, const LoopArray& extents) {
  const std::uint32_t loops = loops_of(index.coef);
  const bool static_rule = index.outside != RDU_OUTSIDE_ERROR && index.outside != RDU_OUTSIDE_WRAP;
  return index.source == nullptr && static_rule && index.extent.fixed() &&
         std::popcount(loops) == 1 && extents[std::countr_zero(loops)] <= kLongestTable;
}

void add_computed(Access& access, const IndexForm& index) {
  Computed computed{index.offset,  index.coef,   index.div,    index.mod,    index.exact,
                    index.outside, index.extent, index.weight, index.source, loops_of(index.coef)};
  // Data may be anything: what the file promises about it is checked when it is read.
  if (index.source != nullptr) {
    computed.loops |= irregular_loops(*index.source) | loops_of(index.source->stride);
    if (computed.outside == RDU_OUTSIDE_NEVER) computed.outside = RDU_OUTSIDE_ERROR;
  }
  access.computed.push_back(std::move(computed));
}

// Indices that are constant and depend on one loop: known at load, unless one of them is a mistake that a run reports.
bool add_constant_indices(Access& access, const IndexForm& index, const NodeScope& scope) {
  if (index.source == nullptr || index.constant == nullptr || !index.source->affine()) return false;
  const bool bare = index.div == 1 && index.mod == 0 && !index.exact && index.extent.fixed();
  const std::uint32_t loops = loops_of(index.source->stride) | loops_of(index.coef);
  if (!bare || std::popcount(loops) != 1) return false;
  const auto loop = static_cast<std::uint32_t>(std::countr_zero(loops));
  const std::int64_t count = scope.extents[loop], extent = index.extent.bound;
  if (count > kLongestTable) return false;
  auto table = std::make_shared<std::vector<std::int64_t>>();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t at = index.source->base + index.source->stride[loop] * i;
    std::int64_t p = index.source->dtype == RDU_DTYPE_I64
                         ? static_cast<const std::int64_t*>(index.constant)[at]
                         : static_cast<const std::int32_t*>(index.constant)[at];
    p += index.offset + index.coef[loop] * i;
    if (index.outside == RDU_OUTSIDE_WRAP && p < 0) p += extent;
    if (p < 0 || p >= extent) return false;
    table->push_back(p * index.weight);
  }
  add_table(access, loop, std::move(table));
  return true;
}

void add_index(Access& access, const IndexForm& index, const NodeScope& scope) {
  if (add_constant_indices(access, index, scope)) return;
  const bool never = index.outside == RDU_OUTSIDE_NEVER && !index.exact;
  if (index.affine() && never) {
    access.base += index.offset * index.weight;
    for (std::uint32_t l = 0; l < scope.num_loops; ++l) {
      access.stride[l] += index.coef[l] * index.weight;
    }
    return;
  }
  const bool skips = index.outside == RDU_OUTSIDE_FILL || index.outside == RDU_OUTSIDE_SKIP;
  if (index.affine() && skips && index.extent.fixed()) {
    access.base += index.offset * index.weight;
    for (std::uint32_t l = 0; l < scope.num_loops; ++l) {
      access.stride[l] += index.coef[l] * index.weight;
    }
    access.clips.push_back({index.offset, index.coef, index.extent.bound});
    return;
  }
  if (may_tabulate(index, scope.extents)) {
    const auto loop = static_cast<std::uint32_t>(std::countr_zero(loops_of(index.coef)));
    return add_table(access, loop, tabulate(index, loop, scope.extents[loop]));
  }
  add_computed(access, index);
}

// In blocks of channels the points of a plane lie 16 apart, and dimension 1 counts blocks.
void block_weight(IndexForm& form, const rdu_value& value, std::uint32_t d) {
  form.weight *= kChannelBlock;
  if (d == 1) {
    form.div = kChannelBlock;
    form.extent.bound = channel_blocks(value.dims[1]);
  }
  if (d == 0) form.weight = form.weight / value.dims[1] * channel_blocks(value.dims[1]);
}

IndexForm channel_in_block(const NodeScope& scope, const IndexForm& blocks) {
  IndexForm form = blocks;
  form.div = 1;
  form.mod = kChannelBlock;
  form.weight = 1;
  form.extent.bound = kChannelBlock;
  simplify(form, scope.extents, scope.num_loops);
  return form;
}

// Of the storage's elements; with its channels last, the value has dimension 1 after all others.
auto strides_of(const NodeScope& scope, std::uint32_t value_id) {
  const rdu_value& value = scope.graph.value(value_id);
  auto strides = plugin::element_strides(value);
  if (scope.as_plain || !scope.places.channels_last(value_id)) return strides;
  for (std::uint32_t d = 2; d < value.rank; ++d) strides[d] *= value.dims[1];
  strides[1] = 1;
  return strides;
}

Access lower(const NodeScope& scope, std::uint32_t value_id, View<rdu_index> indices,
             OutsideRule rule) {
  const rdu_value& value = scope.graph.value(value_id);
  Access access;
  access.dtype = value.dtype;
  access.place = scope.places.place_of(value_id);
  const auto strides = strides_of(scope, value_id);
  const bool blocked = !scope.as_plain && scope.places.blocked(value_id);
  std::vector<IndexForm> forms;
  for (std::uint32_t d = 0; d < indices.size(); ++d) {
    const rdu_index& index = indices[d];
    IndexForm form;
    form.offset = index.offset;
    form.div = index.div > 0 ? index.div : 1;
    form.mod = index.mod;
    form.exact = index.exact != 0;
    form.outside = index.outside;
    if (rule == OutsideRule::kFill && index.outside != RDU_OUTSIDE_NEVER) {
      form.outside = RDU_OUTSIDE_FILL;
    }
    form.extent.bound = value.dims[d];
    if (value.dim_values[d] != RDU_NONE) {
      form.extent.value = scope.places.place_of(value.dim_values[d]);
    }
    form.weight = strides[d];
    if (blocked) block_weight(form, value, d);
    for (const rdu_term& term : scope.graph.terms(index)) {
      scope.add_term(form.coef, term.loop, term.coef);
    }
    if (index.source != RDU_NONE) {
      form.source = std::make_shared<const Access>(
          lower(scope, index.source, scope.graph.source_indices(index), OutsideRule::kAsWritten));
      form.constant = scope.graph.value(index.source).data;
    }
    if (blocked && d == 1) forms.push_back(channel_in_block(scope, form));
    simplify(form, scope.extents, scope.num_loops);
    forms.push_back(std::move(form));
  }
  recombine(forms, scope.extents, scope.num_loops);
  for (const IndexForm& form : forms) add_index(access, form, scope);
  return access;
}

}  // namespace

void NodeScope::add_term(LoopArray& coefs, std::uint32_t loop, std::int64_t coef) const {
  if (loop == split) {
    coefs[loop] += coef * kChannelBlock;
    coefs[loop + 1] += coef;
  } else {
    coefs[split != kMaxLoops && loop > split ? loop + 1 : loop] += coef;
  }
}

std::uint32_t irregular_loops(const Access& access) {
  std::uint32_t loops = 0;
  for (const Clip& clip : access.clips) loops |= loops_of(clip.coef);
  for (const Table& table : access.tables) loops |= 1u << table.loop;
  for (const Computed& computed : access.computed) loops |= computed.loops;
  return loops;
}

Access lower_read(const NodeScope& scope, const rdu_read& read, OutsideRule rule) {
  Access access = lower(scope, read.value, scope.graph.indices(read), rule);
  access.fill = scalar_bits(access.dtype, read.fill.f, read.fill.i);
  if (read.fill_value != RDU_NONE) access.fill_place = scope.places.place_of(read.fill_value);
  return access;
}

Access lower_write(const NodeScope& scope, const rdu_write& write) {
  if (write.first_index == RDU_NONE) return whole_value(scope, write.value, 0);
  return lower(scope, write.value, scope.graph.indices(write), OutsideRule::kAsWritten);
}

Access whole_value(const NodeScope& scope, std::uint32_t value_id, std::uint32_t first_loop) {
  const rdu_value& value = scope.graph.value(value_id);
  Access access;
  access.dtype = value.dtype;
  access.place = scope.places.place_of(value_id);
  const auto strides = strides_of(scope, value_id);
  for (std::uint32_t d = 0; d < value.rank; ++d) access.stride[first_loop + d] = strides[d];
  return access;
}

}  // namespace rdu::cpu
