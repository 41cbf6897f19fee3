// Starts from every value that a convolution touches and drops those that some node cannot see in blocks, until nothing
// more has to be dropped.
#include "plugins/cpu/plan/channel_layout.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_bias.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/contract/integer/byte_convolution.hpp"
#include "plugins/cpu/contract/start_access.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"
#include "plugins/cpu/plan/visit.hpp"
#include "plugins/cpu/steps/channel_move.hpp"
#include "plugins/cpu/steps/image_sum.hpp"

namespace rdu::cpu {
namespace {

using Instrs = plugin::View<rdu_instr>;

// Finite operands give finite results: what fills the last block may go through without harm.
bool keeps_finite(const Instrs& code, const rdu_instr& in) {
  switch (in.op) {
    case RDU_OP_DIV:
      return code[in.b].op == RDU_OP_CONST && code[in.b].imm.f != 0;
    case RDU_OP_LOAD:
    case RDU_OP_ACC:
    case RDU_OP_CONST:
    case RDU_OP_ADD:
    case RDU_OP_SUB:
    case RDU_OP_MUL:
    case RDU_OP_MIN:
    case RDU_OP_MAX:
    case RDU_OP_NEG:
    case RDU_OP_ABS:
    case RDU_OP_TANH:
    case RDU_OP_ERF:
    case RDU_OP_ROUND:
    case RDU_OP_CAST:
      return true;
    default:
      return false;
  }
}

class LayoutChoice {
 public:
  LayoutChoice(const BuildContext& context, std::uint32_t first_node, std::uint32_t end_node,
               const StoragePlan& storage)
      : context_(context),
        graph_(context.graph),
        storage_(storage),
        first_(first_node),
        end_(end_node) {}

  // By owner of a storage: its channels, or 0.
  std::vector<std::int64_t> choose() {
    channels_.assign(graph_.values().size(), 0);
    for (std::uint32_t n = first_; n < end_; ++n) {
      const rdu_node& node = graph_.nodes()[n];
      matches_.push_back({});
      of_bytes_.push_back(false);
      if (node.pattern != RDU_PATTERN_CONTRACT) continue;
      matches_.back() = match_convolution(context_, node);
      if (const auto bytes = match_byte_convolution(context_, node)) {
        matches_.back() = bytes->match;
        of_bytes_.back() = true;
      }
      if (const auto& match = matches_.back()) {
        want(match->source);
        want(match->destination);
      }
    }
    do {
      changed_ = false;
      for (std::uint32_t n = first_; n < end_; ++n) {
        judge(n);
      }
    } while (changed_);
    return channels_;
  }

 private:
  bool wanted(std::uint32_t v) const { return channels_[graph_.storage(v)] != 0; }

  void want(std::uint32_t v) {
    if (!wanted(v) && may_block(v)) channels_[graph_.storage(v)] = graph_.value(v).dims[1];
  }

  // Is the value seen as it would lie in blocks? An owner or an alias of it may have other dimensions.
  bool fits(std::uint32_t v) const {
    const rdu_value &value = graph_.value(v), &owner = graph_.value(graph_.storage(v));
    return value.rank >= 3 && value.bytes == owner.bytes && value.dims[0] == owner.dims[0] &&
           value.dims[1] == channels_[graph_.storage(v)];
  }

  bool may_block(std::uint32_t v) const {
    const rdu_value& value = graph_.value(v);
    const Slot& slot = storage_.slots()[storage_.place_of(v).slot];
    const rdu_value& owner = graph_.value(graph_.storage(v));
    const bool whole = owner.bytes == value.bytes && owner.dtype == value.dtype &&
                       owner.rank != 0 && owner.dims[0] == value.dims[0];
    if (!whole || slot.kind != Slot::Kind::kScratch || value.rank < 3) return false;
    for (std::uint32_t d = 0; d < value.rank; ++d) {
      if (value.dim_values[d] != RDU_NONE) return false;
    }
    const bool suits =
        value.dtype == RDU_DTYPE_F32 || value.dtype == RDU_DTYPE_U8 || value.dtype == RDU_DTYPE_I8;
    return suits && value.dims[1] >= kChannelBlock / 2;
  }

  void drop(std::uint32_t v) {
    if (!wanted(v)) return;
    channels_[graph_.storage(v)] = 0;
    changed_ = true;
  }

  void drop_all(const rdu_node& node) {
    visit_nested(graph_, node, [&](const rdu_node& inner) {
      visit_reads(graph_, inner, [&](std::uint32_t v) { drop(v); });
      visit_writes(graph_, inner, [&](std::uint32_t v) { drop(v); });
    });
  }

  // Both values of a move of channels are in blocks, or it is a map like others.
  bool moves_channels(const rdu_node& node) const {
    if (node.pattern != RDU_PATTERN_MAP || graph_.writes(node).size() != 1) return false;
    return wanted(graph_.writes(node)[0].value) &&
           match_channel_move(context_, node, [&](std::uint32_t owner) {
             return channels_[owner];
           }).has_value();
  }

  void judge(std::uint32_t n) {
    const rdu_node& node = graph_.nodes()[n];
    const auto& match = matches_[n - first_];
    if (moves_channels(node)) return;
    const auto drop_other_views = [&](std::uint32_t v) {
      if (!fits(v)) drop(v);
    };
    visit_reads(graph_, node, drop_other_views);
    visit_writes(graph_, node, drop_other_views);
    if (match && of_bytes_[n - first_]) {
      if (!whole_blocks(*match)) drop(match->destination);
      return;
    }
    if (match) return judge_convolution(node, *match);
    if (match_image_sum(graph_, node)) return drop(graph_.writes(node)[0].value);
    const bool plain = node.pattern == RDU_PATTERN_MAP || node.pattern == RDU_PATTERN_REDUCE;
    if (!plain || !judge_loops(node)) drop_all(node);
  }

