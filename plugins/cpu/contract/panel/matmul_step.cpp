// Products of matrices on our own kernels: the second operand in panels, packed at load where it is constant, and the
// rows of the first as they lie. Work is cut by batches, rows and panels.
#include "plugins/cpu/contract/panel/matmul_step.hpp"

#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kRowBytes = 512 << 10;     // of the first operand, while all panels pass
constexpr std::int64_t kResultBytes = 128 << 10;  // of the result, where an epilogue follows
constexpr std::int64_t kFewestRows = 28;          // that a panel is read for
constexpr std::int64_t kDirectRows = 28;          // so few do not pay for packing

class PanelMatmulStep : public Step {
 public:
  PanelMatmulStep(const BuildContext& context, const rdu_node& node, const Operands& operands,
                  const MatmulMatch& match)
      : kernels_(context.kernels),
        match_(match),
        extents_(scope_of(context, node).extents),
        num_parallel_(node.num_parallel),
        rows_(match.swapped ? operands.second : operands.first),
        columns_(match.swapped ? operands.first : operands.second),
        result_(operands.result),
        panels_(context.kernels, match.shape.n, match.shape.k) {
    for (const std::uint32_t l : match_.batch) batches_ *= extents_[l];
    take_epilogue(context, node);
    const std::uint32_t right = match.swapped ? operands.first_read : operands.second_read;
    const rdu_value& weights = context.graph.value(context.graph.reads(node)[right].value);
    if (weights.data != nullptr && match_.batch_free(columns_)) {
      pack(context, static_cast<const float*>(weights.data) + columns_.base);
    }
    cut();
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t units = batches_ * row_pieces_ * column_units_;
    for_each_task(run, tasks_, [&](std::int64_t task, std::byte* workspace) {
      std::int64_t unit = share(units, task, tasks_);
      const std::int64_t end = share(units, task + 1, tasks_);
      while (unit < end) {
        const std::int64_t first = unit % column_units_;
        const std::int64_t last = std::min(column_units_, first + end - unit);
        run_piece(run, unit / column_units_, first, last, workspace);
        unit += last - first;
      }
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return panel_bytes_ + row_bytes_ + (epilogue_.empty() ? 0 : epilogue_.workspace_bytes());
  }
  std::uint64_t resident_bytes() const override {
    return packed_ == nullptr ? 0 : static_cast<std::uint64_t>(panels_.floats()) * sizeof(float);
  }
  bool parallel() const override { return tasks_ > 1; }

 private:
  const MatmulShape& shape() const { return match_.shape; }

  void take_epilogue(const BuildContext& context, const rdu_node& node) {
    if (const auto sum = match_sum_epilogue(context, node)) {
      bool all = true;
      for (std::uint32_t i = 0; i < sum->num_reads; ++i) {
        const rdu_read& read = context.graph.reads(node)[sum->reads[i]];
        all = all && take_addend(lower_read(scope_of(context, node), read));
      }
      if (all) {
        post_ = sum->post;
        return;
      }
      bias_ = start_ = {};
    }
    std::uint32_t batch_loops = 0;
    for (const std::uint32_t l : match_.batch) batch_loops |= 1u << l;
    epilogue_ = BoxEpilogue(context, node, batch_loops,
                            [&](const Access& access) { return take_addend(access); });
    activation_ = epilogue_.only_activation(kernels_);
    if (activation_) epilogue_ = {};
  }

  // One value for each column, or one for each element of the result.
  bool take_addend(const Access& access) {
    if (!access.affine()) return false;
    const std::int64_t step = along(match_.m, access.stride);
    if (along(match_.n, access.stride) != (shape().n == 1 ? 0 : 1) || step < 0) return false;
    if (step == 0 && bias_.dtype == RDU_DTYPE_NONE) {
      bias_ = access;
      return true;
    }
    if (start_.dtype != RDU_DTYPE_NONE) return false;
    start_ = access;
    start_step_ = step;
    return true;
  }

  // The stride of loops that are walked as one, or -1 where the access does not walk them so.
  std::int64_t along(const std::vector<std::uint32_t>& loops, const LoopArray& stride) const {
    if (loops.empty()) return 0;
    for (std::size_t i = 0; i + 1 < loops.size(); ++i) {
      if (stride[loops[i]] != stride[loops[i + 1]] * extents_[loops[i + 1]]) return -1;
    }
    return stride[loops.back()];
  }

  void pack(const BuildContext& context, const float* weights) {
    const PackedLayout layout = layout_of("panels", {panels_.width(0), shape().n, shape().k});
    packed_ = context.packed->pack_floats(layout, panels_.floats(), [&](float* packed) {
      for (std::int64_t p = 0; p < panels_.count(); ++p) {
        pack_panel(kernels_, packed + panels_.offset(p), panels_.width(p),
                   weights + panels_.first(p) * shape().b_n, shape().b_k, shape().b_n, shape().k,
                   panels_.columns(p));
      }
    });
  }

  void cut() {
    const std::int64_t flops = 2 * batches_ * shape().m * shape().n * shape().k;
    tasks_ = tasks_for(flops);
    // A few rows cost what reading the weights does.
    if (packed_ != nullptr) tasks_ = std::max(tasks_, tasks_for_bytes(resident_bytes()));
    row_step_ = match_.m.empty() || epilogue_.empty() ? 1 : shape().m / extents_[match_.m.front()];
    row_piece_ = shape().m;
    const auto limit = [&](std::int64_t rows) {
      rows = std::max(rows, kFewestRows) / row_step_ * row_step_;
      row_piece_ = std::clamp(rows, row_step_, row_piece_);
    };
    if (packed_ != nullptr) {
      limit(kRowBytes / (4 * shape().k));
      if (!epilogue_.empty()) limit(kResultBytes / (4 * shape().n));
    }
    column_units_ = epilogue_.empty() || match_.n.size() == 1 ? panels_.count() : 1;
    const std::int64_t enough = tasks_ == 1 ? 1 : 2 * tasks_;
    while (row_piece_ >= 2 * kernels_.panels.rows * row_step_ &&
           batches_ * column_units_ * ceil_div(shape().m, row_piece_) < enough) {
      row_piece_ = ceil_div(row_piece_ / row_step_, 2) * row_step_;
    }
    row_pieces_ = ceil_div(shape().m, row_piece_);
    tasks_ = std::min(tasks_, batches_ * row_pieces_ * column_units_);
    const auto bytes = [](std::int64_t floats) {
      return align_up(static_cast<std::uint64_t>(floats) * sizeof(float), 64);
    };
    packs_ = packed_ == nullptr && !reads_directly();
    if (packs_) panel_bytes_ = bytes(panels_.largest());
    if (shape().a_k != 1) row_bytes_ = bytes(row_piece_ * shape().k);
  }

  bool reads_directly() const {
    return shape().b_n == 1 && shape().n % kColumnBlock == 0 && row_piece_ <= kDirectRows;
  }

  void run_piece(const Run& run, std::int64_t piece, std::int64_t first, std::int64_t last,
                 std::byte* workspace) const {
    const std::int64_t row = piece % row_pieces_ * row_piece_;
    const std::int64_t rows = std::min(row_piece_, shape().m - row);
    Box box = match_.batch_box(extents_, num_parallel_, piece / row_pieces_);
    if (column_units_ == 1) last = panels_.count();
    const float* b = floats_at(run, columns_, box);
    const float* bias = bias_.dtype == RDU_DTYPE_NONE ? nullptr : floats_at(run, bias_, box);
    auto* panel_memory = reinterpret_cast<float*>(workspace);
    PanelTile tile = row_tile(run, box, row, rows, workspace + panel_bytes_);
    const float* start = tile.start;
    float* sums = tile.sums;
    for (std::int64_t p = first; p < last; ++p) {
      const std::int64_t column = panels_.first(p);
      tile.num_columns = static_cast<std::size_t>(panels_.columns(p));
      tile.panel_step = packed_ == nullptr && !packs_ ? shape().b_k : panels_.width(p);
      tile.panel = panel(p, b, panel_memory);
      tile.sums = sums + column;
      tile.bias = bias == nullptr ? nullptr : bias + column;
      tile.start = start == nullptr ? nullptr : start + column;
      multiply_steps(kernels_.panels, tile, shape().k);
      if (activation_) activation_->run(tile.sums, tile.sums_step, rows, panels_.columns(p));
    }
    if (epilogue_.empty()) return;
    narrow(box, row, rows, first, last);
    epilogue_.run(kernels_, run, box, workspace + panel_bytes_ + row_bytes_);
  }

  // Everything of a tile but its columns.
  PanelTile row_tile(const Run& run, const Box& batch, std::int64_t row, std::int64_t rows,
                     std::byte* memory) const {
    PanelTile tile{};
    tile.rows = floats_at(run, rows_, batch) + row * shape().a_m;
    tile.row_step = shape().a_m;
    if (shape().a_k != 1) {
      auto* turned = reinterpret_cast<float*>(memory);
      kernels_.move[2].transpose(turned, shape().k, tile.rows, shape().a_k,
                                 static_cast<std::size_t>(rows),
                                 static_cast<std::size_t>(shape().k));
      tile.rows = turned;
      tile.row_step = shape().k;
    }
    tile.num_rows = static_cast<std::size_t>(rows);
    tile.sums = const_cast<float*>(floats_at(run, result_, batch)) + row * shape().c_m;
    tile.sums_step = shape().c_m;
    tile.sums_block = tile.start_block = kColumnBlock;
    tile.clamp = post_.clamp;
    tile.low = post_.low;
    tile.high = post_.high;
    if (start_.dtype != RDU_DTYPE_NONE)
      tile.start = floats_at(run, start_, batch) + row * start_step_;
    tile.start_step = start_step_;
    return tile;
  }

  const float* panel(std::int64_t p, const float* b, float* memory) const {
    if (packed_ != nullptr) return packed_ + panels_.offset(p);
    const float* from = b + panels_.first(p) * shape().b_n;
    if (!packs_) return from;
    pack_panel(kernels_, memory, panels_.width(p), from, shape().b_k, shape().b_n, shape().k,
               panels_.columns(p));
    return memory;
  }

  void narrow(Box& box, std::int64_t row, std::int64_t rows, std::int64_t first,
              std::int64_t last) const {
    if (!match_.m.empty()) {
      box.start[match_.m.front()] = row / row_step_;
      box.count[match_.m.front()] = rows / row_step_;
    }
    if (column_units_ == 1) return;
    box.start[match_.n.front()] = panels_.first(first);
    box.count[match_.n.front()] =
        panels_.first(last - 1) + panels_.columns(last - 1) - panels_.first(first);
  }

  const Kernels& kernels_;
  MatmulMatch match_;
  LoopArray extents_;
  std::uint32_t num_parallel_;
  Access rows_, columns_, result_;
  Access bias_, start_;  // without dtype: none
  std::int64_t start_step_ = 0;
  PostOp post_;
  BoxEpilogue epilogue_;
  std::optional<RowActivation> activation_;  // instead
  Panels panels_;
  const float* packed_ = nullptr;
  bool packs_ = false;
  std::int64_t batches_ = 1, row_step_ = 1, row_piece_ = 1, row_pieces_ = 1, column_units_ = 1;
  std::int64_t tasks_ = 1;
  std::uint64_t panel_bytes_ = 0, row_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_panel_matmul_step(const BuildContext& context, const rdu_node& node,
                                             const Operands& operands, const MatmulMatch& match) {
  return std::make_unique<PanelMatmulStep>(context, node, operands, match);
}

}  // namespace rdu::cpu
