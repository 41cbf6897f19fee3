// LSTM whose weights are 8-bit integers: made real for the scan of the ordinary one.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// A parameter per direction, or per direction and column, in a shape that broadcasts to the
// weights [directions, inputs, columns].
ValueId spread(OpCall& call, std::size_t i, const Dims& weights) {
  const Dims dims = call.dims(i);
  const std::int64_t directions = weights[0], columns = weights[2];
  if (dims == Dims{directions} || dims == Dims{directions, 1}) {
    return call.b().reshape(call.input(i), Dims{directions, 1, 1});
  }
  if (dims == Dims{directions, columns}) {
    return call.b().reshape(call.input(i), Dims{directions, 1, columns});
  }
  call.invalid("input " + std::to_string(i) + " of shape " + to_text(dims) +
               " for weights of shape " + to_text(weights));
}

// Real weights [directions, columns, inputs], from input `i` with its scale and zero point from
// input `parameters` on.
ValueId real_weights(OpCall& call, std::size_t i, std::size_t parameters) {
  ir::Builder& builder = call.b();
  const Dims dims = call.dims(i);
  if (dims.size() != 3 || !is_integer(call.dtype(i))) {
    call.invalid("weights of shape " + to_text(dims) + " in input " + std::to_string(i));
  }
  const ValueId scale = spread(call, parameters, dims), zero = spread(call, parameters + 1, dims);
  const ValueId real = builder.elementwise(
      RDU_DTYPE_F32, {call.input(i), scale, zero}, [](Body& b, std::span<const Reg> r) {
        const auto f32 = [&](std::size_t k) { return b.cast(r[k], RDU_DTYPE_F32); };
        b.result(b.mul(b.sub(f32(0), f32(2)), f32(1)));
      });
  const std::int64_t perm[] = {0, 2, 1};
  return builder.transpose(real, perm);
}

// Inputs: those of LSTM (8), then W's scale and zero point, then R's. The input is not rounded, so
// results are closer to the real ones than those of a runtime that quantises it too.
void import_lstm(OpCall& call) {
  std::vector<ValueId> operands;
  for (std::size_t i = 0; i < 8; ++i) operands.push_back(input_or_none(call, i));
  operands[1] = real_weights(call, 1, 8);
  operands[2] = real_weights(call, 2, 10);
  const std::vector<ValueId> results =
      Delegate(call, "LSTM", 14).inherit().run(operands, call.num_outputs());
  for (std::size_t i = 0; i < results.size(); ++i) call.set_output(i, results[i]);
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "DynamicQuantizeLSTM", 1, import_lstm},
};

}  // namespace

std::span<const OpEntry> microsoft_quantised_recurrent_ops() { return kOps; }

}  // namespace rducc::import_onnx
