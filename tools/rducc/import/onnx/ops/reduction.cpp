// Reduce*: one reduction each, what precedes it in its body and what follows in its epilogue.
#include <algorithm>
#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct Reduction {
  std::vector<std::int64_t> axes;
  bool keep = true;
};

Reduction read_reduction(const OpCall& call) {
  Reduction r;
  r.keep = call.attr_i("keepdims", 1) != 0;
  const auto given = ints_from(call, 1, "axes", "the axes");
  if (given && !given->empty()) {
    r.axes = normalise_axes(call, *given, call.rank(0));
  } else if (call.attr_i("noop_with_empty_axes", 0) == 0) {
    r.axes.resize(static_cast<std::size_t>(call.rank(0)));
    std::iota(r.axes.begin(), r.axes.end(), 0);
  }
  return r;
}

using Step = std::function<Reg(Body&, Reg)>;

// Integers are combined in their own dtype unless a root or a logarithm follows.
rdu_dtype accumulator(const OpCall& call, bool floating) {
  const rdu_dtype dtype = call.dtype(0);
  return floating && !is_float(dtype) ? RDU_DTYPE_F64 : wide(dtype);
}

ValueId combine(OpCall& call, const Reduction& r, rdu_combine_op op, rdu_dtype acc,
                const Step& before, const Step& after) {
  const rdu_dtype dtype = call.dtype(0);
  const Step body = [&](Body& b, Reg x) { return before(b, b.cast(x, acc)); };
  const Step epilogue = [&](Body& b, Reg x) { return b.cast(after(b, x), dtype); };
  ir::Builder& builder = call.b();
  if (r.axes.empty()) {
    return builder.elementwise(dtype, {call.input(0)}, [&](Body& b, std::span<const Reg> reads) {
      b.result(epilogue(b, body(b, reads[0])));
    });
  }
  return builder.reduce_axes(call.input(0), r.axes, r.keep, op, acc, dtype, body, epilogue);
}

Reg same(Body&, Reg x) { return x; }
Reg square(Body& b, Reg x) { return b.mul(x, x); }
Reg magnitude(Body& b, Reg x) { return is_unsigned(x.dtype) ? x : b.unary(RDU_OP_ABS, x); }
Reg root(Body& b, Reg x) { return b.unary(RDU_OP_SQRT, x); }
Reg logarithm(Body& b, Reg x) { return b.unary(RDU_OP_LOG, x); }

template <rdu_combine_op Op>
void import_reduce(OpCall& call) {
  call.set_output(0, combine(call, read_reduction(call), Op, accumulator(call, false), same, same));
}

// On BOOL the smallest is "and" and the largest "or".
template <rdu_combine_op Op, rdu_combine_op BoolOp>
void import_reduce_extreme(OpCall& call) {
  return call.dtype(0) == RDU_DTYPE_BOOL ? import_reduce<BoolOp>(call) : import_reduce<Op>(call);
}

// Elements met per result.
ir::Shape reduced_extents(const OpCall& call, const Reduction& r) {
  const ir::Shape shape = call.shape(0);
  ir::Shape reduced;
  for (const std::int64_t axis : r.axes) reduced.push_back(shape[static_cast<std::size_t>(axis)]);
  return reduced;
}

void import_reduce_mean(OpCall& call) {
  const Reduction r = read_reduction(call);
  const ir::Shape reduced = reduced_extents(call, r);
  if (ir::is_constant(reduced)) {
    double count = 1;
    for (const ir::Extent& extent : reduced) count *= static_cast<double>(extent.bound);
    return call.set_output(
        0, combine(call, r, RDU_COMBINE_ADD, accumulator(call, false), same,
                   [&](Body& b, Reg sum) { return b.div(sum, b.like(sum, count)); }));
  }
  // The run says by how many to divide.
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0), acc = accumulator(call, false);
  const ValueId sum = builder.reduce_axes(call.input(0), r.axes, r.keep, RDU_COMBINE_ADD, acc, acc,
                                          [&](Body& b, Reg x) { return b.cast(x, acc); });
  call.set_output(0, builder.elementwise(dtype, {sum, builder.element_count(reduced)},
                                         [=](Body& b, std::span<const Reg> v) {
                                           const Reg mean = b.div(v[0], b.cast(v[1], acc));
                                           b.result(b.cast(mean, dtype));
                                         }));
}

