// Panels have the same form for dot products and for tiles: pairs of steps, column by column.
#include "plugins/cpu/contract/bf16/product.hpp"

#include <cstring>

namespace rdu::cpu {

void NarrowChunks::add(std::int64_t rows, std::int64_t panel, std::int64_t steps) {
  const auto count = static_cast<std::size_t>(steps);
  if (!pairs_.empty()) {
    NarrowChunk& last = pairs_.back();
    const auto length = static_cast<std::int64_t>(last.steps);
    if (last.rows + length == rows && last.panel + length == panel) {
      last.steps += count;
      wide_.back().steps += count;
      narrow_.back().steps += count;
      return;
    }
  }
  pairs_.push_back({rows, panel, count});
  wide_.push_back({rows, panel * 32, count});
  narrow_.push_back({rows, panel * 16, count});
}

NarrowProduct::NarrowProduct(const Kernels& kernels, bool narrow, std::int64_t columns)
    : kernels_(&kernels),
      rounds_(narrow),
      pairs_(narrow ? select_narrow(kernels) : nullptr),
      columns_(columns),
      panel_(pairs_ == nullptr ? kernels.panels.blocks * 16 : kMostColumns) {}

void NarrowProduct::pack(std::byte* to, std::int64_t panel, const std::byte* from,
                         std::int64_t column_step, std::int64_t steps) const {
  const std::int64_t words = steps * element_bytes() / 4;
  if (columns(panel) < width(panel)) {
    std::memset(to, 0, static_cast<std::size_t>(words * width(panel) * 4));
  }
  kernels_->move[2].transpose(to, width(panel), from, column_step * element_bytes() / 4,
                              static_cast<std::size_t>(words),
                              static_cast<std::size_t>(columns(panel)));
}

void NarrowProduct::pack_steps(std::byte* to, std::int64_t panel, const std::byte* from,
                               rdu_dtype dtype, std::int64_t step_stride,
                               std::int64_t steps) const {
  static constexpr std::uint16_t kZeros[kMostColumns] = {};
  const std::int64_t across = width(panel), count = columns(panel);
  const std::int64_t padded = whole_units(steps);
  step_stride *= dtype == RDU_DTYPE_BF16 ? 2 : 4;
  if (count < across) {
    std::memset(to, 0, static_cast<std::size_t>(padded * across * element_bytes()));
  }
  if (pairs_ == nullptr) {
    for (std::int64_t step = 0; step < steps; ++step, from += step_stride) {
      convert(to + step * across * 4, from, dtype, count, count);
    }
    return;
  }
  std::uint16_t rounded[2][kMostColumns];
  const auto row = [&](std::int64_t step, std::uint16_t* memory) {
    if (step >= steps) return kZeros;
    const std::byte* at = from + step * step_stride;
    if (takes(dtype)) return reinterpret_cast<const std::uint16_t*>(at);
    convert(reinterpret_cast<std::byte*>(memory), at, dtype, count, count);
    return static_cast<const std::uint16_t*>(memory);
  };
  auto* pairs = reinterpret_cast<std::uint16_t*>(to);
  for (std::int64_t step = 0; step < padded; step += 2, pairs += 2 * across) {
    kernels_->narrow_rows.interleave(pairs, row(step, rounded[0]), row(step + 1, rounded[1]),
                                     static_cast<std::size_t>(count));
  }
}

void NarrowProduct::multiply(const std::byte* rows, std::int64_t row_step,
                             const std::byte* panel_memory, std::int64_t panel,
                             const NarrowChunks& chunks, std::int64_t num_rows, float* sums) const {
  const std::int64_t across = width(panel);
  const auto count = static_cast<std::size_t>(num_rows);
  if (pairs_ != nullptr) {
    pairs_->multiply({reinterpret_cast<const std::uint16_t*>(rows), row_step,
                      reinterpret_cast<const std::uint16_t*>(panel_memory),
                      static_cast<std::size_t>(across), chunks.pairs_.data(), chunks.pairs_.size(),
                      count, sums, across});
    return;
  }
  const auto& list = across == 32 ? chunks.wide_ : chunks.narrow_;
  PanelTile tile{};
  tile.rows = reinterpret_cast<const float*>(rows);
  tile.row_step = row_step;
  tile.panel = reinterpret_cast<const float*>(panel_memory);
  tile.panel_step = across;
  tile.chunks = list.data();
  tile.num_chunks = list.size();
  tile.repeats = 1;
  tile.num_rows = count;
  tile.num_columns = static_cast<std::size_t>(across);
  tile.sums = sums;
  tile.sums_step = across;
  tile.sums_block = 16;
  kernels_->panels.multiply(tile);
}

void NarrowProduct::convert(std::byte* to, const std::byte* from, rdu_dtype from_dtype,
                            std::int64_t count, std::int64_t padded) const {
  const auto n = static_cast<std::size_t>(count);
  if (takes(from_dtype)) {
    std::memcpy(to, from, n * static_cast<std::size_t>(element_bytes()));
  } else if (from_dtype == dtype()) {
    kernels_->wrap[RDU_DTYPE_BF16](to, from, from, from, n);
  } else {
    const auto& table = from_dtype == RDU_DTYPE_BF16 ? kernels_->widen : kernels_->narrow;
    table[RDU_DTYPE_BF16](to, from, from, from, n);
  }
  if (padded == count) return;
  std::memset(to + count * element_bytes(), 0,
              static_cast<std::size_t>((padded - count) * element_bytes()));
}

}  // namespace rdu::cpu
