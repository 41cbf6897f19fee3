// Maxima and sums over windows of 16-bit floats whose channels are last: the taps of a window are rows of channels.
#include <algorithm>
#include <limits>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/access/move_box.hpp"
#include "plugins/cpu/contract/bf16/finish.hpp"
#include "plugins/cpu/contract/bf16/steps.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kSums = 2048;  // stay in the first-level cache until they are finished

// A dimension: position = stride * result + dilation * tap + offset.
struct Slide {
  std::uint32_t result = kMaxLoops, tap = kMaxLoops;
  std::int64_t stride = 1, dilation = 1, offset = 0, extent = 1, results = 1, taps = 1;

  std::int64_t position(std::int64_t at, std::int64_t t) const {
    return stride * at + dilation * t + offset;
  }
};

struct NarrowPool {
  std::uint32_t read = 0, image_loop = kMaxLoops, channel_loop = kMaxLoops;
  std::int64_t images = 1, channels = 1;
  Slide y, x;
};

class Matcher {
 public:
  Matcher(const BuildContext& context, const rdu_node& node)
      : context_(context), node_(node), extents_(scope_of(context, node).extents) {}

  std::optional<NarrowPool> match() {
    const auto code = context_.graph.instrs(node_.body);
    if (node_.body.num_results != 1 || node_.acc_dtype != RDU_DTYPE_F32) return {};
    const bool combines = node_.combine == RDU_COMBINE_MAX || node_.combine == RDU_COMBINE_ADD;
    if (!combines || context_.graph.writes(node_).size() != 1) return {};
    const rdu_instr& cast = code[context_.graph.results(node_.body)[0]];
    if (cast.op != RDU_OP_CAST || cast.dtype != RDU_DTYPE_F32) return {};
    if (code[cast.a].op != RDU_OP_LOAD) return {};
    pool_.read = code[cast.a].a;
    const rdu_read& read = context_.graph.reads(node_)[pool_.read];
    const rdu_value& value = context_.graph.value(read.value);
    const bool suits = value.dtype == RDU_DTYPE_BF16 && (value.rank == 3 || value.rank == 4) &&
                       context_.places.channels_last(read.value) && read.fill_value == RDU_NONE;
    if (!suits || !fits(read, value)) return {};
    for (const rdu_loop& loop : context_.graph.loops(node_)) {
      if (loop.extent_value != RDU_NONE || loop.extent == 0) return {};
    }
    for (std::uint32_t l = 0; l < node_.num_loops; ++l) {
      if (extents_[l] != 1 && (known_ >> l & 1) == 0) return {};
    }
    return pool_;
  }

 private:
  bool fits(const rdu_read& read, const rdu_value& value) {
    const auto indices = context_.graph.indices(read);
    Slide image, channel;
    if (!slide(indices[0], image) || !slide(indices[1], channel)) return false;
    if (!along(image, value.dims[0]) || !along(channel, value.dims[1])) return false;
    pool_.image_loop = image.result;
    pool_.channel_loop = channel.result;
    pool_.images = image.results;
    pool_.channels = value.dims[1];
    const std::uint32_t last = value.rank - 1;
    if (last == 3 && !slide(indices[2], pool_.y)) return false;
    if (!slide(indices[last], pool_.x)) return false;
    pool_.y.extent = last == 3 ? value.dims[2] : 1;
    pool_.x.extent = value.dims[last];
    return true;
  }

  bool along(const Slide& slide, std::int64_t extent) const {
    return slide.tap == kMaxLoops && slide.stride == 1 && slide.offset == 0 &&
           slide.results == extent;
  }

  bool slide(const rdu_index& index, Slide& out) {
    const bool plain = index.div <= 1 && index.mod == 0 && index.exact == 0 &&
                       index.source == RDU_NONE &&
                       (index.outside == RDU_OUTSIDE_NEVER || index.outside == RDU_OUTSIDE_FILL);
    if (!plain) return false;
    out.offset = index.offset;
    for (const rdu_term& term : context_.graph.terms(index)) {
      if (extents_[term.loop] == 1) continue;
      const bool result = term.loop < node_.num_parallel;
      if ((result ? out.result : out.tap) != kMaxLoops || (known_ >> term.loop & 1) != 0) {
        return false;
      }
      known_ |= 1u << term.loop;
      (result ? out.result : out.tap) = term.loop;
      (result ? out.stride : out.dilation) = term.coef;
      (result ? out.results : out.taps) = extents_[term.loop];
    }
    return true;
  }

  const BuildContext& context_;
  const rdu_node& node_;
  const LoopArray extents_;
  NarrowPool pool_;
  std::uint32_t known_ = 0;
};