  void judge_convolution(const rdu_node& node, const ConvolutionMatch& match) {
    const bool ragged = match.channels() % kChannelBlock != 0;
    const bool two_loops = match.shape.groups > 1 && match.shape.outputs > 1;
    FusedEpilogue fused;
    std::uint32_t loops = 0;
    for (const std::uint32_t l : {match.group_loop, match.output_loop}) {
      if (l != kMaxLoops) loops |= 1u << l;
    }
    const bool fuses = match_epilogue(context_, node, loops, fused);
    const bool lanes = !ragged || fuses || adds_alike(node, match);
    if (!whole_blocks(match) || two_loops || !lanes) drop(match.destination);
    if (match.shape.groups > 1 && !match.depthwise()) drop(match.source);
    // What else the node reads: the residual of its epilogue.
    for (const rdu_read& read : graph_.reads(node)) {
      if (read.value == match.source || !wanted(read.value)) continue;
      if (!fuses && wanted(match.destination) && channel_loop(read) == loop_of(loops)) continue;
      drop(read.value);
    }
    if (!fuses && wanted(match.destination) && loop_of(loops) == kMaxLoops) drop(match.destination);
  }

  // Is all that follows the sum a bias, a residual that is in blocks as the result is, and a clamp?
  bool adds_alike(const rdu_node& node, const ConvolutionMatch& match) const {
    const auto sum = match_sum_epilogue(context_, node);
    if (!sum || match.shape.groups != 1) return false;
    ChannelBias bias;
    bool residual = false;
    for (std::uint32_t i = 0; i < sum->num_reads; ++i) {
      const rdu_read& read = graph_.reads(node)[sum->reads[i]];
      const bool alike = !residual && wanted(read.value) && walks_as_result(context_, node, read);
      const bool fits =
          alike || (!wanted(read.value) && bias.take(lower_read(scope_of(context_, node), read),
                                                     match.output_loop, false, match.channels()));
      if (!fits) return false;
      residual = residual || alike;
    }
    return true;
  }

  // Does the convolution write all of a run of blocks?
  bool whole_blocks(const ConvolutionMatch& match) const {
    const std::int64_t channels = graph_.value(match.destination).dims[1];
    const std::int64_t first = match.destination_base / match.points();
    const bool images = match.images == 1 || match.destination_image == channels * match.points();
    return images && match.destination_base % match.points() == 0 &&
           covers_blocks(first, match.channels(), channels);
  }

  static bool covers_blocks(std::int64_t first, std::int64_t count, std::int64_t channels) {
    return first % kChannelBlock == 0 && (count % kChannelBlock == 0 || first + count == channels);
  }

  static std::uint32_t loop_of(std::uint32_t bits) {
    return bits == 0 ? kMaxLoops : static_cast<std::uint32_t>(__builtin_ctz(bits));
  }

  template <class Access>
  std::uint32_t channel_loop(const Access& access) const {
    return channel_loop_of(graph_, access);
  }

  // One loop is the channel of every blocked operand; where blocks are ragged, nothing but them and scalars takes part.
  bool judge_loops(const rdu_node& node) {
    std::uint32_t loop = kMaxLoops;
    bool any = false, any_ragged = false, others = false;
    const auto look = [&](const auto& access) {
      if (!wanted(access.value)) {
        for (const rdu_index& index : graph_.indices(access)) others |= index.num_terms != 0;
        return true;
      }
      const std::uint32_t l = channel_loop(access);
      const bool same = l < node.num_parallel && (!any || l == loop);
      any = true;
      if (!same) return false;
      const std::int64_t extent = graph_.loops(node)[l].extent;
      any_ragged |= extent % kChannelBlock != 0;
      loop = l;
      return covers_blocks(graph_.indices(access)[1].offset, extent,
                           graph_.value(access.value).dims[1]);
    };
    bool good = true;
    for (const rdu_read& read : graph_.reads(node)) good = look(read) && good;
    for (const rdu_write& write : graph_.writes(node)) good = look(write) && good;
    if (!any) return true;
    for (const rdu_program_code* program : {&node.body, &node.epilogue}) {
      const Instrs code = graph_.instrs(*program);
      for (const rdu_instr& in : code) {
        good = good && in.op != RDU_OP_RNG && (!any_ragged || keeps_finite(code, in));
      }
    }
    const bool whole = node.pattern == RDU_PATTERN_MAP || match_pool(graph_, node);
    return good && (!any_ragged || (!others && whole));
  }

  const BuildContext& context_;
  const plugin::Graph graph_;
  const StoragePlan& storage_;
  const std::uint32_t first_, end_;
  std::vector<std::optional<ConvolutionMatch>> matches_;
  std::vector<bool> of_bytes_;  // is the match one of bytes?
  std::vector<std::int64_t> channels_;
  bool changed_ = false;
};

}  // namespace

void choose_channel_layout(plugin::Graph graph, std::uint32_t first_node, std::uint32_t end_node,
                           const Kernels& kernels, StoragePlan& storage) {
  const BuildContext context{graph, storage, kernels};
  const auto channels = LayoutChoice(context, first_node, end_node, storage).choose();
  for (Slot& slot : storage.slots()) {
    slot.block_channels = channels[slot.value];
    if (slot.block_channels == 0) continue;
    slot.bytes = slot.bytes / static_cast<std::uint64_t>(slot.block_channels) *
                 static_cast<std::uint64_t>(channel_blocks(slot.block_channels) * kChannelBlock);
  }
}

}  // namespace rdu::cpu
