// Walks a box row by row; the tables of all loops but the last place a row, that of the last gathers its elements.
#include "plugins/cpu/access/table_copy.hpp"

#include <cstring>

namespace rdu::cpu {
namespace {

const std::int64_t* table_of(const Access& access, std::uint32_t loop) {
  for (const Table& table : access.tables) {
    if (table.loop == loop) return table.offsets->data();
  }
  return nullptr;
}

// A row's move, the same for all rows.
struct RowMove {
  const MoveKernels& move;
  const std::int64_t* places;  // of its elements, or null: they lie side by side
  const void* fill;
  std::size_t count;
  std::uint32_t log2_bytes;

  void operator()(std::byte* to, const std::byte* from) const {
    if (from == nullptr)
      move.fill(to, fill, count);
    else if (places != nullptr)
      move.gather_indexed(to, from, places, fill, count);
    else
      std::memcpy(to, from, count << log2_bytes);
  }
};

}  // namespace

bool is_table_copy(const Access& from, const Access& to, std::uint32_t num_loops) {
  const std::uint32_t inner = num_loops - 1;
  const bool placed = from.clips.empty() && from.computed.empty() && !from.tables.empty();
  if (!placed || !to.affine() || to.stride[inner] != 1) return false;
  return from.stride[inner] == (table_of(from, inner) != nullptr ? 0 : 1);
}

void table_copy(const Kernels& kernels, const Run& run, const Access& from, const Access& to,
                std::uint32_t log2_bytes, const Box& box) {
  const std::uint32_t inner = box.num_loops - 1;
  const std::int64_t* tables[kMaxLoops];
  for (std::uint32_t l = 0; l <= inner; ++l) {
    tables[l] = table_of(from, l);
    if (box.count[l] <= 0) return;
  }
  const void* fill =
      from.fill_place.none() ? static_cast<const void*>(&from.fill) : run.at(from.fill_place);
  const RowMove move_row{kernels.move[log2_bytes],
                         tables[inner] == nullptr ? nullptr : tables[inner] + box.start[inner],
                         fill, static_cast<std::size_t>(box.count[inner]), log2_bytes};
  const std::byte* source = run.at(from.place);
  std::byte* target = run.at(to.place);
  LoopArray position = box.start;
  for (;;) {
    std::int64_t at = from.base + from.stride[inner] * box.start[inner];
    std::int64_t out = to.base + box.start[inner];
    bool inside = true;
    for (std::uint32_t l = 0; l < inner; ++l) {
      const std::int64_t entry = tables[l] == nullptr ? 0 : tables[l][position[l]];
      inside = inside && entry >= 0;
      at += from.stride[l] * position[l] + entry;
      out += to.stride[l] * position[l];
    }
    move_row(target + (out << log2_bytes), inside ? source + (at << log2_bytes) : nullptr);
    std::uint32_t l = inner;
    for (; l-- > 0;) {
      if (++position[l] < box.start[l] + box.count[l]) break;
      position[l] = box.start[l];
    }
    if (l == static_cast<std::uint32_t>(-1)) return;
  }
}

}  // namespace rdu::cpu
