// Recognises the epilogues that a library call can take along, and runs the others.
#include "plugins/cpu/contract/epilogue.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>

#include "plugins/cpu/access/index_form.hpp"

namespace rdu::cpu {
namespace {

using Instrs = plugin::View<rdu_instr>;

bool constant(const Instrs& code, std::uint32_t reg, float& value) {
  if (code[reg].op != RDU_OP_CONST) return false;
  value = static_cast<float>(code[reg].imm.f);
  return true;
}

// Takes one MIN or MAX with a constant off `reg`.
bool peel_clamp(const Instrs& code, std::uint32_t& reg, PostOp& post) {
  const rdu_instr& in = code[reg];
  if (in.op != RDU_OP_MIN && in.op != RDU_OP_MAX) return false;
  float bound = 0;
  std::uint32_t rest = in.a;
  if (!constant(code, in.b, bound)) {
    if (!constant(code, in.a, bound)) return false;
    rest = in.b;
  }
  constexpr float kInf = std::numeric_limits<float>::infinity();
  if (!post.clamp) post = {true, -kInf, kInf};
  float& side = in.op == RDU_OP_MIN ? post.high : post.low;
  if (side != kInf && side != -kInf) return false;
  side = bound;
  reg = rest;
  return true;
}

}  // namespace

bool peel_clamps(plugin::View<rdu_instr> code, std::uint32_t& reg, PostOp& post) {
  while (peel_clamp(code, reg, post)) {
  }
  return !post.clamp || post.low <= post.high;
}

bool match_epilogue(const BuildContext& context, const rdu_node& node, std::uint32_t output_loops,
                    FusedEpilogue& out) {
  if (node.epilogue.num_results == 0) return true;
  if (node.epilogue.num_results != 1) return false;
  const Instrs code = context.graph.instrs(node.epilogue);
  for (const rdu_instr& in : code) {
    if (in.dtype != RDU_DTYPE_F32) return false;
  }
  std::uint32_t reg = context.graph.results(node.epilogue)[0];
  if (!peel_clamps(code, reg, out.post)) return false;
  if (code[reg].op == RDU_OP_ACC) return true;
  if (code[reg].op != RDU_OP_ADD) return false;
  const rdu_instr &left = code[code[reg].a], &right = code[code[reg].b];
  const bool flipped = left.op == RDU_OP_LOAD;
  const rdu_instr &sum = flipped ? right : left, &bias = flipped ? left : right;
  if (sum.op != RDU_OP_ACC || bias.op != RDU_OP_LOAD) return false;
  const rdu_read& read = context.graph.reads(node)[bias.a];
  const Access access = lower_read(scope_of(context, node), read);
  if (!access.affine() || access.base != 0 || loops_of(access.stride) != output_loops) return false;
  out.bias_read = bias.a;
  return true;
}

namespace {

constexpr std::int64_t kLongRow = 128;

bool uses(const Body& body, std::uint32_t reg) {
  for (const Operation& op : body.operations) {
    if (op.a == reg || op.b == reg || op.c == reg) return true;
  }
  return std::find(body.results.begin(), body.results.end(), reg) != body.results.end();
}

// Takes acc + read off the program where `folds` agrees: the sum comes with it.
void fold_addend(Body& body, const Kernels& kernels, const FoldsAddend& folds) {
  const auto feed_of = [&](std::uint32_t reg) {
    return std::find_if(body.feeds.begin(), body.feeds.end(),
                        [&](const Feed& feed) { return feed.reg == reg; });
  };
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    const Operation op = body.operations[i];
    if (op.fn != kernels.op[RDU_OP_ADD][RDU_DTYPE_F32]) continue;
    auto sum = feed_of(op.a), read = feed_of(op.b);
    if (sum == body.feeds.end() || read == body.feeds.end()) continue;
    if (read->kind == Feed::Kind::kAccumulator) std::swap(sum, read);
    const bool fits = sum->kind == Feed::Kind::kAccumulator && sum->dtype == RDU_DTYPE_F32 &&
                      read->kind == Feed::Kind::kRead &&
                      body.accesses[read->access].dtype == RDU_DTYPE_F32;
    if (!fits) continue;
    Body rest = body;
    rest.operations.erase(rest.operations.begin() + static_cast<std::ptrdiff_t>(i));
    if (uses(rest, sum->reg) || !folds(body.accesses[read->access])) continue;
    // It lives longer than the sum alone did: in a slot of its own.
    Feed& feed = rest.feeds[static_cast<std::size_t>(sum - body.feeds.begin())];
    feed.reg = op.reg;
    feed.slot = rest.num_slots++;
    if (!uses(rest, read->reg)) rest.feeds.erase(rest.feeds.begin() + (read - body.feeds.begin()));
    body = std::move(rest);
    return;
  }
}

bool all_affine(const Body& body) {
  return std::all_of(body.accesses.begin(), body.accesses.end(),
                     [](const Access& access) { return access.affine(); });
}

}  // namespace

