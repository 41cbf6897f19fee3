// Products of matrices of 16-bit floats. Rows are multiplied where they lie if the machine's steps divide them, else from
// a copy of the piece; the second operand is packed at load where it is constant, else panel by panel.
#include <cstring>

#include "plugins/cpu/access/move_box.hpp"
#include "plugins/cpu/contract/bf16/finish.hpp"
#include "plugins/cpu/contract/bf16/pieces.hpp"
#include "plugins/cpu/contract/bf16/product.hpp"
#include "plugins/cpu/contract/bf16/steps.hpp"
#include "plugins/cpu/contract/matmul_shape.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kRowBytes = 512 << 10;  // of the first operand, while all panels pass

std::int64_t bytes_of(rdu_dtype dtype) { return dtype == RDU_DTYPE_BF16 ? 2 : 4; }

const std::byte* at(const Run& run, const Access& access, const Box& box) {
  return run.at(access.place) + first_element(access, box) * bytes_of(access.dtype);
}

class NarrowMatmulStep : public Step {
 public:
  NarrowMatmulStep(const BuildContext& context, const rdu_node& node,
                   const NarrowOperands& operands, const MatmulMatch& match)
      : kernels_(context.kernels),
        match_(match),
        extents_(scope_of(context, node).extents),
        num_parallel_(node.num_parallel),
        rows_(match.swapped ? operands.places.second : operands.places.first),
        columns_(match.swapped ? operands.places.first : operands.places.second),
        product_(context.kernels, operands.narrow, match.shape.n),
        steps_(product_.whole_units(match.shape.k)) {
    if (!match_.m.empty()) {
      row_loop_ = match_.m.back();
      match_.m.pop_back();
      match_.batch.insert(match_.batch.end(), match_.m.begin(), match_.m.end());
      row_count_ = extents_[row_loop_];
      row_step_ = rows_.stride[row_loop_];
    }
    if (!match_.n.empty()) column_loop_ = match_.n.front();
    for (const std::uint32_t l : match_.batch) batches_ *= extents_[l];
    finish_ = NarrowFinish(context, node, row_loop_, column_loop_,
                           product_.sum_rows() * NarrowProduct::kMostColumns);
    chunks_.add(0, 0, steps_);
    const std::uint32_t right =
        match.swapped ? operands.places.first_read : operands.places.second_read;
    const rdu_value& weights = context.graph.value(context.graph.reads(node)[right].value);
    if (weights.data != nullptr && match.batch_free(columns_)) {
      pack_all(context, static_cast<const std::byte*>(weights.data) +
                            columns_.base * bytes_of(columns_.dtype));
    }
    cut();
  }

  plugin::Status run(const Run& run) const override {
    for_each_piece(run, batches_ * row_pieces_, product_.panels(), tasks_,
                   [&](std::int64_t piece, std::int64_t first, std::int64_t end,
                       std::byte* workspace) { run_piece(run, piece, first, end, workspace); });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return row_bytes_ + column_bytes_ + panel_bytes_ + sums_bytes() + finish_.workspace_bytes();
  }
  std::uint64_t resident_bytes() const override { return packed_bytes_; }
  bool parallel() const override { return tasks_ > 1; }

 private:
  const MatmulShape& shape() const { return match_.shape; }
  std::int64_t element() const { return product_.element_bytes(); }
  std::uint64_t sums_bytes() const {
    return line_up(product_.sum_rows() * NarrowProduct::kMostColumns * 4);
  }

  // Steps of a row or a column, one after the other, where they do not lie so.
  void gather_steps(std::byte* to, const std::byte* from, rdu_dtype dtype, std::int64_t stride,
                    std::byte* memory) const {
    if (stride != 1) {
      kernels_.move[dtype == RDU_DTYPE_BF16 ? 1 : 2].gather(memory, from, stride,
                                                            static_cast<std::size_t>(shape().k));
      from = memory;
    }
    product_.convert(to, from, dtype, shape().k, steps_);
  }

  // `columns` has room for the columns of a panel, [column][steps], and one more of floats.
  void pack_panel(std::byte* to, std::int64_t panel, const std::byte* from,
                  std::byte* columns) const {
    const std::int64_t bytes = bytes_of(columns_.dtype);
    from += product_.first(panel) * shape().b_n * bytes;
    if (shape().b_n == 1) {
      return product_.pack_steps(to, panel, from, columns_.dtype, shape().b_k, shape().k);
    }
    const bool in_place = shape().b_k == 1 && product_.takes(columns_.dtype) &&
                          steps_ == shape().k && shape().b_n * bytes % 4 == 0 &&
                          steps_ * bytes % 4 == 0;
    if (in_place) return product_.pack(to, panel, from, shape().b_n, steps_);
    const std::int64_t count = product_.columns(panel);
    std::byte* spare = columns + product_.width(panel) * steps_ * element();
    for (std::int64_t c = 0; c < count; ++c) {
      gather_steps(columns + c * steps_ * element(), from + c * shape().b_n * bytes, columns_.dtype,
                   shape().b_k, spare);
    }
    product_.pack(to, panel, columns, steps_, steps_);
  }

  std::int64_t staged_columns() const {
    return NarrowProduct::kMostColumns * steps_ * element() + shape().k * 4;
  }

