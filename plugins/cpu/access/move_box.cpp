// Moves boxes: without a copy where memory already looks like a register, by strided copies where the access is affine
// over the box, row by row elsewhere.
#include "plugins/cpu/access/move_box.hpp"

#include <bit>
#include <cstring>

#include "plugins/cpu/access/index_form.hpp"
#include "plugins/cpu/access/strided_copy.hpp"
#include "plugins/cpu/simd/scalar.hpp"

namespace rdu::cpu {
namespace {

bool is_nibble(rdu_dtype dtype) { return dtype == RDU_DTYPE_I4 || dtype == RDU_DTYPE_U4; }

std::uint32_t log2_bytes(rdu_dtype dtype) {
  return static_cast<std::uint32_t>(std::countr_zero(memory_bytes(dtype)));
}

// Does no point of the box leave the tensor, so that the clips have nothing to do?
bool inside_everywhere(const Access& access, const Box& box) {
  if (!access.tables.empty() || !access.computed.empty()) return false;
  for (const Clip& clip : access.clips) {
    std::int64_t low = clip.offset, high = clip.offset;
    for (std::uint32_t l = 0; l < box.num_loops; ++l) {
      const std::int64_t first = clip.coef[l] * box.start[l];
      const std::int64_t last = first + clip.coef[l] * (box.count[l] - 1);
      low += first < last ? first : last;
      high += first < last ? last : first;
    }
    if (low < 0 || high >= clip.extent) return false;
  }
  return true;
}

bool looks_like_register(const Access& access, const Box& box) {
  std::int64_t expected = 1;
  for (std::uint32_t l = box.num_loops; l-- > 0;) {
    if (box.count[l] == 1) continue;
    if (access.stride[l] != expected) return false;
    expected *= box.count[l];
  }
  return true;
}

LoopArray dense_strides(const Box& box) {
  LoopArray strides{};
  std::int64_t stride = 1;
  for (std::uint32_t l = box.num_loops; l-- > 0;) {
    strides[l] = stride;
    stride *= box.count[l];
  }
  return strides;
}

const void* fill_of(const MoveContext& context, const Access& access) {
  if (!access.fill_place.none()) return context.run.at(access.fill_place);
  return &access.fill;
}

// Whole rows of a table, each where an index says: nothing but one dimension computed, and the last loop along a row.
// False where the box is something else, or an index needs care; then nothing is said of the slot.
bool load_table_rows(const MoveContext& context, const Access& access, const Box& box,
                     std::byte* slot) {
  const std::uint32_t inner = box.num_loops - 1;
  if (inner == 0 || access.stride[inner] != 1 || access.computed.size() != 1) return false;
  if (!access.clips.empty() || !access.tables.empty()) return false;
  const Computed& computed = access.computed[0];
  const Access* source = computed.source.get();
  const bool indices = source != nullptr && source->affine() &&
                       (source->dtype == RDU_DTYPE_I64 || source->dtype == RDU_DTYPE_I32);
  const bool plain = indices && computed.div == 1 && computed.mod == 0 && !computed.exact &&
                     (computed.loops >> inner & 1) == 0 && computed.extent.fixed();
  if (!plain) return false;
  const std::int64_t extent = computed.extent.bound;
  const std::int64_t below = computed.outside == RDU_OUTSIDE_WRAP ? extent : 0;
  const std::byte* index = context.run.at(source->place);
  const bool wide = source->dtype == RDU_DTYPE_I64;
  std::int64_t at = source->base, base = access.base + box.start[inner];
  std::int64_t numerator = computed.offset;
  const auto advance = [&](std::uint32_t l, std::int64_t steps) {
    at += source->stride[l] * steps;
    base += access.stride[l] * steps;
    numerator += computed.coef[l] * steps;
  };
  std::int64_t rows = 1;
  for (std::uint32_t l = 0; l < inner; ++l) {
    advance(l, box.start[l]);
    rows *= box.count[l];
  }
  LoopArray position{};
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int64_t p = numerator + (wide ? reinterpret_cast<const std::int64_t*>(index)[at]
                                       : reinterpret_cast<const std::int32_t*>(index)[at]);
    p += p < 0 ? below : 0;
    if (p < 0 || p >= extent) return false;
    context.offsets[r] = base + p * computed.stride;
    for (std::uint32_t l = inner; l-- > 0;) {
      const bool carries = ++position[l] == box.count[l];
      advance(l, carries ? 1 - box.count[l] : 1);
      if (!carries) break;
      position[l] = 0;
    }
  }
  context.kernels.move[log2_bytes(access.dtype)].rows_at(
      slot, context.run.at(access.place), context.offsets, static_cast<std::size_t>(rows),
      static_cast<std::size_t>(box.count[inner]));
  return true;
}

void load_rows(const MoveContext& context, const Access& access, const Box& box, std::byte* slot) {
  if (load_table_rows(context, access, box, slot)) return;
  const std::uint32_t shift = log2_bytes(access.dtype);
  const MoveKernels& move = context.kernels.move[shift];
  const std::byte* memory = context.run.at(access.place);
  const void* fill = fill_of(context, access);
  RowWalk walk(context, access, box);
  for (Row row; walk.next(row);) {
    std::byte* dst = slot + (row.dense << shift);
    if (row.offsets != nullptr) {
      move.gather_indexed(dst, memory, row.offsets, fill, static_cast<std::size_t>(row.count));
      continue;
    }
    if (row.low > 0) move.fill(dst, fill, static_cast<std::size_t>(row.low));
    if (row.high < row.count) {
      move.fill(dst + (row.high << shift), fill, static_cast<std::size_t>(row.count - row.high));
    }
    if (row.low == row.high) continue;
    const auto count = static_cast<std::size_t>(row.high - row.low);
    const std::byte* src = memory + (row.base + row.stride * row.low) * (std::int64_t{1} << shift);
    dst += row.low << shift;
    if (row.stride == 1)
      std::memcpy(dst, src, count << shift);
    else if (row.stride == 0)
      move.fill(dst, src, count);
    else
      move.gather(dst, src, row.stride, count);
  }
}

// Elements of four bits: offsets count nibbles.
void load_nibbles(const MoveContext& context, const Access& access, const Box& box,
                  std::byte* slot) {
  const auto* memory = reinterpret_cast<const std::uint8_t*>(context.run.at(access.place));
  const std::uint8_t fill = *static_cast<const std::uint8_t*>(fill_of(context, access)) & 15;
  RowWalk walk(context, access, box);
  for (Row row; walk.next(row);) {
    for (std::int64_t i = 0; i < row.count; ++i) {
      const std::int64_t offset =
          row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
      const bool inside = i >= row.low && i < row.high && offset >= 0;
      std::uint8_t nibble = fill;
      if (inside) nibble = (memory[offset / 2] >> (offset % 2 * 4)) & 15;
      if (access.dtype == RDU_DTYPE_I4) nibble = static_cast<std::uint8_t>((nibble ^ 8) - 8);
      slot[row.dense + i] = std::byte{nibble};
    }
  }
}

void store_rows(const MoveContext& context, const Access& access, const Box& box,
                const std::byte* slot) {
  const std::uint32_t shift = log2_bytes(access.dtype);
  const std::size_t bytes = std::size_t{1} << shift;
  std::byte* memory = context.run.at(access.place);
  RowWalk walk(context, access, box);
  for (Row row; walk.next(row);) {
    const std::byte* src = slot + (row.dense << shift);
    for (std::int64_t i = row.low; i < row.high; ++i) {
      const std::int64_t offset =
          row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
      if (row.offsets != nullptr && offset < 0) continue;
      std::memcpy(memory + offset * static_cast<std::int64_t>(bytes),
                  src + i * static_cast<std::int64_t>(bytes), bytes);
    }
  }
}

}  // namespace

