// Finds, row by row, which elements an access touches.
#include "plugins/cpu/access/row_walk.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

// Lower than any offset that is still being summed up.
constexpr std::int64_t kOutside = INT64_MIN / 2;

std::int64_t affine_at(std::int64_t offset, const LoopArray& coef, const LoopArray& position,
                       std::uint32_t num_loops) {
  for (std::uint32_t l = 0; l < num_loops; ++l) offset += coef[l] * position[l];
  return offset;
}

std::int64_t current(const Extent& extent, const Run& run) {
  if (extent.fixed()) return extent.bound;
  return std::clamp<std::int64_t>(run.scalar<std::int64_t>(extent.value), 0, extent.bound);
}

}  // namespace

RowWalk::RowWalk(const MoveContext& context, const Access& access, const Box& box)
    : context_(context), access_(access), box_(box), inner_(box.num_loops - 1) {
  const std::uint32_t inner_bit = 1u << inner_;
  irregular_row_ = false;
  for (const Table& table : access.tables) irregular_row_ |= table.loop == inner_;
  for (const Computed& computed : access.computed)
    irregular_row_ |= (computed.loops & inner_bit) != 0;
  for (std::uint32_t l = 0; l < inner_; ++l) num_rows_ *= box.count[l];
  for (std::uint32_t l = 0; l <= inner_; ++l) position_[l] = box.start[l];
  base_ = affine_at(access.base, access.stride, position_, box.num_loops);
  for (std::size_t c = 0; c < access.clips.size(); ++c) {
    clipped_[c] = affine_at(access.clips[c].offset, access.clips[c].coef, position_, box.num_loops);
  }
}

bool RowWalk::next(Row& row) {
  if (row_number_ == num_rows_) return false;
  row.count = box_.count[inner_];
  row.dense = row_number_ * row.count;
  row.base = base_;
  row.stride = access_.stride[inner_];
  row.low = 0;
  row.high = row.count;
  row.offsets = nullptr;
  clip(row);
  if (row.low < row.high && !(place_tables(row) && place_computed(row))) {
    row.high = row.low;
  }
  if (irregular_row_ && row.low < row.high) find_offsets(row);
  ++row_number_;
  advance();
  return true;
}

void RowWalk::advance() {
  for (std::uint32_t l = inner_; l-- > 0;) {
    const bool carries = ++position_[l] == box_.start[l] + box_.count[l];
    const std::int64_t steps = carries ? 1 - box_.count[l] : 1;
    base_ += access_.stride[l] * steps;
    for (std::size_t c = 0; c < access_.clips.size(); ++c) {
      clipped_[c] += access_.clips[c].coef[l] * steps;
    }
    if (!carries) break;
    position_[l] = box_.start[l];
  }
}

void RowWalk::clip(Row& row) const {
  for (std::size_t c = 0; c < access_.clips.size(); ++c) {
    const Clip& clip = access_.clips[c];
    const std::int64_t p = clipped_[c];
    const std::int64_t coef = clip.coef[inner_];
    const std::int64_t last = p + coef * (row.count - 1);
    // Most rows are inside from end to end, and divisions are slow.
    if (std::min(p, last) >= 0 && std::max(p, last) < clip.extent) continue;
    if (coef == 0) {
      row.high = row.low;
    } else if (coef > 0) {
      row.low = std::max(row.low, ceil_div(-p, coef));
      row.high = std::min(row.high, ceil_div(clip.extent - p, coef));
    } else {
      row.low = std::max(row.low, ceil_div(p - clip.extent + 1, -coef));
      row.high = std::min(row.high, floor_div(p, -coef) + 1);
    }
  }
  row.low = std::min(row.low, row.count);
  row.high = std::max(row.high, row.low);
}

bool RowWalk::place_tables(Row& row) const {
  for (const Table& table : access_.tables) {
    if (table.loop == inner_) continue;
    const std::int64_t offset = (*table.offsets)[static_cast<std::size_t>(position_[table.loop])];
    if (offset < 0) return false;
    row.base += offset;
  }
  return true;
}

// Those dimensions that stay put along the row.
bool RowWalk::place_computed(Row& row) const {
  for (const Computed& computed : access_.computed) {
    if ((computed.loops >> inner_ & 1) != 0) continue;
    std::int64_t p = affine_at(computed.offset, computed.coef, position_, box_.num_loops);
    if (computed.source != nullptr) {
      load_indices(*computed.source, 1);
      p += context_.indices[0];
    }
    if (!settle(computed, current(computed.extent, context_.run), p)) return false;
    row.base += p * computed.stride;
  }
  return true;
}

void RowWalk::find_offsets(Row& row) const {
  std::int64_t* offsets = context_.offsets;
  for (std::int64_t i = 0; i < row.count; ++i) {
    offsets[i] = i >= row.low && i < row.high ? row.base + row.stride * i : kOutside;
  }
  // Sums may be negative until all dimensions have been added.
  for (const Table& table : access_.tables) {
    if (table.loop != inner_) continue;
    const std::int64_t* entry = table.offsets->data() + position_[inner_];
    for (std::int64_t i = row.low; i < row.high; ++i) {
      offsets[i] = entry[i] < 0 ? kOutside : offsets[i] + entry[i];
    }
  }
  for (const Computed& computed : access_.computed) {
    if ((computed.loops >> inner_ & 1) != 0) add_positions(computed, row);
  }
  for (std::int64_t i = 0; i < row.count; ++i) offsets[i] = std::max<std::int64_t>(offsets[i], -1);
  row.low = 0;
  row.high = row.count;
  row.offsets = offsets;
}

