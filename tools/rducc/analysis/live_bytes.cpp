// Storage in use, counted as nodes run.
#include "tools/rducc/analysis/live_bytes.hpp"

#include <algorithm>

#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::ValueId;

void keep_distinct(std::vector<ValueId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

LiveBytes::LiveBytes(const rdu::artifact::Variant& variant, std::uint32_t graph)
    : storages_(variant.values.size()) {
  const auto uses = ir::find_uses(variant, graph);
  for (ValueId id = 0; id < storages_.size(); ++id) {
    const auto& value = variant.values[id];
    storages_[id].bytes =
        static_cast<std::int64_t>(ir::storage_bytes(value.dtype, ir::num_elements(value.dims)));
    storages_[id].kept = uses.leaves[id] || value.role != RDU_ROLE_INTERMEDIATE;
  }
  for (const auto& node : variant.graphs[graph].nodes) {
    auto& reads = reads_.emplace_back();
    auto& writes = writes_.emplace_back();
    ir::for_each_read(node, [&](ValueId id) { reads.push_back(ir::owner(variant, id)); });
    ir::for_each_write(node, [&](ValueId id) { writes.push_back(ir::owner(variant, id)); });
    keep_distinct(reads);
    keep_distinct(writes);
    for (const ValueId id : reads) ++storages_[id].num_readers;
  }
}

std::int64_t LiveBytes::allocated_by(std::uint32_t node) const {
  std::int64_t bytes = 0;
  for (const ValueId id : writes_[node]) {
    if (!storages_[id].kept && !storages_[id].written) bytes += storages_[id].bytes;
  }
  return bytes;
}

std::int64_t LiveBytes::freed_by(std::uint32_t node) const {
  std::int64_t bytes = 0;
  for (const ValueId id : reads_[node]) {
    if (!storages_[id].kept && storages_[id].num_readers == 1) bytes += storages_[id].bytes;
  }
  return bytes;
}

void LiveBytes::run(std::uint32_t node) {
  live_ += allocated_by(node);
  peak_ = std::max(peak_, live_);
  live_ -= freed_by(node);
  for (const ValueId id : writes_[node]) storages_[id].written = true;
  for (const ValueId id : reads_[node]) --storages_[id].num_readers;
}

}  // namespace rducc::analysis