class NarrowPoolStep : public Step {
 public:
  NarrowPoolStep(const BuildContext& context, const rdu_node& node, const NarrowPool& pool)
      : kernels_(context.kernels),
        pool_(pool),
        num_parallel_(node.num_parallel),
        source_(context.places.place_of(context.graph.reads(node)[pool.read].value)),
        meet_(node.combine == RDU_COMBINE_MAX ? kernels_.narrow_rows.max
                                              : kernels_.narrow_rows.add),
        points_(std::clamp<std::int64_t>(kSums / pool.channels, 1, pool.x.results)),
        finish_(context, node, pool.x.result, pool.channel_loop, points_ * pool.channels) {
    const std::int64_t work =
        pool.images * pool.y.results * pool.x.results * pool.y.taps * pool.x.taps * pool.channels;
    lines_per_task_ = std::max<std::int64_t>(
        1, kTaskWork * pool.images * pool.y.results / std::max<std::int64_t>(work, 1));
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t lines = pool_.images * pool_.y.results;
    for_each_run_of_boxes(run, lines, lines_per_task_,
                          [&](std::int64_t first, std::int64_t end, std::byte* workspace) {
                            for (std::int64_t l = first; l < end; ++l) line(run, l, workspace);
                          });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return taps_bytes() + sums_bytes() + finish_.workspace_bytes();
  }
  bool parallel() const override { return pool_.images * pool_.y.results > lines_per_task_; }

 private:
  std::uint64_t taps_bytes() const {
    return align_up(static_cast<std::uint64_t>(pool_.y.taps * pool_.x.taps) * sizeof(void*), 64);
  }
  std::uint64_t sums_bytes() const {
    return align_up(static_cast<std::uint64_t>(points_ * pool_.channels) * sizeof(float), 64);
  }

  void line(const Run& run, std::int64_t line, std::byte* workspace) const {
    const std::int64_t image = line / pool_.y.results, y = line % pool_.y.results;
    const auto* source = reinterpret_cast<const std::uint16_t*>(run.at(source_)) +
                         image * pool_.y.extent * pool_.x.extent * pool_.channels;
    auto** taps = reinterpret_cast<const std::uint16_t**>(workspace);
    auto* sums = reinterpret_cast<float*>(workspace + taps_bytes());
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = 1;
    if (pool_.image_loop != kMaxLoops) box.start[pool_.image_loop] = image;
    if (pool_.y.result != kMaxLoops) box.start[pool_.y.result] = y;
    if (pool_.channel_loop != kMaxLoops) box.count[pool_.channel_loop] = pool_.channels;
    for (std::int64_t x = 0; x < pool_.x.results; x += points_) {
      const std::int64_t points = std::min(points_, pool_.x.results - x);
      for (std::int64_t p = 0; p < points; ++p) {
        const std::size_t count = gather_taps(source, y, x + p, taps);
        meet_({taps, count, static_cast<std::size_t>(pool_.channels), sums + p * pool_.channels});
      }
      if (pool_.x.result != kMaxLoops) {
        box.start[pool_.x.result] = x;
        box.count[pool_.x.result] = points;
      }
      finish_.run(kernels_, run, {box, sums, pool_.channels, points, pool_.channels},
                  workspace + taps_bytes() + sums_bytes());
    }
  }

  // The taps inside, of one result.
  std::size_t gather_taps(const std::uint16_t* source, std::int64_t y, std::int64_t x,
                          const std::uint16_t** taps) const {
    std::size_t count = 0;
    for (std::int64_t ty = 0; ty < pool_.y.taps; ++ty) {
      const std::int64_t down = pool_.y.position(y, ty);
      if (down < 0 || down >= pool_.y.extent) continue;
      for (std::int64_t tx = 0; tx < pool_.x.taps; ++tx) {
        const std::int64_t across = pool_.x.position(x, tx);
        if (across < 0 || across >= pool_.x.extent) continue;
        taps[count++] = source + (down * pool_.x.extent + across) * pool_.channels;
      }
    }
    return count;
  }

  const Kernels& kernels_;
  const NarrowPool pool_;
  const std::uint32_t num_parallel_;
  const Place source_;
  void (*const meet_)(const TapRows&);
  const std::int64_t points_;  // of a line that are finished together
  NarrowFinish finish_;
  std::int64_t lines_per_task_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_narrow_pool_step(const BuildContext& context, const rdu_node& node) {
  const auto pool = Matcher(context, node).match();
  if (!pool) return nullptr;
  // What lies outside must not change what is inside.
  const rdu_read& read = context.graph.reads(node)[pool->read];
  const double identity =
      node.combine == RDU_COMBINE_MAX ? -std::numeric_limits<double>::infinity() : 0.0;
  for (const rdu_index& index : context.graph.indices(read)) {
    if (index.outside == RDU_OUTSIDE_FILL && read.fill.f != identity) return nullptr;
  }
  return std::make_unique<NarrowPoolStep>(context, node, *pool);
}

}  // namespace rdu::cpu