std::int64_t first_element(const Access& access, const Box& box) {
  std::int64_t offset = access.base;
  for (std::uint32_t l = 0; l < box.num_loops; ++l) offset += access.stride[l] * box.start[l];
  return offset;
}

std::byte* dense_memory(const MoveContext& context, const Access& access, const Box& box) {
  if (is_nibble(access.dtype) || context.kernels.widen[access.dtype] != nullptr) return nullptr;
  if (!inside_everywhere(access, box) || !looks_like_register(access, box)) return nullptr;
  return context.run.at(access.place) +
         first_element(access, box) * static_cast<std::int64_t>(memory_bytes(access.dtype));
}

const void* load_box(const MoveContext& context, const Access& access, const Box& box, void* slot) {
  if (is_nibble(access.dtype)) {
    load_nibbles(context, access, box, static_cast<std::byte*>(slot));
    return slot;
  }
  const VectorFn widen = context.kernels.widen[access.dtype];
  const auto points = static_cast<std::size_t>(box.points());
  const void* raw = nullptr;
  if (inside_everywhere(access, box)) {
    const std::byte* first =
        context.run.at(access.place) +
        first_element(access, box) * static_cast<std::int64_t>(memory_bytes(access.dtype));
    if (looks_like_register(access, box)) {
      raw = first;
    } else {
      void* target = widen != nullptr ? context.raw : slot;
      strided_copy(context.kernels, log2_bytes(access.dtype),
                   {box.num_loops, box.count, dense_strides(box), access.stride}, target, first);
      raw = target;
    }
  } else {
    std::byte* target = widen != nullptr ? context.raw : static_cast<std::byte*>(slot);
    load_rows(context, access, box, target);
    raw = target;
  }
  if (widen == nullptr) return raw;
  widen(slot, raw, nullptr, nullptr, points);
  return slot;
}

