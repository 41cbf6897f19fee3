// Moves channels between values that lie in blocks of 16: whole blocks are copied, others are put together lane by lane
// from two blocks at a time.
#include <algorithm>
#include <array>
#include <cstring>

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/steps/channel_move.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

// One pass over the points of a block of the destination.
struct Pass {
  std::int64_t target = 0, first = 0, second = 0;  // blocks
  std::array<std::int32_t, kChannelBlock> pick{};
  bool whole = false;  // block `first` as it is
};

class ChannelMoveStep : public Step {
 public:
  ChannelMoveStep(const BuildContext& context, const ChannelMove& move)
      : kernels_(context.kernels),
        source_(context.places.place_of(move.source)),
        destination_(context.places.place_of(move.destination)),
        images_(move.images),
        block_(move.points * kChannelBlock),
        source_image_(image_of(context, move.source)),
        target_image_(image_of(context, move.destination)) {
    const std::int64_t channels = context.places.block_channels(move.destination);
    for (std::int64_t b = 0; b < channel_blocks(channels); ++b) add_passes(move, b, channels);
    const std::int64_t work = std::max<std::int64_t>(block_, 1);
    passes_per_task_ = std::max<std::int64_t>(1, kTaskWork / work);
  }

  plugin::Status run(const Run& run) const override {
    const auto* source = reinterpret_cast<const float*>(run.at(source_));
    auto* destination = reinterpret_cast<float*>(run.at(destination_));
    const auto count = static_cast<std::int64_t>(passes_.size());
    for_each_task(run, num_tasks(), [&](std::int64_t task, std::byte*) {
      const std::int64_t end = std::min((task + 1) * passes_per_task_, images_ * count);
      for (std::int64_t i = task * passes_per_task_; i < end; ++i) {
        apply(passes_[static_cast<std::size_t>(i % count)], source + i / count * source_image_,
              destination + i / count * target_image_);
      }
    });
    return {};
  }

  bool parallel() const override { return num_tasks() > 1; }

 private:
  std::int64_t image_of(const BuildContext& context, std::uint32_t value) const {
    return channel_blocks(context.places.block_channels(value)) * block_;
  }

  std::int64_t num_tasks() const {
    const std::int64_t count = images_ * static_cast<std::int64_t>(passes_.size());
    return (count + passes_per_task_ - 1) / passes_per_task_;
  }

  // Passes over a block take its lanes from at most two blocks each. Lanes of other nodes are kept; what fills the last
  // block becomes 0 with the last channel.
  void add_passes(const ChannelMove& move, std::int64_t block, std::int64_t channels) {
    std::array<std::int64_t, kChannelBlock> from;
    from.fill(-1);
    bool last = false;
    for (std::size_t i = 0; i < move.to.size(); ++i) {
      if (move.to[i] / kChannelBlock != block) continue;
      from[static_cast<std::size_t>(move.to[i] % kChannelBlock)] = move.from[i];
      last = last || move.to[i] == channels - 1;
    }
    std::array<bool, kChannelBlock> done{};
    for (std::size_t l = 0; l < from.size(); ++l) done[l] = from[l] < 0;
    std::size_t first_pass = passes_.size();
    for (;;) {
      const auto next =
          static_cast<std::size_t>(std::find(done.begin(), done.end(), false) - done.begin());
      if (next == done.size()) break;
      passes_.push_back(pass_from(from, done, block, from[next] / kChannelBlock));
    }
    if (!last) return;
    for (std::int64_t l = (channels - 1) % kChannelBlock + 1; l < kChannelBlock; ++l) {
      passes_[first_pass].pick[static_cast<std::size_t>(l)] = kZeroLane;
      passes_[first_pass].whole = false;
    }
  }

  static Pass pass_from(const std::array<std::int64_t, kChannelBlock>& from,
                        std::array<bool, kChannelBlock>& done, std::int64_t block,
                        std::int64_t first) {
    Pass pass{block, first, first};
    bool two = false;
    pass.whole = true;
    for (std::size_t l = 0; l < from.size(); ++l) {
      pass.pick[l] = kKeepLane;
      if (done[l]) continue;
      const std::int64_t at = from[l] / kChannelBlock;
      if (at != first && !two) {
        pass.second = at;
        two = true;
      }
      if (at != first && at != pass.second) continue;
      const std::int64_t lane = from[l] % kChannelBlock;
      pass.pick[l] = static_cast<std::int32_t>(at == first ? lane : lane + kChannelBlock);
      done[l] = true;
    }
    for (std::size_t l = 0; l < from.size(); ++l) {
      pass.whole = pass.whole && pass.pick[l] == static_cast<std::int32_t>(l);
    }
    return pass;
  }

  void apply(const Pass& pass, const float* source, float* destination) const {
    float* to = destination + pass.target * block_;
    const float* first = source + pass.first * block_;
    if (pass.whole) {
      std::memcpy(to, first, static_cast<std::size_t>(block_) * sizeof(float));
      return;
    }
    kernels_.pick_lanes(to, first, source + pass.second * block_, pass.pick.data(),
                        static_cast<std::size_t>(block_ / kChannelBlock));
  }

  const Kernels& kernels_;
  const Place source_, destination_;
  const std::int64_t images_, block_;  // elements of a block
  const std::int64_t source_image_, target_image_;
  std::vector<Pass> passes_;
  std::int64_t passes_per_task_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_channel_move_step(const BuildContext& context, const rdu_node& node) {
  const auto move = match_channel_move(
      context, node, [&](std::uint32_t owner) { return context.places.block_channels(owner); });
  return move ? std::make_unique<ChannelMoveStep>(context, *move) : nullptr;
}

}  // namespace rdu::cpu
