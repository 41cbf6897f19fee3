// Bytes are gathered box by box, the reduction outermost for lanes and innermost for rows, then packed into words.
#include "plugins/cpu/contract/integer/panels.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

std::uint64_t aligned(std::uint64_t bytes) { return align_up(bytes, 64); }

std::uint64_t sums_bytes(std::int64_t count) {
  return aligned(static_cast<std::uint64_t>(count) * sizeof(std::int32_t));
}

std::int32_t integer_at(rdu_dtype dtype, const void* values, std::size_t i) {
  switch (dtype) {
    case RDU_DTYPE_I32:
      return static_cast<const std::int32_t*>(values)[i];
    case RDU_DTYPE_U8:
    case RDU_DTYPE_U4:
      return static_cast<const std::uint8_t*>(values)[i];
    default:
      return static_cast<const std::int8_t*>(values)[i];
  }
}

}  // namespace

PanelOperand panel_operand(const BuildContext& context, const rdu_node& node,
                           const IntegerOperand& operand) {
  const NodeScope scope = scope_of(context, node);
  const rdu_read& read = context.graph.reads(node)[operand.read];
  PanelOperand panel;
  panel.values = lower_read(scope, read);
  panel.is_signed = panel.values.dtype == RDU_DTYPE_I8 || panel.values.dtype == RDU_DTYPE_I4;
  panel.zero = operand.zero.constant;
  panel.data = context.graph.value(read.value).data;
  panel.reads_zeros = operand.zero.read != RDU_NONE;
  if (panel.reads_zeros) {
    const rdu_read& zeros = context.graph.reads(node)[operand.zero.read];
    panel.zeros = lower_read(scope, zeros);
    panel.zeros_data = context.graph.value(zeros.value).data;
  }
  return panel;
}

IntegerPanels::IntegerPanels(const Nest& nest, const IntegerKernels& kernels,
                             std::int64_t most_rows, std::int64_t most_lanes)
    : nest_(nest), kernels_(&kernels), most_rows_(most_rows), most_lanes_(most_lanes) {
  for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
    if (nest.reduces(l)) steps_ *= nest.extents[l].bound;
  }
  groups_ = (static_cast<std::size_t>(steps_) + kernels.group - 1) / kernels.group;
}

std::int64_t IntegerPanels::panel_lanes(std::int64_t lanes) const {
  return static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(lanes), kernels_->width));
}

std::uint64_t IntegerPanels::rows_bytes(std::int64_t rows) const {
  return aligned(static_cast<std::uint64_t>(rows) * groups_ * 4) + 2 * sums_bytes(rows);
}

std::uint64_t IntegerPanels::lanes_bytes(std::int64_t lanes) const {
  return aligned(static_cast<std::uint64_t>(panel_lanes(lanes)) * groups_ * 4) +
         2 * sums_bytes(lanes);
}

PackedRows IntegerPanels::rows_at(std::byte* memory, std::int64_t rows) const {
  PackedRows packed{memory, nullptr, nullptr};
  memory += aligned(static_cast<std::uint64_t>(rows) * groups_ * 4);
  packed.sums = reinterpret_cast<std::int32_t*>(memory);
  packed.zeros = reinterpret_cast<std::int32_t*>(memory + sums_bytes(rows));
  return packed;
}

PackedLanes IntegerPanels::lanes_at(std::byte* memory, std::int64_t lanes) const {
  PackedLanes packed{memory, nullptr, nullptr};
  memory += aligned(static_cast<std::uint64_t>(panel_lanes(lanes)) * groups_ * 4);
  packed.sums = reinterpret_cast<std::int32_t*>(memory);
  packed.zeros = reinterpret_cast<std::int32_t*>(memory + sums_bytes(lanes));
  return packed;
}

std::uint64_t IntegerPanels::scratch_bytes() const {
  const std::int64_t most = std::max(most_rows_, most_lanes_);
  return aligned(static_cast<std::uint64_t>(most * steps_)) + sums_bytes(most);
}

// Cut along the reduction where the box is large, and along the rows, so that pieces follow each other in `bytes`.
void IntegerPanels::gather(const MoveContext& context, const Access& access, Box box,
                           std::byte* bytes) const {
  LoopArray size = box.count;
  std::int64_t left = kLoad;
  for (std::uint32_t l = nest_.num_loops; l-- > 0;) {
    size[l] = std::clamp<std::int64_t>(left, 1, std::max<std::int64_t>(box.count[l], 1));
    left = size[l] == box.count[l] ? left / std::max<std::int64_t>(box.count[l], 1) : 1;
  }
  const Grid grid(nest_.num_loops, box.count, size);
  for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
    Box piece = grid.box(b);
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) piece.start[l] += box.start[l];
    const void* loaded = load_box(context, access, piece, bytes);
    const auto points = static_cast<std::size_t>(piece.points());
    if (loaded != bytes) std::memcpy(bytes, loaded, points);
    bytes += points;
  }
}

void IntegerPanels::load_zeros(const MoveContext& context, const PanelOperand& operand,
                               const Box& box, std::int32_t shift, std::int32_t* zeros) const {
  const auto count = static_cast<std::size_t>(box.points());
  if (!operand.reads_zeros) {
    std::fill_n(zeros, count, operand.zero + shift);
    return;
  }
  // In place: elements are at most as wide as what they become, so the last goes first.
  const void* loaded = load_box(context, operand.zeros, box, zeros);
  for (std::size_t i = count; i-- > 0;) {
    zeros[i] = integer_at(operand.zeros.dtype, loaded, i) + shift;
  }
}

void IntegerPanels::pack_rows(const MoveContext& context, const PanelOperand& operand, Box box,
                              const PackedRows& to, std::byte* scratch) const {
  const auto rows = static_cast<std::size_t>(box.points());
  const std::int32_t shift = operand.is_signed ? 0 : -kernels_->unsigned_row_shift;
  load_zeros(context, operand, box, shift, to.zeros);
  for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
    if (nest_.reduces(l)) box.count[l] = nest_.extents[l].bound;
  }
  gather(context, operand.values, box, scratch);
  kernels_->pack_rows[operand.is_signed](to.words, to.sums, scratch, rows,
                                         static_cast<std::size_t>(steps_));
}

void IntegerPanels::pack_lanes(const MoveContext& context, const PanelOperand& operand, Box box,
                               const PackedLanes& to, bool with_sums, std::byte* scratch) const {
  const std::int64_t lanes = box.points();
  const std::int32_t shift = operand.is_signed ? kernels_->signed_lane_shift : 0;
  load_zeros(context, operand, box, shift, to.zeros);
  for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
    if (nest_.reduces(l)) box.count[l] = nest_.extents[l].bound;
  }
  gather(context, operand.values, box, scratch);
  const auto count = static_cast<std::size_t>(lanes), steps = static_cast<std::size_t>(steps_);
  kernels_->pack_lanes[operand.is_signed](to.words, static_cast<std::size_t>(panel_lanes(lanes)),
                                          scratch, count, steps);
  if (with_sums) kernels_->sum_lanes[operand.is_signed](to.sums, scratch, count, steps);
}

}  // namespace rdu::cpu
