// What follows a contraction's sum: folded into the library call where it is a bias and a clamp, else a vector program
// over the piece of the result that a task has just made.
#pragma once

#include <functional>
#include <optional>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// acc (+ bias) (clamped): nothing else.
struct FusedEpilogue {
  std::uint32_t bias_read = RDU_NONE;
  PostOp post;
};

// Takes what clamps off `reg`; false where the bounds cross.
bool peel_clamps(plugin::View<rdu_instr> code, std::uint32_t& reg, PostOp& post);

// Does the epilogue have that form, the bias being read along `output_loop` (a graph loop) alone?
bool match_epilogue(const BuildContext& context, const rdu_node& node, std::uint32_t output_loops,
                    FusedEpilogue& out);

// All that is left to do to the sum, done to rows in place.
struct RowActivation {
  const ActivationKernels* kernels = nullptr;
  float first = 0, second = 0;

  void run(float* x, std::int64_t step, std::int64_t rows, std::int64_t columns) const {
    kernels->rows(x, step, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), first,
                  second);
  }
};

// What an operation of a program does, if it is an activation.
std::optional<RowActivation> row_activation(const Kernels& kernels, const Body& body,
                                            const Operation& op);

// May the sum come with this read already added? Loops are those of the boxes.
using FoldsAddend = std::function<bool(const Access&)>;

// The general form: runs over a box of the node's parallel loops, the sum being what the result holds.
class BoxEpilogue {
 public:
  BoxEpilogue() = default;
  // `fixed_loops`: a bit per loop along which a piece has one position.
  BoxEpilogue(const BuildContext& context, const rdu_node& node, std::uint32_t fixed_loops = 0,
              const FoldsAddend& folds = {});
  bool empty() const { return writes_.empty() || nothing_left_; }
  std::optional<RowActivation> only_activation(const Kernels& kernels) const;
  void run(const Kernels& kernels, const Run& run, const Box& piece, std::byte* workspace) const;
  std::uint64_t workspace_bytes() const;

 private:
  void follow_result(std::uint32_t fixed_loops);

  Nest nest_;
  std::array<std::uint32_t, kMaxLoops> order_{};  // the node's loops, as the boxes walk them
  Body body_;
  std::vector<Access> writes_;
  bool nothing_left_ = false;
  LoopArray size_{};
  std::int64_t capacity_ = 0;
};

}  // namespace rdu::cpu
