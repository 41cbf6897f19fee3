// What follows a contraction's sum: folded into the library call where it is a bias and a clamp, else a vector program
// over the piece of the result that a task has just made.
#pragma once

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/dnnl_call.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// acc (+ bias) (clamped): nothing else.
struct FusedEpilogue {
  std::uint32_t bias_read = RDU_NONE;
  PostOp post;
};

// Does the epilogue have that form, the bias being read along `output_loop` (a graph loop) alone?
bool match_epilogue(const BuildContext& context, const rdu_node& node, std::uint32_t output_loops,
                    FusedEpilogue& out);

// The general form: runs over a box of the node's parallel loops, the sum being what the result holds.
class BoxEpilogue {
 public:
  BoxEpilogue() = default;
  // `fixed_loops`: a bit per loop along which a piece has one position.
  BoxEpilogue(const BuildContext& context, const rdu_node& node, std::uint32_t fixed_loops = 0);
  bool empty() const { return writes_.empty(); }
  void run(const Kernels& kernels, const Run& run, const Box& piece, std::byte* workspace) const;
  std::uint64_t workspace_bytes() const;

 private:
  Nest nest_;
  Body body_;
  std::vector<Access> writes_;
  LoopArray size_{};
  std::int64_t capacity_ = 0;
};

}  // namespace rdu::cpu