template <Reg (*Before)(Body&, Reg), Reg (*After)(Body&, Reg), bool kFloating>
void import_reduce_of(OpCall& call) {
  call.set_output(0, combine(call, read_reduction(call), RDU_COMBINE_ADD,
                             accumulator(call, kFloating), Before, After));
}

// m + log(sum(exp(x - m))) with m the largest element, or 0 where that is infinite.
void import_reduce_log_sum_exp(OpCall& call) {
  const Reduction r = read_reduction(call);
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0), acc = accumulator(call, true);
  const ValueId x = builder.cast(call.input(0), acc);
  if (r.axes.empty()) return call.set_output(0, call.input(0));
  const ValueId largest = builder.reduce_axes(
      x, r.axes, true, RDU_COMBINE_MAX, acc, acc, {},
      [](Body& b, Reg m) { return b.select(b.isinf(m, true, true), b.like(m, 0), m); });
  const ValueId powers = builder.elementwise(
      acc, {x, largest},
      [](Body& b, std::span<const Reg> v) { b.result(b.exp(b.sub(v[0], v[1]))); });
  const ValueId sum =
      builder.reduce_axes(powers, r.axes, true, RDU_COMBINE_ADD, acc, acc, {}, logarithm);
  const ValueId y = builder.elementwise(
      dtype, {sum, largest},
      [=](Body& b, std::span<const Reg> v) { b.result(b.cast(b.add(v[0], v[1]), dtype)); });
  const ir::Shape kept = builder.shape(y);
  ir::Shape shape;
  for (std::int64_t d = 0; d < call.rank(0); ++d) {
    const bool reduced = std::binary_search(r.axes.begin(), r.axes.end(), d);
    if (r.keep || !reduced) shape.push_back(kept[static_cast<std::size_t>(d)]);
  }
  call.set_output(0, builder.reshape_to(y, shape));
}

template <rdu_combine_op First, rdu_combine_op Last>
void import_arg(OpCall& call) {
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  const ir::Shape shape = call.shape(0);
  if (shape[static_cast<std::size_t>(axis)].bound == 0) {
    call.invalid("axis " + std::to_string(axis) + " of " + ir::to_text(shape) + " is empty");
  }
  const bool keep = call.attr_i("keepdims", 1) != 0;
  const rdu_combine_op op = call.attr_i("select_last_index", 0) != 0 ? Last : First;
  call.set_output(0, call.b().reduce_axes(call.input(0), std::span(&axis, 1), keep, op,
                                          RDU_DTYPE_I64, RDU_DTYPE_I64));
}

constexpr OpEntry kOps[] = {
    {"", "ArgMax", 1, import_arg<RDU_COMBINE_ARGMAX_FIRST, RDU_COMBINE_ARGMAX_LAST>},
    {"", "ArgMin", 1, import_arg<RDU_COMBINE_ARGMIN_FIRST, RDU_COMBINE_ARGMIN_LAST>},
    {"", "ReduceL1", 1, import_reduce_of<magnitude, same, false>},
    {"", "ReduceL2", 1, import_reduce_of<square, root, true>},
    {"", "ReduceLogSum", 1, import_reduce_of<same, logarithm, true>},
    {"", "ReduceLogSumExp", 1, import_reduce_log_sum_exp},
    {"", "ReduceMax", 1, import_reduce_extreme<RDU_COMBINE_MAX, RDU_COMBINE_OR>},
    {"", "ReduceMean", 1, import_reduce_mean},
    {"", "ReduceMin", 1, import_reduce_extreme<RDU_COMBINE_MIN, RDU_COMBINE_AND>},
    {"", "ReduceProd", 1, import_reduce<RDU_COMBINE_MUL>},
    {"", "ReduceSum", 1, import_reduce<RDU_COMBINE_ADD>},
    {"", "ReduceSumSquare", 1, import_reduce_of<square, same, false>},
};

}  // namespace

std::span<const OpEntry> reduction_ops() { return kOps; }

}  // namespace rducc::import_onnx