  void pack_all(const BuildContext& context, const std::byte* weights) {
    const std::int64_t last = product_.panels() - 1;
    packed_bytes_ = static_cast<std::uint64_t>(product_.offset(last, steps_) +
                                               product_.width(last) * steps_ * element());
    const PackedLayout layout =
        layout_of("narrow panels", {element(), product_.width(0), product_.panels(), steps_,
                                    shape().n, shape().k, columns_.dtype});
    packed_ = context.packed->pack(layout, packed_bytes_, [&](std::byte* packed) {
      std::vector<std::byte> memory(static_cast<std::size_t>(staged_columns()));
      for (std::int64_t p = 0; p <= last; ++p) {
        pack_panel(packed + product_.offset(p, steps_), p, weights, memory.data());
      }
    });
  }

  void cut() {
    in_place_ = product_.takes(rows_.dtype) && shape().a_k == 1 && steps_ == shape().k;
    tasks_ = tasks_for(2 * batches_ * row_count_ * shape().n * shape().k);
    const std::int64_t unit = product_.tile_rows();
    row_piece_ = std::clamp(kRowBytes / (steps_ * element()) / unit * unit, unit,
                            std::max(row_count_, unit));
    if (packed_ == nullptr) row_piece_ = std::max(row_count_, unit);
    const std::int64_t enough = tasks_ == 1 ? 1 : 2 * tasks_;
    while (row_piece_ >= 2 * product_.tile_rows() &&
           batches_ * product_.panels() * ceil_div(row_count_, row_piece_) < enough) {
      row_piece_ = ceil_div(row_piece_ / unit, 2) * unit;
    }
    row_pieces_ = ceil_div(row_count_, row_piece_);
    tasks_ = std::min(tasks_, batches_ * row_pieces_ * product_.panels());
    if (!in_place_) {
      row_bytes_ = line_up(std::min(row_piece_, row_count_) * steps_ * element() + shape().k * 4);
    }
    if (packed_ != nullptr) return;
    panel_bytes_ = line_up(NarrowProduct::kMostColumns * steps_ * element());
    column_bytes_ = line_up(staged_columns());
  }

  void run_piece(const Run& run, std::int64_t piece, std::int64_t first, std::int64_t last,
                 std::byte* workspace) const {
    std::byte *staged = workspace, *columns = staged + row_bytes_;
    std::byte *panel = columns + column_bytes_, *sums = panel + panel_bytes_;
    Box box = match_.batch_box(extents_, num_parallel_, piece / row_pieces_);
    const std::byte* b = packed_ == nullptr ? at(run, columns_, box) : nullptr;
    const std::int64_t row = piece % row_pieces_ * row_piece_;
    const std::int64_t end = std::min(row_count_, row + row_piece_);
    const std::byte* rows = at(run, rows_, box) + row * row_step_ * bytes_of(rows_.dtype);
    std::int64_t row_step = row_step_;
    if (!in_place_) {
      for (std::int64_t r = 0; r < end - row; ++r) {
        gather_steps(staged + r * steps_ * element(), rows + r * row_step_ * bytes_of(rows_.dtype),
                     rows_.dtype, shape().a_k, staged + (end - row) * steps_ * element());
      }
      rows = staged;
      row_step = steps_;
    }
    for (std::int64_t p = first; p < last; ++p) {
      const std::byte* packed = packed_ == nullptr ? panel : packed_ + product_.offset(p, steps_);
      if (packed_ == nullptr) pack_panel(panel, p, b, columns);
      set(box, column_loop_, product_.first(p), product_.columns(p));
      for (std::int64_t r = row; r < end; r += product_.sum_rows()) {
        const std::int64_t count = std::min(product_.sum_rows(), end - r);
        product_.multiply(rows + (r - row) * row_step * element(), row_step, packed, p, chunks_,
                          count, reinterpret_cast<float*>(sums));
        set(box, row_loop_, r, count);
        finish_.run(
            kernels_, run,
            {box, reinterpret_cast<float*>(sums), product_.width(p), count, product_.columns(p)},
            sums + sums_bytes());
      }
    }
  }

  static void set(Box& box, std::uint32_t loop, std::int64_t start, std::int64_t count) {
    if (loop == kMaxLoops) return;
    box.start[loop] = start;
    box.count[loop] = count;
  }

  const Kernels& kernels_;
  MatmulMatch match_;
  const LoopArray extents_;
  const std::uint32_t num_parallel_;
  const Access rows_, columns_;
  std::uint32_t row_loop_ = kMaxLoops, column_loop_ = kMaxLoops;
  NarrowProduct product_;
  NarrowChunks chunks_;
  NarrowFinish finish_;
  const std::int64_t steps_;  // of a row, padded
  const std::byte* packed_ = nullptr;
  bool in_place_ = false;
  std::int64_t batches_ = 1, row_count_ = 1, row_step_ = 0, row_piece_ = 1, row_pieces_ = 1;
  std::int64_t tasks_ = 1;
  std::uint64_t row_bytes_ = 0, column_bytes_ = 0, panel_bytes_ = 0, packed_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_narrow_matmul_step(const BuildContext& context, const rdu_node& node) {
  const auto operands = narrow_operands(context, node);
  if (!operands) return nullptr;
  const auto match = match_matmul(context, node, operands->places);
  if (!match || match->n.size() > 1) return nullptr;
  return std::make_unique<NarrowMatmulStep>(context, node, *operands, *match);
}

}  // namespace rdu::cpu
