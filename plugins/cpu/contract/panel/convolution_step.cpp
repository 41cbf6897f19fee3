// Convolutions on our own kernels. Work is cut by images, lines and panels of output channels; a piece's epilogue runs
// while the piece is in the caches, and a result that lies in planes leaves the blocks piece by piece.
#include "plugins/cpu/contract/panel/convolution_step.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_bias.hpp"
#include "plugins/cpu/contract/panel/blocked_copy.hpp"
#include "plugins/cpu/contract/panel/convolution.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/contract/start_access.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kFewChannels = 4;          // are read from planes
constexpr std::int64_t kSourceBytes = 256 << 10;  // that a piece reads
constexpr std::int64_t kMostPlanePoints = 1024;   // of a piece that leaves the blocks
constexpr std::int64_t kFlatRows = 56;            // of a tile where lines need not be kept apart

// The same with the missing dimensions first.
template <class T>
void to_three(T (&array)[3], std::uint32_t dimensions, T missing) {
  for (std::uint32_t d = 3; d-- > 0;) {
    array[d] = d + dimensions >= 3 ? array[d + dimensions - 3] : missing;
  }
}

ConvolutionShape in_three(ConvolutionShape shape) {
  for (auto* array : {&shape.in, &shape.out, &shape.kernel, &shape.stride, &shape.dilation}) {
    to_three<std::int64_t>(*array, shape.spatial, 1);
  }
  to_three<std::int64_t>(shape.pad, shape.spatial, 0);
  shape.spatial = 3;
  return shape;
}

class PanelConvolutionStep : public Step {
 public:
  PanelConvolutionStep(const BuildContext& context, const rdu_node& node,
                       const ConvolutionMatch& match)
      : kernels_(context.kernels),
        match_(match),
        num_parallel_(node.num_parallel),
        extents_(scope_of(context, node).extents),
        source_(context.places.place_of(match.source)),
        destination_(context.places.place_of(match.destination)),
        destination_blocked_(context.places.blocked(match.destination)),
        destination_channels_(context.graph.value(match.destination).dims[1]) {
    shape_ = in_three(match.shape);
    to_three(match_.spatial_loop, match.shape.spatial, kMaxLoops);
    to_three<std::int64_t>(match_.weights.kernel, match.shape.spatial, 0);
    turn_idle_lines();
    choose_source(context.places.blocked(match.source));
    width_ = shape_.out[2];
    largest_tile_ = kernels_.panels.rows;
    take_epilogue(context, node);
    shape_.post = post_;
    if (match_.pointwise() && shape_.out[0] * shape_.out[1] > 1) flatten();
    const auto code = context.graph.instrs(node.body);
    const rdu_read& w = context.graph.reads(node)[code[context.graph.results(node.body)[1]].a];
    const auto* weights = static_cast<const float*>(context.graph.value(w.value).data);
    product_.emplace(kernels_, shape_, match_.weights, weights, largest_tile_, tile_unit_,
                     *context.packed);
    cut();
  }