void RowWalk::add_positions(const Computed& computed, Row& row) const {
  const std::int64_t first = affine_at(computed.offset, computed.coef, position_, box_.num_loops);
  const std::int64_t coef = computed.coef[inner_];
  const std::int64_t extent = current(computed.extent, context_.run);
  const std::int64_t* indices = nullptr;
  if (computed.source != nullptr) {
    load_indices(*computed.source, row.count);
    indices = context_.indices;
  }
  if (add_bare_positions(computed, first, extent, indices, row)) return;
  for (std::int64_t i = row.low; i < row.high; ++i) {
    if (context_.offsets[i] <= kOutside) continue;
    std::int64_t p = first + coef * i + (indices != nullptr ? indices[i] : 0);
    const bool inside = settle(computed, extent, p);
    context_.offsets[i] = inside ? context_.offsets[i] + p * computed.stride : kOutside;
  }
}

// Where nothing is divided and no position of the row is outside, in two loops without tests.
bool RowWalk::add_bare_positions(const Computed& computed, std::int64_t first, std::int64_t extent,
                                 const std::int64_t* indices, Row& row) const {
  const bool bare = indices != nullptr && computed.div == 1 && computed.mod == 0 && !computed.exact;
  if (!bare) return false;
  const std::int64_t coef = computed.coef[inner_], stride = computed.stride;
  const std::int64_t wraps = computed.outside == RDU_OUTSIDE_WRAP ? extent : 0;
  const auto position = [&](std::int64_t i) {
    const std::int64_t p = first + coef * i + indices[i];
    return p + ((p >> 63) & wraps);
  };
  bool outside = false;
  for (std::int64_t i = row.low; i < row.high; ++i) {
    const std::int64_t p = position(i);
    outside |= p < 0 || p >= extent;
  }
  if (outside) return false;
  // What another dimension put outside stays far below any offset.
  for (std::int64_t i = row.low; i < row.high; ++i) context_.offsets[i] += position(i) * stride;
  return true;
}

// Reads `count` indices along the row where the source is affine.
void RowWalk::load_plain_indices(const Access& source, std::int64_t count) const {
  const std::int64_t first = affine_at(source.base, source.stride, position_, box_.num_loops);
  const std::int64_t step = source.stride[inner_];
  const std::byte* data = context_.run.at(source.place);
  const auto read = [&](const auto* from) {
    from += first;
    for (std::int64_t i = 0; i < count; ++i) context_.indices[i] = from[i * step];
  };
  if (source.dtype == RDU_DTYPE_I64)
    read(reinterpret_cast<const std::int64_t*>(data));
  else
    read(reinterpret_cast<const std::int32_t*>(data));
}

// Reads `count` indices along the row; a source has no source of its own.
void RowWalk::load_indices(const Access& source, std::int64_t count) const {
  if (source.affine()) return load_plain_indices(source, count);
  Box box;
  box.num_loops = box_.num_loops;
  for (std::uint32_t l = 0; l < box.num_loops; ++l) {
    box.start[l] = position_[l];
    box.count[l] = 1;
  }
  box.count[inner_] = count;
  MoveContext context = context_;
  context.offsets = context_.positions;
  const std::byte* data = context_.run.at(source.place);
  const bool wide = source.dtype == RDU_DTYPE_I64;
  const auto read = [&](std::int64_t offset) -> std::int64_t {
    if (wide) return reinterpret_cast<const std::int64_t*>(data)[offset];
    return reinterpret_cast<const std::int32_t*>(data)[offset];
  };
  RowWalk walk(context, source, box);
  Row row;
  walk.next(row);
  if (row.offsets == nullptr && row.low == 0 && row.high == count) {
    for (std::int64_t i = 0; i < count; ++i) context_.indices[i] = read(row.base + row.stride * i);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const bool inside =
        i >= row.low && i < row.high && (row.offsets == nullptr || row.offsets[i] >= 0);
    const std::int64_t offset = row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
    context_.indices[i] = inside ? read(offset) : 0;
  }
}

// From the numerator to the position; false: outside.
bool RowWalk::settle(const Computed& computed, std::int64_t extent, std::int64_t& p) const {
  if (computed.exact && floor_mod(p, computed.div) != 0) return false;
  if (computed.div != 1) p = floor_div(p, computed.div);
  if (computed.mod != 0) p = floor_mod(p, computed.mod);
  if (computed.outside == RDU_OUTSIDE_WRAP && p < 0) p += extent;
  if (p >= 0 && p < extent) return true;
  switch (computed.outside) {
    case RDU_OUTSIDE_CLAMP:
      if (extent > 0) p = std::clamp<std::int64_t>(p, 0, extent - 1);
      return extent > 0;
    case RDU_OUTSIDE_REFLECT:
      p = reflect(p, extent);
      return extent > 0;
    case RDU_OUTSIDE_NEVER:
    case RDU_OUTSIDE_WRAP:
    case RDU_OUTSIDE_ERROR:
      context_.run.fault->report(p, extent);
      return false;
    default:
      return false;
  }
}

}  // namespace rdu::cpu
