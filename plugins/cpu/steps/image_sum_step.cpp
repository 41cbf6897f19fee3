// Sums of bytes over images that lie in blocks of channels: a block at a time, its sums in registers. What follows the sums
// runs over many channels at once, and its result lies plainly.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/steps/image_sum.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kBlocksOfTask = 32;
constexpr std::int64_t kTaskBytes = 64 << 10;

class ImageSumStep : public Step {
 public:
  ImageSumStep(const BuildContext& context, const rdu_node& node, const ImageSum& sum)
      : kernels_(context.kernels),
        source_(context.places.place_of(sum.value)),
        signed_(context.graph.value(sum.value).dtype == RDU_DTYPE_I8),
        zero_(sum.zero) {
    const rdu_value& value = context.graph.value(sum.value);
    images_ = value.dims[0];
    channels_ = value.dims[1];
    points_ = value.dims[2] * value.dims[3];
    const NodeScope scope = scope_of(context, node);
    write_ = lower_write(scope, context.graph.writes(node)[0]);
    epilogue_ =
        compile_epilogue({scope, kernels_, node, node.epilogue, RDU_DTYPE_I32}, {&write_.dtype, 1});
    nest_ = nest_of(context, node);
    nest_.reduction = 0;
    std::vector<std::uint32_t> order;
    if (sum.image_loop != kMaxLoops) order.push_back(sum.image_loop);
    order.push_back(sum.channel_loop);
    LoopUsers users;
    epilogue_.add_users(users);
    users.accesses.push_back(&write_);
    reorder(nest_, order, users);
    const std::int64_t blocks = channel_blocks(channels_);
    const std::int64_t wanted = std::max(ceil_div(blocks * kChannelBlock * points_, kTaskBytes),
                                         ceil_div(blocks, kBlocksOfTask));
    pieces_ = std::min(blocks, wanted);
    capacity_ = ceil_div(blocks, pieces_) * kChannelBlock;
  }

  plugin::Status run(const Run& run) const override {
    for_each_task(run, images_ * pieces_, [&](std::int64_t task, std::byte* workspace) {
      run_piece(run, task / pieces_, task % pieces_, workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(epilogue_, capacity_) +
           align_up(static_cast<std::uint64_t>(capacity_) * 4, 64);
  }
  bool parallel() const override { return images_ * pieces_ > 1; }

 private:
  void run_piece(const Run& run, std::int64_t image, std::int64_t piece,
                 std::byte* workspace) const {
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(epilogue_, capacity_, kernels_, workspace);
    auto* sums = reinterpret_cast<std::int32_t*>(workspace);
    const std::int64_t blocks = channel_blocks(channels_);
    const std::int64_t first = share(blocks, piece, pieces_);
    const std::int64_t end = share(blocks, piece + 1, pieces_);
    const ByteKernels& bytes = kernels_.integers.bytes;
    for (std::int64_t b = first; b < end; ++b) {
      const std::byte* block = run.at(source_) + (image * blocks + b) * points_ * kChannelBlock;
      bytes.sum_points[signed_](sums + (b - first) * kChannelBlock, block,
                                static_cast<std::size_t>(points_), zero_);
    }
    Box box;
    box.num_loops = nest_.num_loops;
    const std::uint32_t channel = nest_.num_loops - 1;
    box.start[0] = image;
    box.count[0] = 1;
    box.start[channel] = first * kChannelBlock;
    box.count[channel] = std::min(channels_, end * kChannelBlock) - first * kChannelBlock;
    evaluate(context, epilogue_, box, registers, sums, nullptr);
    store_box(context, write_, box, registers.pointers[epilogue_.results[0]]);
  }

  const Kernels& kernels_;
  const Place source_;
  const bool signed_;
  const std::int32_t zero_;
  std::int64_t images_ = 1, channels_ = 1, points_ = 1;
  Access write_;
  Body epilogue_;
  Nest nest_;
  std::int64_t pieces_ = 1, capacity_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_image_sum_step(const BuildContext& context, const rdu_node& node) {
  const auto sum = match_image_sum(context.graph, node);
  if (!sum || !context.places.blocked(sum->value)) return nullptr;
  if (context.places.blocked(context.graph.writes(node)[0].value)) return nullptr;
  return std::make_unique<ImageSumStep>(context, node, *sum);
}

}  // namespace rdu::cpu
