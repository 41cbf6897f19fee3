// Recognises the epilogues that a library call can take along, and runs the others.
#include "plugins/cpu/contract/epilogue.hpp"

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

bool match_epilogue(const BuildContext& context, const rdu_node& node, std::uint32_t output_loops,
                    FusedEpilogue& out) {
  if (node.epilogue.num_results == 0) return true;
  if (node.epilogue.num_results != 1) return false;
  const Instrs code = context.graph.instrs(node.epilogue);
  for (const rdu_instr& in : code) {
    if (in.dtype != RDU_DTYPE_F32) return false;
  }
  std::uint32_t reg = context.graph.results(node.epilogue)[0];
  while (peel_clamp(code, reg, out.post)) {
  }
  if (out.post.clamp && out.post.low > out.post.high) return false;
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

BoxEpilogue::BoxEpilogue(const BuildContext& context, const rdu_node& node,
                         std::uint32_t fixed_loops) {
  // Boxes follow the result; what else lies in blocks, the source of a depthwise convolution say, does not split them.
  const bool blocked = context.places.blocked(context.graph.writes(node)[0].value);
  const NodeScope scope = blocked ? split_scope_of(context, node) : scope_of(context, node);
  nest_ = nest_of(context, node, scope.split);
  nest_.num_loops = node.num_parallel + (scope.split == kMaxLoops ? 0 : 1);
  nest_.reduction = 0;
  writes_.push_back(lower_write(scope, context.graph.writes(node)[0]));
  body_ = compile_epilogue({scope, context.kernels, node, node.epilogue, RDU_DTYPE_F32},
                           {&writes_[0].dtype, 1});
  // The sum is read from where the result will be.
  for (Feed& feed : body_.feeds) {
    if (feed.kind != Feed::Kind::kAccumulator) continue;
    feed.kind = Feed::Kind::kRead;
    feed.access = static_cast<std::uint32_t>(body_.accesses.size());
    body_.accesses.push_back(writes_[0]);
  }
  capacity_ = register_capacity(body_);
  size_ = fill_from_inside(nest_, fixed_loops, capacity_);
}

std::uint64_t BoxEpilogue::workspace_bytes() const {
  return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_);
}

void BoxEpilogue::run(const Kernels& kernels, const Run& run, const Box& piece,
                      std::byte* workspace) const {
  const MoveContext context = carve_move_context(kernels, run, capacity_, workspace);
  const Registers registers = Registers::carve(body_, capacity_, kernels, workspace);
  const Grid grid(nest_.num_loops, piece.count, size_);
  for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
    Box box = grid.box(b);
    for (std::uint32_t l = 0; l < box.num_loops; ++l) box.start[l] += piece.start[l];
    evaluate(context, body_, box, registers, nullptr, nullptr);
    store_box(context, writes_[0], box, registers.pointers[body_.results[0]]);
  }
}

}  // namespace rdu::cpu
