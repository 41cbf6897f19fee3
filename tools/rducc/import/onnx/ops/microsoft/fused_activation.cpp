// Looks the activation up and lets its own importer write it.
#include "tools/rducc/import/onnx/ops/microsoft/fused_activation.hpp"

#include <algorithm>
#include <array>

#include "tools/rducc/import/onnx/ops/delegate.hpp"

namespace rducc::import_onnx {
namespace {

struct Activation {
  std::string_view name;
  std::int64_t opset;
  std::array<std::string_view, 2> parameters;
};

constexpr Activation kActivations[] = {
    {"Clip", 6, {"min", "max"}},
    {"Elu", 6, {"alpha"}},
    {"Gelu", 20, {}},
    {"HardSigmoid", 6, {"alpha", "beta"}},
    {"HardSwish", 14, {}},
    {"LeakyRelu", 6, {"alpha"}},
    {"Relu", 6, {}},
    {"Selu", 6, {"alpha", "gamma"}},
    {"Sigmoid", 6, {}},
    {"Softplus", 1, {}},
    {"Softsign", 1, {}},
    {"Tanh", 6, {}},
    {"ThresholdedRelu", 10, {"alpha"}},
};

}  // namespace

ValueId fused_activation(OpCall& call, ValueId x, const std::string& name,
                         std::span<const double> parameters) {
  if (name.empty()) return x;
  const auto* found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                   [&](const Activation& a) { return a.name == name; });
  if (found == std::end(kActivations)) call.unsupported("attribute activation = '" + name + "'");
  Delegate delegate(call, found->name, found->opset);
  for (std::size_t i = 0; i < std::min(parameters.size(), found->parameters.size()); ++i) {
    if (!found->parameters[i].empty()) delegate.set(found->parameters[i], parameters[i]);
  }
  return delegate.run({x});
}

}  // namespace rducc::import_onnx
