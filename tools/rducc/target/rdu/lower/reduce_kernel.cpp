// Reduce: the lanes go over the innermost reduction loop and meet in the tree, or over a parallel loop and each keeps a sum of its own.
#include <algorithm>
#include <optional>

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/loop_order.hpp"
#include "tools/rducc/target/rdu/lower/program_context.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kShort = 8;  // a reduction of fewer steps leaves most lanes idle

std::optional<rdu_hw_pick> pick_of(rdu_combine_op combine, rdu_dtype dtype) {
  const bool real = is_float_word(dtype);
  switch (combine) {
    case RDU_COMBINE_ARGMIN_FIRST:
      return real ? RDU_HW_PICK_MIN_FIRST_F32 : RDU_HW_PICK_MIN_FIRST_I32;
    case RDU_COMBINE_ARGMIN_LAST:
      return real ? RDU_HW_PICK_MIN_LAST_F32 : RDU_HW_PICK_MIN_LAST_I32;
    case RDU_COMBINE_ARGMAX_FIRST:
      return real ? RDU_HW_PICK_MAX_FIRST_F32 : RDU_HW_PICK_MAX_FIRST_I32;
    case RDU_COMBINE_ARGMAX_LAST:
      return real ? RDU_HW_PICK_MAX_LAST_F32 : RDU_HW_PICK_MAX_LAST_I32;
    default:
      return {};
  }
}

class ReduceKernel {
 public:
  ReduceKernel(Emitter& emitter, const artifact::Node& node, Nest nest)
      : emitter_(emitter), node_(node), nest_(std::move(nest)) {}

  void run() {
    nest_.loop_values.push_back(row_major_position());  // follows what becomes of the loops
    simplify_in_pace(emitter_, nest_);
    // 64-bit sums of unknown numbers may need more than a word.
    const bool sums = node_.combine == RDU_COMBINE_ADD || node_.combine == RDU_COMBINE_MUL;
    if (sums && node_.acc_dtype == RDU_DTYPE_I64) decline(RDU_REASON_DTYPE, "64-bit sums");
    if (lanes_reduce()) {
      over_reduction();
    } else {
      over_parallel();
    }
  }

 private:
  // The position among all points of the reduction.
  Form row_major_position() const {
    Form position;
    std::int64_t pitch = 1;
    for (std::size_t i = node_.loops.size(); i-- > node_.num_parallel;) {
      position.add(nest_.loop_values[i], pitch);
      pitch *= node_.loops[i].extent;
    }
    return position;
  }

  bool lanes_reduce() const {
    if (nest_.reduction.empty()) return false;
    if (nest_.parallel.empty()) return true;
    const VariableId last = nest_.reduction.back();
    if (nest_.extent(last) < kShort) return false;
    return std::any_of(nest_.reads.begin(), nest_.reads.end(), [&](const Touch& touch) {
      return !touch.dims.empty() && touch.dims.back().form.coef(last) == 1;
    });
  }

  void over_reduction() {
    const std::vector<VariableId> outer = nest_.parallel;
    std::vector<VariableId> order = outer;
    order.insert(order.end(), nest_.reduction.begin(), nest_.reduction.end());
    const auto level = static_cast<std::uint32_t>(outer.size());
    ProgramContext body(emitter_, "reduce", nest_, order, Across::kLanes);
    const Value x = body.run(node_.body)[0];
    const auto pick = pick_of(node_.combine, node_.acc_dtype);
    const Value sum =
        pick ? body.simd()
                   .reduce_pick(*pick, level, x, body.integer(nest_.loop_values.back()))
                   .position
             : body.simd().reduce(fold_of(node_.combine, node_.acc_dtype), level, x);
    finish(body.simd().scalar(sum, level), outer, Across::kNothing);
  }

  void over_parallel() {
    if (nest_.parallel.empty()) nest_.parallel.push_back(nest_.add_loop(1, false));
    VariableId lane = nest_.parallel.back();
    if (nest_.extent(lane) > emitter_.lanes()) {
      const std::int64_t extent = nest_.extent(lane);
      const Split tiles = split(nest_, lane, emitter_.lanes());
      lane = tiles.inner;
      if (extent % emitter_.lanes() != 0) {
        Form place;
        place.add(tiles.outer, emitter_.lanes());
        place.add(tiles.inner, 1);
        nest_.guards.push_back({place, extent});
      }
    }
    std::vector<VariableId> outer = nest_.parallel;
    outer.pop_back();
    const auto level = static_cast<std::uint32_t>(outer.size());
    std::vector<VariableId> order = outer;
    order.insert(order.end(), nest_.reduction.begin(), nest_.reduction.end());
    order.push_back(lane);
    ProgramContext body(emitter_, "reduce", nest_, order, Across::kLanes);
    const Value x = body.run(node_.body)[0];
    const auto pick = pick_of(node_.combine, node_.acc_dtype);
    const Value sum =
        pick ? body.simd()
                   .accumulate_pick(*pick, level, x, body.integer(nest_.loop_values.back()))
                   .position
             : body.simd().accumulate(fold_of(node_.combine, node_.acc_dtype), level, x);
    outer.push_back(lane);
    finish(body.simd().vector(sum, level), outer, Across::kLanes);
  }

  void finish(Stream sum, const std::vector<VariableId>& order, Across across) {
    const artifact::Program& program = node_.epilogue;
    const bool as_it_is =
        std::all_of(program.results.begin(), program.results.end(),
                    [&](std::uint32_t result) { return stores_accumulator(program, result); });
    if (as_it_is) {
      for (const Touch& write : nest_.writes) {
        emitter_.store(nest_, write, order, across, sum);
      }
      return;
    }
    const bool picks = pick_of(node_.combine, node_.acc_dtype).has_value();
    ProgramContext epilogue(emitter_, "epilogue", nest_, order, across);
    epilogue.accumulated(epilogue.simd().input(sum), picks ? RDU_DTYPE_I64 : node_.acc_dtype);
    const std::vector<Value> results = epilogue.run_to_store(program);
    for (std::size_t i = 0; i < results.size(); ++i) {
      epilogue.store(nest_.writes[i], results[i]);
    }
  }

  Emitter& emitter_;
  const artifact::Node& node_;
  Nest nest_;
};

}  // namespace

void emit_reduce(Emitter& emitter, const artifact::Node& node, Nest nest) {
  ReduceKernel(emitter, node, std::move(nest)).run();
}

}  // namespace rducc::rdu::lower