  plugin::Status run(const Run& run) const override {
    const float* source = reinterpret_cast<const float*>(run.at(source_));
    if (copy_) {
      auto* copied = reinterpret_cast<float*>(run.scratch + temporary_);
      copy_->run(run, source, copied);
      source = copied;
    }
    const std::int64_t panels = product_->panels().count();
    const std::int64_t units = match_.images * pieces_ * panels;
    for_each_task(run, tasks_, [&](std::int64_t task, std::byte* workspace) {
      std::int64_t unit = share(units, task, tasks_);
      const std::int64_t end = share(units, task + 1, tasks_);
      while (unit < end) {
        const std::int64_t first = unit % panels, last = std::min(panels, first + end - unit);
        run_piece(run, source, unit / panels, first, last, workspace);
        unit += last - first;
      }
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return planes_bytes_ + product_bytes_ + (epilogue_.empty() ? 0 : epilogue_.workspace_bytes());
  }
  std::uint64_t temporary_bytes() const override {
    return copy_ ? static_cast<std::uint64_t>(copy_->floats()) * sizeof(float) : 0;
  }
  void place_temporary(std::uint64_t offset) override { temporary_ = offset; }
  std::uint64_t resident_bytes() const override {
    return static_cast<std::uint64_t>(product_->resident()) * sizeof(float);
  }
  bool parallel() const override { return tasks_ > 1; }

 private:
  bool take_bias(const Access& access, bool split) {
    return bias_.take(access, match_.output_loop, split, shape_.outputs);
  }

  bool take_start(const BuildContext& context, const rdu_node& node, const rdu_read& read) {
    if (start_) return false;
    start_ = match_start(context, node, read, shape_.outputs);
    return start_.has_value();
  }

  void take_epilogue(const BuildContext& context, const rdu_node& node) {
    if (const auto sum = match_sum_epilogue(context, node)) {
      bool all = true;
      for (std::uint32_t i = 0; i < sum->num_reads; ++i) {
        const rdu_read& read = context.graph.reads(node)[sum->reads[i]];
        all = all && (take_start(context, node, read) ||
                      (!context.places.blocked(read.value) &&
                       take_bias(lower_read(scope_of(context, node), read), false)));
      }
      if (all) {
        post_ = sum->post;
        return;
      }
      bias_.drop();
      start_.reset();
    }
    const bool split = destination_blocked_ && shape_.outputs % kChannelBlock == 0 &&
                       match_.output_loop != kMaxLoops;
    const std::uint32_t image =
        match_.image_loop == kMaxLoops ? 0 : std::uint32_t{1} << match_.image_loop;
    epilogue_ = BoxEpilogue(context, node, image,
                            [&](const Access& access) { return take_bias(access, split); });
    activation_ = epilogue_.only_activation(kernels_);
    if (activation_) epilogue_ = {};
  }

  // Lines of one point run along another dimension as well.
  void turn_idle_lines() {
    const auto idle = [&] {
      return shape_.in[2] == 1 && shape_.out[2] == 1 && shape_.kernel[2] == 1 &&
             shape_.in[0] * shape_.in[1] > 1;
    };
    while (idle()) {
      for (auto* array : {&shape_.in, &shape_.out, &shape_.kernel, &shape_.stride, &shape_.dilation,
                          &shape_.pad, &match_.weights.kernel}) {
        std::rotate(*array, *array + 2, *array + 3);
      }
      std::rotate(match_.spatial_loop, match_.spatial_loop + 2, match_.spatial_loop + 3);
    }
  }

  // Few channels are read as they lie; others go to blocks first.
  void choose_source(bool blocked) {
    shape_.blocked_source = blocked;
    const bool as_it_lies =
        blocked ? !BlockedCopy::pays(shape_)
                : shape_.channels <= kFewChannels || InterleavedLines::suits(shape_);
    if (as_it_lies) return;
    copy_.emplace(kernels_, shape_, match_.images);
    shape_ = copy_->shape();
  }

  // All points in one line; tiles keep whole lines together where an epilogue walks lines.
  void flatten() {
    flat_ = true;
    for (auto* array : {&shape_.in, &shape_.out}) {
      (*array)[2] *= (*array)[0] * (*array)[1];
      (*array)[0] = (*array)[1] = 1;
    }
    largest_tile_ = kFlatRows;
    if (!epilogue_.empty()) tile_unit_ = line_unit() * width_;
  }

  // Lines that an epilogue's box takes together.
  std::int64_t line_unit() const {
    const bool planes = extent(match_.spatial_loop[0]) > 1;
    return planes && !epilogue_.empty() ? extent(match_.spatial_loop[1]) : 1;
  }

  std::int64_t source_image() const {
    if (copy_) return copy_->image();
    const std::int64_t channels =
        shape_.blocked_source ? whole_blocks(shape_.channels) : shape_.channels;
    return channels * match_.source_points();
  }
  std::int64_t result_image() const {
    return destination_blocked_ ? whole_blocks(destination_channels_) * match_.points()
                                : match_.destination_image;
  }

  // Pieces along lines, or along the tiles of the only one.
  void cut() {
    const std::int64_t points = match_.points(), panels = product_->panels().count();
    const std::int64_t steps = shape_.channels * product_->plan().taps();
    tasks_ = tasks_for(2 * match_.images * points * whole_blocks(shape_.outputs) * steps);
    const std::int64_t most = ceil_div(product_->num_tiles(), tile_step());
    const std::int64_t enough = tasks_ == 1 ? 1 : ceil_div(2 * tasks_, match_.images * panels);
    pieces_ = even_pieces(std::min(enough, points / product_->fewest_points()));
    pieces_ = std::max(pieces_, 4 * source_image() / kSourceBytes);
    if (!destination_blocked_) pieces_ = std::max(pieces_, ceil_div(points, kMostPlanePoints));
    pieces_ = std::clamp<std::int64_t>(pieces_, 1, most);
    tasks_ = std::min(
        {tasks_, match_.images * pieces_ * panels, product_->most_tasks(match_.images * pieces_)});
    const auto bytes = [](std::int64_t floats) {
      return align_up(static_cast<std::uint64_t>(floats) * sizeof(float), 64);
    };
    for (std::int64_t i = 0; i < pieces_; ++i) {
      const Range tiles = piece_tiles(i), piece = points_of(tiles);
      product_bytes_ = std::max(product_bytes_, bytes(product_->memory(tiles.end - tiles.first)));
      if (destination_blocked_) continue;
      planes_bytes_ =
          std::max(planes_bytes_, bytes((piece.end - piece.first) * product_->panels().width(0)));
    }
  }

  // At most so many, where that gives all tasks as much.
  std::int64_t even_pieces(std::int64_t most) const {
    const std::int64_t units = match_.images * product_->panels().count();
    for (std::int64_t pieces = most; pieces * units >= tasks_; --pieces) {
      if (pieces * units % tasks_ == 0) return pieces;
    }
    return most;
  }

  struct Range {
    std::int64_t first, end;
  };

  // Tiles that stay together.
  std::int64_t tile_step() const {
    const std::int64_t lines = product_->plan().lines(), tiles = product_->num_tiles();
    if (lines > 1) return tiles / lines * std::max(line_unit(), product_->line_unit());
    return shape_.transposed ? tiles : 1;
  }

  Range piece_tiles(std::int64_t piece) const {
    const std::int64_t tiles = product_->num_tiles(), step = tile_step();
    const std::int64_t steps = ceil_div(tiles, step);
    return {share(steps, piece, pieces_) * step,
            std::min(tiles, share(steps, piece + 1, pieces_) * step)};
  }

  // The outputs of tiles; they are neighbours.
  Range points_of(const Range& tiles) const {
    const auto& all = product_->plan().tiles();
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t line = shape_.out[2];
    if (product_->plan().lines() > 1 || shape_.transposed) {
      return {tiles.first / count * line, tiles.end / count * line};
    }
    const WindowTile& last = all[static_cast<std::size_t>(tiles.end - 1)];
    return {all[static_cast<std::size_t>(tiles.first)].output, last.output + last.rows};
  }

  void run_piece(const Run& run, const float* source, std::int64_t piece, std::int64_t first,
                 std::int64_t last, std::byte* workspace) const {
    const std::int64_t image = piece / pieces_;
    const Range tiles = piece_tiles(piece % pieces_), points = points_of(tiles);
    float* result = reinterpret_cast<float*>(run.at(destination_)) + match_.destination_base +
                    image * result_image();
    WindowWork work{};
    work.source = source + image * source_image();
    work.memory = reinterpret_cast<float*>(workspace + planes_bytes_);
    product_->prepare(tiles.first, tiles.end, work);
    for (std::int64_t p = first; p < last; ++p) {
      float padded[2 * kChannelBlock];
      const std::int64_t channel = product_->panels().first(p);
      work.bias = bias_.load(run, channel, product_->panels().columns(p), padded);
      if (destination_blocked_) {
        const std::int64_t offset = channel * match_.points();
        work.sums = result + offset;
        work.sums_block = kChannelBlock * match_.points();
        if (start_) {
          work.start = reinterpret_cast<const float*>(run.at(start_->place)) + start_->base +
                       image * result_image() + offset;
        }
        product_->run(p, tiles.first, tiles.end, work);
        activate(p, points, work.sums + points.first * kChannelBlock, work.sums_block);
        continue;
      }
      work.sums = reinterpret_cast<float*>(workspace);
      work.first_point = points.first;
      work.sums_block = kChannelBlock * (points.end - points.first);
      product_->run(p, tiles.first, tiles.end, work);
      activate(p, points, work.sums, work.sums_block);
      leave_blocks(work, points, p, result + channel * match_.points());
    }
    if (!epilogue_.empty()) {
      epilogue_.run(kernels_, run, box(image, points, first, last),
                    workspace + planes_bytes_ + product_bytes_);
    }
  }

  // The points of a panel, while they are in the caches.
  void activate(std::int64_t panel, const Range& points, float* sums, std::int64_t block) const {
    if (!activation_) return;
    activation_->run(sums, block, product_->panels().width(panel) / kChannelBlock,
                     (points.end - points.first) * kChannelBlock);
  }

  void leave_blocks(const WindowWork& work, const Range& points, std::int64_t panel,
                    float* planes) const {
    const std::int64_t columns = product_->panels().columns(panel);
    for (std::int64_t c = 0; c < columns; c += kChannelBlock) {
      kernels_.move[2].transpose(planes + c * match_.points() + points.first, match_.points(),
                                 work.sums + c / kChannelBlock * work.sums_block, kChannelBlock,
                                 static_cast<std::size_t>(std::min(kChannelBlock, columns - c)),
                                 static_cast<std::size_t>(points.end - points.first));
    }
  }

  // A piece in the loops that the epilogue walks.
  Box box(std::int64_t image, const Range& points, std::int64_t first, std::int64_t last) const {
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = extents_[l];
    const auto set = [&](std::uint32_t loop, std::int64_t start, std::int64_t end) {
      if (loop == kMaxLoops) return;
      box.start[loop] = start;
      box.count[loop] = end - start;
    };
    set(match_.image_loop, image, image + 1);
    place_points(points, set);
    const Panels& panels = product_->panels();
    const std::int64_t channel = panels.first(first);
    const std::int64_t end = panels.first(last - 1) + panels.columns(last - 1);
    if (!destination_blocked_ || match_.output_loop == kMaxLoops) {
      set(match_.output_loop, channel, end);
      return box;
    }
    const std::uint32_t loop = match_.output_loop;
    for (std::uint32_t l = box.num_loops++; l > loop + 1; --l) {
      box.start[l] = box.start[l - 1];
      box.count[l] = box.count[l - 1];
    }
    set(loop, channel / kChannelBlock, channel_blocks(end));
    set(loop + 1, 0, kChannelBlock);
    return box;
  }

  template <class Set>
  void place_points(const Range& points, const Set& set) const {
    if (!flat_ && product_->plan().lines() == 1 && !shape_.transposed) {
      return set(match_.spatial_loop[2], points.first, points.end);
    }
    const std::int64_t first = points.first / width_, end = points.end / width_;
    if (extent(match_.spatial_loop[0]) == 1) return set(match_.spatial_loop[1], first, end);
    const std::int64_t rows = extent(match_.spatial_loop[1]);
    set(match_.spatial_loop[0], first / rows, end / rows);
  }

  std::int64_t extent(std::uint32_t loop) const { return loop == kMaxLoops ? 1 : extents_[loop]; }

  const Kernels& kernels_;
  ConvolutionMatch match_;
  ConvolutionShape shape_;  // in three dimensions, or all points in one line
  const std::uint32_t num_parallel_;
  const LoopArray extents_;
  const Place source_, destination_;
  const bool destination_blocked_;
  const std::int64_t destination_channels_;
  PostOp post_;
  ChannelBias bias_;
  std::optional<Access> start_;
  BoxEpilogue epilogue_;
  std::optional<RowActivation> activation_;  // instead
  std::optional<BlockedCopy> copy_;          // of the source
  std::optional<PanelConvolution> product_;
  bool flat_ = false;
  std::int64_t width_ = 1, largest_tile_ = 0, tile_unit_ = 1;
  std::int64_t pieces_ = 1, tasks_ = 1;
  std::uint64_t planes_bytes_ = 0, product_bytes_ = 0, temporary_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_panel_convolution_step(const BuildContext& context, const rdu_node& node,
                                                  const ConvolutionMatch& match) {
  if (match.shape.groups != 1) return nullptr;
  return std::make_unique<PanelConvolutionStep>(context, node, match);
}

}  // namespace rdu::cpu