void load_mask(const MoveContext& context, const Access& access, const Box& box, void* slot) {
  auto* mask = static_cast<std::uint8_t*>(slot);
  RowWalk walk(context, access, box);
  for (Row row; walk.next(row);) {
    for (std::int64_t i = 0; i < row.count; ++i) {
      mask[row.dense + i] =
          i >= row.low && i < row.high && (row.offsets == nullptr || row.offsets[i] >= 0);
    }
  }
}

void load_positions(std::int64_t base, const LoopArray& coef, const Box& box, std::int64_t* slot) {
  const std::uint32_t inner = box.num_loops - 1;
  const std::int64_t row = box.count[inner];
  const std::int64_t points = box.points();
  LoopArray step{};
  for (std::int64_t first = 0; first < points; first += row) {
    std::int64_t value = base;
    for (std::uint32_t l = 0; l < box.num_loops; ++l) value += coef[l] * (box.start[l] + step[l]);
    for (std::int64_t i = 0; i < row; ++i) slot[first + i] = value + coef[inner] * i;
    for (std::uint32_t l = inner; l-- > 0;) {
      if (++step[l] < box.count[l]) break;
      step[l] = 0;
    }
  }
}

void store_box(const MoveContext& context, const Access& access, const Box& box, const void* slot) {
  const void* raw = slot;
  if (const VectorFn narrow = context.kernels.narrow[access.dtype]; narrow != nullptr) {
    narrow(context.raw, slot, nullptr, nullptr, static_cast<std::size_t>(box.points()));
    raw = context.raw;
  }
  if (!inside_everywhere(access, box)) {
    return store_rows(context, access, box, static_cast<const std::byte*>(raw));
  }
  std::byte* first =
      context.run.at(access.place) +
      first_element(access, box) * static_cast<std::int64_t>(memory_bytes(access.dtype));
  if (raw == first) return;
  strided_copy(context.kernels, log2_bytes(access.dtype),
               {box.num_loops, box.count, access.stride, dense_strides(box)}, first, raw);
}

}  // namespace rdu::cpu
