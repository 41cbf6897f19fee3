// Elementwise fusions with a bias: activations, sums, softmax and dropout.
#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/softmax.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Input `i`, where present, broadcasts to the first.
void require_broadcast(const OpCall& call, std::size_t i) {
  if (call.has_input(i) && ir::broadcast_dims(call.dims(0), call.dims(i)) != call.dims(0)) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) +
                 " for an input of shape " + to_text(call.dims(0)));
  }
}

void require_operands(const OpCall& call, std::size_t count) {
  require_float(call, 0);
  require_same_dtype(call, 0, count);
  for (std::size_t i = 1; i < count; ++i) require_broadcast(call, i);
}

// f of the sum of the first `count` inputs that are there; half floats are rounded once.
template <class F>
ValueId of_sum(OpCall& call, std::size_t count, F f) {
  require_operands(call, count);
  std::vector<ValueId> terms;
  for (std::size_t i = 0; i < count; ++i) {
    if (call.has_input(i)) terms.push_back(call.input(i));
  }
  const rdu_dtype dtype = call.dtype(0);
  return call.b().elementwise(dtype, terms, [=](Body& b, std::span<const Reg> r) {
    Reg sum = b.cast(r[0], wide(dtype));
    for (const Reg& term : r.subspan(1)) sum = b.add(sum, b.cast(term, wide(dtype)));
    b.result(b.cast(f(b, sum), dtype));
  });
}

Reg same(Body&, Reg x) { return x; }

void import_bias_gelu(OpCall& call) { call.set_output(0, of_sum(call, 2, gelu)); }
void import_fast_gelu(OpCall& call) { call.set_output(0, of_sum(call, 2, gelu_tanh)); }
void import_bias_add(OpCall& call) { call.set_output(0, of_sum(call, 3, same)); }

// Nothing is dropped outside of training.
void import_bias_dropout(OpCall& call) {
  if (call.has_input(4)) {
    const Tensor training = call.required_constant(4, "training_mode");
    if (training.to_i64() != std::vector<std::int64_t>{0}) call.unsupported("training_mode = 1");
  }
  call.set_output(0, of_sum(call, 3, same));
  if (call.wants_output(1)) {
    ir::Builder& b = call.b();
    call.set_output(1, b.expand(b.scalar(RDU_DTYPE_BOOL, 1), call.dims(0)));
  }
}

// The sum's left half times the Gelu of its right half.
void import_bias_split_gelu(OpCall& call) {
  require_operands(call, 2);
  const Dims x = call.dims(0);
  if (x.empty() || x.back() % 2 || call.dims(1) != Dims{x.back()}) {
    call.invalid("input of shape " + to_text(x) + " and bias of shape " + to_text(call.dims(1)));
  }
  ir::Builder& builder = call.b();
  Dims dims = x;
  dims.back() /= 2;
  const auto column = static_cast<std::uint32_t>(x.size() - 1);
  std::vector<ir::Read> reads;
  for (const std::int64_t offset : {std::int64_t{0}, dims.back()}) {
    ir::Access access = ir::identity_access(x.size());
    access.back() = ir::along(column, 1, offset);
    reads.push_back(builder.read(call.input(0), access));
    reads.push_back(builder.read(call.input(1), {ir::along(column, 1, offset)}));
  }
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const auto sum = [&](std::size_t i) {
      return b.add(b.cast(r[i], wide(dtype)), b.cast(r[i + 1], wide(dtype)));
    };
    b.result(b.cast(b.mul(sum(0), gelu(b, sum(2))), dtype));
  }));
}

// Over all dimensions from `axis` on together. The bias has extents of 1 wherever it is broadcast,
// so is_inner_broadcast has nothing to add.
void import_bias_softmax(OpCall& call) {
  std::vector<std::int64_t> axes;
  const std::int64_t rank = call.rank(0);
  for (std::int64_t d = normalise_axis(call, call.attr_i("axis", 1), rank); d < rank; ++d) {
    axes.push_back(d);
  }
  call.set_output(0, softmax(call.b(), of_sum(call, 2, same), axes));
}

// x + y * gate, the product rounded to the element type.
void import_gated_add(OpCall& call) {
  require_operands(call, 3);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, call.b().elementwise(dtype, {call.input(0), call.input(1), call.input(2)},
                                          [](Body& b, std::span<const Reg> r) {
                                            b.result(b.add(r[0], b.mul(r[1], r[2])));
                                          }));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "BiasAdd", 1, import_bias_add},
    {kMicrosoft, "BiasDropout", 1, import_bias_dropout},
    {kMicrosoft, "BiasGelu", 1, import_bias_gelu},
    {kMicrosoft, "BiasSoftmax", 1, import_bias_softmax},
    {kMicrosoft, "BiasSplitGelu", 1, import_bias_split_gelu},
    {kMicrosoft, "FastGelu", 1, import_fast_gelu},
    {kMicrosoft, "GatedAdd", 1, import_gated_add},
};

}  // namespace

std::span<const OpEntry> microsoft_biased_ops() { return kOps; }

}  // namespace rducc::import_onnx
