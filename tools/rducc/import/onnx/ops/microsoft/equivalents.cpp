// Operators that are one of ai.onnx under another name, or nearly so.
#include <algorithm>
#include <array>

#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct Equivalent {
  std::string_view domain, name;
  std::string_view onnx_name;
  std::int64_t onnx_opset;  // the contract is the operator's at this opset
};

// ONNX Runtime writes LayerNormalization into models of any opset.
constexpr Equivalent kEquivalents[] = {
    {kMicrosoft, "DequantizeLinear", "DequantizeLinear", 21},
    {kMicrosoft, "ExpandDims", "Unsqueeze", 13},
    {kMicrosoft, "GatherND", "GatherND", 12},
    {kMicrosoft, "Gelu", "Gelu", 20},
    {kMicrosoft, "GridSample", "GridSample", 16},
    {kMicrosoft, "Pad", "Pad", 13},
    {kMicrosoft, "QuantizeLinear", "QuantizeLinear", 21},
    {kMicrosoft, "Trilu", "Trilu", 14},
    {"", "LayerNormalization", "LayerNormalization", 17},
};

void import_equivalent(OpCall& call) {
  const auto* same = std::find_if(std::begin(kEquivalents), std::end(kEquivalents),
                                  [&](const Equivalent& e) { return e.name == call.op_type(); });
  std::vector<ValueId> operands;
  for (std::size_t i = 0; i < call.num_inputs(); ++i) operands.push_back(input_or_none(call, i));
  const std::vector<ValueId> results =
      Delegate(call, same->onnx_name, same->onnx_opset).inherit().run(operands, call.num_outputs());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] != ir::kNone) call.set_output(i, results[i]);
  }
}

// x * sigmoid(alpha * x)
void import_quick_gelu(OpCall& call) {
  call.set_output(
      0,
      Delegate(call, "Swish", 24).set("alpha", call.attr_f("alpha", 1.702F)).run({call.input(0)}));
}

// The two further inputs are for training.
void import_torch_embedding(OpCall& call) {
  call.set_output(0, Delegate(call, "Gather", 13).run({call.input(0), call.input(1)}));
}

// Scalars of rank 0 or 1; the step is optional.
void import_range(OpCall& call) {
  ir::Builder& b = call.b();
  const ValueId delta =
      call.has_input(2) ? call.input(2) : b.cast(b.scalar(RDU_DTYPE_I64, 1), call.dtype(0));
  call.set_output(0, Delegate(call, "Range", 11).run({call.input(0), call.input(1), delta}));
}

// The values in the order in which they occur; the positions of first occurrences are not yielded.
void import_unique(OpCall& call) {
  const std::vector<ValueId> operands{call.input(0)};
  const auto results = Delegate(call, "Unique", 11).set("sorted", std::int64_t{0}).run(operands, 4);
  call.set_output(0, results[0]);
  call.set_output(1, results[2]);
  call.set_output(2, results[3]);
}

// The pads are an input; where they are absent there are none.
void import_conv_transpose(OpCall& call) {
  Delegate conv(call, "ConvTranspose", 11);
  conv.inherit();
  if (call.has_input(2)) conv.set("pads", call.required_constant(2, "the pads").to_i64());
  call.set_output(0, conv.run({call.input(0), call.input(1), input_or_none(call, 3)}));
}

constexpr OpEntry kOwn[] = {
    {kMicrosoft, "ConvTransposeWithDynamicPads", 1, import_conv_transpose},
    {kMicrosoft, "QuickGelu", 1, import_quick_gelu},
    {kMicrosoft, "Range", 1, import_range},
    {kMicrosoft, "TorchEmbedding", 1, import_torch_embedding},
    {kMicrosoft, "Unique", 1, import_unique},
};

constexpr auto kOps = [] {
  std::array<OpEntry, std::size(kOwn) + std::size(kEquivalents)> ops{};
  auto next = std::copy(std::begin(kOwn), std::end(kOwn), ops.begin());
  for (const Equivalent& e : kEquivalents) *next++ = {e.domain, e.name, 1, import_equivalent};
  return ops;
}();

}  // namespace

std::span<const OpEntry> microsoft_equivalent_ops() { return kOps; }

}  // namespace rducc::import_onnx
