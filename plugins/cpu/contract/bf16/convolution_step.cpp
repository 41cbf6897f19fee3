// Convolutions of 16-bit floats whose values lie with their channels last, or in planes. A task copies the lines that its
// outputs read, bordered with zeros and with channels padded to what the machine's steps divide; then every tap of the
// window is a shift of rows. Pointwise convolutions read where the source lies.
#include <cstring>

#include "plugins/cpu/contract/bf16/convolution.hpp"
#include "plugins/cpu/contract/bf16/pieces.hpp"
#include "plugins/cpu/contract/bf16/steps.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kStageBytes = 192 << 10;  // of the lines that a piece reads

class NarrowConvolutionStep : public Step {
 public:
  NarrowConvolutionStep(const BuildContext& context, const rdu_node& node,
                        const NarrowOperands& operands, const ConvolutionMatch& match)
      : kernels_(context.kernels),
        extents_(scope_of(context, node).extents),
        num_parallel_(node.num_parallel),
        images_(match.images),
        image_loop_(match.image_loop),
        output_loop_(match.output_loop),
        y_loop_(match.shape.spatial == 1 ? kMaxLoops : match.spatial_loop[0]),
        x_loop_(match.spatial_loop[match.shape.spatial - 1]),
        source_(context.places.place_of(match.source)),
        convolution_(context, match, operands) {
    const NarrowProduct& product = convolution_.product();
    finish_ = NarrowFinish(context, node, x_loop_, output_loop_,
                           product.sum_rows() * NarrowProduct::kMostColumns);
    convolution_.pack(
        *context.packed,
        context.graph.value(context.graph.reads(node)[operands.places.second_read].value).data);
    cut();
  }

  bool fits() const { return finish_.strides() || convolution_.step_x() == 1; }

  plugin::Status run(const Run& run) const override {
    for_each_piece(run, images_ * pieces_, convolution_.product().panels(), tasks_,
                   [&](std::int64_t piece, std::int64_t first, std::int64_t end,
                       std::byte* workspace) { run_piece(run, piece, first, end, workspace); });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return stage_bytes_ + sums_bytes() + finish_.workspace_bytes();
  }
  std::uint64_t resident_bytes() const override { return convolution_.packed_bytes(); }
  bool parallel() const override { return tasks_ > 1; }

 private:
  std::uint64_t sums_bytes() const {
    return line_up(convolution_.product().sum_rows() * NarrowProduct::kMostColumns * 4);
  }

  // Pieces are runs of lines of the phases of y, all phases of x with them.
  void cut() {
    const std::int64_t lines = convolution_.lines(), panels = convolution_.product().panels();
    tasks_ = tasks_for(2 * images_ * convolution_.products());
    const std::int64_t enough = tasks_ == 1 ? 1 : ceil_div(2 * tasks_, images_ * panels);
    const std::int64_t line_bytes =
        convolution_.stage_bytes(lines) / std::max<std::int64_t>(lines, 1);
    pieces_ =
        std::clamp<std::int64_t>(std::max(enough, lines * line_bytes / kStageBytes), 1, lines);
    tasks_ = std::min(tasks_, images_ * pieces_ * panels);
    for (std::int64_t p = 0; p < pieces_; ++p) {
      const std::int64_t first = share(lines, p, pieces_), end = share(lines, p + 1, pieces_);
      stage_bytes_ = std::max(stage_bytes_, line_up(convolution_.stage_bytes(end - first)));
    }
  }

  void run_piece(const Run& run, std::int64_t piece, std::int64_t first, std::int64_t last,
                 std::byte* workspace) const {
    const std::int64_t image = piece / pieces_, lines = convolution_.lines();
    NarrowConvolution::Lines work{share(lines, piece % pieces_, pieces_),
                                  share(lines, piece % pieces_ + 1, pieces_)};
    convolution_.stage(run.at(source_), image, work, workspace);
    auto* sums = reinterpret_cast<float*>(workspace + stage_bytes_);
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = 1;
    set(box, image_loop_, image, 1);
    for (std::int64_t p = first; p < last; ++p) {
      const std::int64_t columns = convolution_.product().columns(p);
      set(box, output_loop_, convolution_.product().first(p), columns);
      convolution_.run(p, work, sums, [&](const NarrowConvolution::Result& result) {
        set(box, y_loop_, result.y, 1);
        set(box, x_loop_, result.x, result.rows);
        finish_.run(kernels_, run,
                    {box, result.sums, convolution_.product().width(p), result.rows, columns,
                     convolution_.step_x()},
                    workspace + stage_bytes_ + sums_bytes());
      });
    }
  }

  static void set(Box& box, std::uint32_t loop, std::int64_t start, std::int64_t count) {
    if (loop == kMaxLoops) return;
    box.start[loop] = start;
    box.count[loop] = count;
  }

  const Kernels& kernels_;
  const LoopArray extents_;
  const std::uint32_t num_parallel_;
  const std::int64_t images_;
  const std::uint32_t image_loop_, output_loop_, y_loop_, x_loop_;
  const Place source_;
  NarrowConvolution convolution_;
  NarrowFinish finish_;
  std::int64_t pieces_ = 1, tasks_ = 1;
  std::uint64_t stage_bytes_ = 0;
};

}  // namespace

std::optional<ConvolutionMatch> match_narrow_convolution(const BuildContext& context,
                                                         const rdu_node& node) {
  const auto operands = narrow_operands(context, node);
  if (!operands) return {};
  const rdu_read& source = context.graph.reads(node)[operands->places.first_read];
  if (source.fill.f != 0) return {};
  auto match = match_convolution(context, node, operands->places, 0);
  if (!match || match->shape.groups != 1 || match->shape.spatial > 2) return {};
  const bool blocked =
      context.places.blocked(match->source) || context.places.blocked(match->destination);
  if (blocked) return {};
  return match;
}

std::unique_ptr<Step> make_narrow_convolution_step(const BuildContext& context,
                                                   const rdu_node& node) {
  const auto match = match_narrow_convolution(context, node);
  if (!match) return nullptr;
  auto step = std::make_unique<NarrowConvolutionStep>(context, node,
                                                      *narrow_operands(context, node), *match);
  return step->fits() ? std::move(step) : nullptr;
}

}  // namespace rdu::cpu