BoxEpilogue::BoxEpilogue(const BuildContext& context, const rdu_node& node,
                         std::uint32_t fixed_loops, const FoldsAddend& folds) {
  // Boxes follow the result; what else lies in blocks, the source of a depthwise convolution say, does not split them.
  const bool blocked = context.places.blocked(context.graph.writes(node)[0].value);
  const NodeScope scope = blocked ? split_scope_of(context, node) : scope_of(context, node);
  nest_ = nest_of(context, node, scope.split);
  nest_.num_loops = node.num_parallel + (scope.split == kMaxLoops ? 0 : 1);
  nest_.reduction = 0;
  writes_.push_back(lower_write(scope, context.graph.writes(node)[0]));
  body_ = compile_epilogue({scope, context.kernels, node, node.epilogue, RDU_DTYPE_F32},
                           {&writes_[0].dtype, 1});
  if (folds) fold_addend(body_, context.kernels, folds);
  // The sum is read from where the result will be.
  for (Feed& feed : body_.feeds) {
    if (feed.kind != Feed::Kind::kAccumulator) continue;
    feed.kind = Feed::Kind::kRead;
    feed.access = static_cast<std::uint32_t>(body_.accesses.size());
    body_.accesses.push_back(writes_[0]);
  }
  nothing_left_ = body_.moves_only() && writes_[0].dtype == RDU_DTYPE_F32;
  capacity_ = register_capacity(body_);
  follow_result(fixed_loops);
}

std::optional<RowActivation> row_activation(const Kernels& kernels, const Body& body,
                                            const Operation& op) {
  const auto number = [&](std::uint32_t reg) {
    for (const Constant& c : body.constants) {
      if (c.reg == reg) return std::bit_cast<float>(static_cast<std::uint32_t>(c.bits));
    }
    return 0.0f;
  };
  for (const ActivationKernels* known : {&kernels.swish, &kernels.gelu, &kernels.tanh_gelu}) {
    if (op.fn == known->vector) return RowActivation{known, number(op.b), number(op.c)};
  }
  return {};
}

std::optional<RowActivation> BoxEpilogue::only_activation(const Kernels& kernels) const {
  if (body_.operations.size() != 1 || body_.feeds.size() != 1) return {};
  if (writes_[0].dtype != RDU_DTYPE_F32 || body_.result_dtypes[0] != RDU_DTYPE_F32) return {};
  const Operation& op = body_.operations[0];
  if (op.a != body_.feeds[0].reg || op.reg != body_.results[0]) return {};
  return row_activation(kernels, body_, op);
}

// Puts the loops in the order of the result's memory, so that boxes are dense there.
void BoxEpilogue::follow_result(std::uint32_t fixed_loops) {
  for (std::uint32_t l = 0; l < nest_.num_loops; ++l) order_[l] = l;
  const LoopArray& stride = writes_[0].stride;
  if (all_affine(body_) && writes_[0].affine()) {
    std::stable_sort(order_.begin(), order_.begin() + nest_.num_loops,
                     [&](std::uint32_t a, std::uint32_t b) {
                       const bool idle = nest_.extents[a].bound == 1;
                       if (idle != (nest_.extents[b].bound == 1)) return idle;
                       return std::abs(stride[a]) > std::abs(stride[b]);
                     });
  }
  const auto permute = [&](auto& array) {
    const auto before = array;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) array[l] = before[order_[l]];
  };
  permute(nest_.extents);
  for (Access& access : body_.accesses) permute(access.stride);
  for (Access& access : writes_) permute(access.stride);
  for (Feed& feed : body_.feeds) permute(feed.coef);
  std::uint32_t fixed = 0;
  for (std::uint32_t l = 0; l < nest_.num_loops; ++l) fixed |= (fixed_loops >> order_[l] & 1) << l;
  size_ = fill_from_inside(nest_, fixed, capacity_);
  // One long row at a time finds what repeats in every row where it lies.
  const std::uint32_t inner = nest_.num_loops - 1;
  if (inner == 0 || size_[inner] < kLongRow) return;
  for (const Access& access : body_.accesses) {
    for (std::uint32_t l = 0; l < inner; ++l) {
      if (access.stride[l] == 0 && access.stride[inner] == 1 && size_[l] > 1) {
        std::fill_n(size_.begin(), inner, 1);
      }
    }
  }
}

std::uint64_t BoxEpilogue::workspace_bytes() const {
  return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_);
}

void BoxEpilogue::run(const Kernels& kernels, const Run& run, const Box& piece,
                      std::byte* workspace) const {
  Box turned = piece;
  for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
    turned.start[l] = piece.start[order_[l]];
    turned.count[l] = piece.count[order_[l]];
  }
  const MoveContext context = carve_move_context(kernels, run, capacity_, workspace);
  const Registers registers = Registers::carve(body_, capacity_, kernels, workspace);
  const Grid grid(nest_.num_loops, turned.count, size_);
  const bool computes =
      !body_.operations.empty() && body_.operations.back().reg == body_.results[0];
  for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
    Box box = grid.box(b);
    for (std::uint32_t l = 0; l < box.num_loops; ++l) box.start[l] += turned.start[l];
    void* direct = computes ? dense_memory(context, writes_[0], box) : nullptr;
    evaluate(context, body_, box, registers, nullptr, direct);
    store_box(context, writes_[0], box, registers.pointers[body_.results[0]]);
  }
}

}  // namespace rdu::cpu
