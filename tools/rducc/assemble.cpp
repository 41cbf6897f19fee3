// Signatures, states, metadata, provenance and the report of a compiled model.
#include "tools/rducc/assemble.hpp"

#include <algorithm>
#include <set>

#include "sdk/artifact/flat_graph.hpp"
#include "tools/rducc/growth.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::SignatureTensor;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

std::size_t find_tensor(const std::vector<SignatureTensor>& tensors, const std::string& name,
                        const char* what) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const auto& tensor) { return tensor.name == name; });
  if (found == tensors.end()) {
    throw CompileError(CompileErrorKind::kInvalid,
                       std::string("--state: the model has no ") + what + " '" + name + "'");
  }
  return static_cast<std::size_t>(found - tensors.begin());
}

// Variants share constants: those in one place of memory count once.
std::uint64_t constant_bytes(const Variant& variant) {
  std::set<const void*> seen;
  std::uint64_t bytes = 0;
  for (const auto& value : variant.values) {
    if (value.data.owner && seen.insert(value.data.bytes.data()).second) {
      bytes += value.data.bytes.size();
    }
  }
  return bytes;
}

std::vector<rdu::artifact::OriginRow> source_nodes(const Variant& variant) {
  const auto flat = rdu::artifact::flatten(variant);
  if (!flat) throw CompileError(CompileErrorKind::kInvalid, flat.error().message);
  return rdu::artifact::origin_rows(flat->view());
}

VariantReport describe(const Variant& variant, std::vector<PassTime> times) {
  VariantReport report;
  report.dims = variant.dims;
  for (const auto& graph : variant.graphs) report.num_nodes += graph.nodes.size();
  if (!variant.cuts.empty()) report.num_sections = variant.cuts[0].sections.size();
  report.constant_bytes = constant_bytes(variant);
  report.source_nodes = source_nodes(variant);
  report.times = std::move(times);
  return report;
}

}  // namespace

std::string producer() { return "rducc " RDU_VERSION; }

Assembler::Assembler(const CompileRequest& request, const import_onnx::LoadedModel& model)
    : request_(request) {
  const auto facts = import_onnx::model_facts(model);
  auto& out = compiled_.model;
  out.name = facts.name;
  out.precision = request.passes.precision == Precision::kBf16 ? "bf16" : "fp32";
  out.metadata = facts.metadata;
  out.provenance = {producer(), request.flags, rdu::base::to_string(model.hash), facts.opset};
  auto& signature = out.signatures.emplace_back();
  signature.inputs = import_onnx::input_signature(model).tensors;
  signature.outputs = import_onnx::output_signature(model).tensors;
  for (const StateChoice& state : request.states) {
    auto& to = signature.inputs[find_tensor(signature.inputs, state.input, "input")];
    auto& from = signature.outputs[find_tensor(signature.outputs, state.output, "output")];
    to.variable = state.input;
    from.variable = state.input;
  }
  compiled_.report.num_source_nodes = facts.num_nodes;
}

void Assembler::bind_states(Variant& variant,
                            std::span<const import_onnx::GrowthResult> growth) const {
  for (const StateChoice& state : request_.states) {
    const ValueId write = variant.outputs[find_tensor(signature().outputs, state.output, "output")];
    const ValueId read = variant.inputs[find_tensor(signature().inputs, state.input, "input")];
    if (read == kNone) {
      throw CompileError(CompileErrorKind::kInvalid, "--state: the value of '" + state.input +
                                                         "' is folded and cannot be a state");
    }
    auto& from = variant.values[write];
    auto& to = variant.values[read];
    if (from.dtype != to.dtype || from.dims != to.dims) {
      throw CompileError(CompileErrorKind::kInvalid, "--state: output '" + state.output +
                                                         "' and input '" + state.input +
                                                         "' differ in dtype or shape");
    }
    // The state object binds both: neither is an input or an output of the graph any more.
    to.role = RDU_ROLE_VARIABLE;
    std::erase(variant.graphs[0].inputs, read);
    std::erase(variant.graphs[0].outputs, write);
    variant.variables.push_back({state.input, read, write, kNone});
  }
  bind_growth(variant, growth);
}

void Assembler::add(Variant variant, std::vector<PassTime> times, std::vector<ChipReport> chips) {
  compiled_.report.variants.push_back(describe(variant, std::move(times)));
  compiled_.report.variants.back().chips = std::move(chips);
  compiled_.model.signatures[0].variants.push_back(std::move(variant));
}

// Extents that the source does not state: those that agree in all variants are fixed, others are
// called after the output and the axis.
void Assembler::settle_output_dims() {
  auto& signature = compiled_.model.signatures[0];
  for (std::size_t i = 0; i < signature.outputs.size(); ++i) {
    auto& output = signature.outputs[i];
    const auto value = [&](const Variant& variant) -> const auto& {
      return variant.values[variant.outputs[i]];
    };
    const auto& first = value(signature.variants[0]);
    output.dtype = first.dtype;
    output.dims.resize(first.dims.size());
    for (std::size_t axis = 0; axis < output.dims.size(); ++axis) {
      auto& dim = output.dims[axis];
      const bool bounded = !first.dim_values.empty() && first.dim_values[axis] != kNone;
      const bool agree = std::all_of(
          signature.variants.begin(), signature.variants.end(),
          [&](const Variant& variant) { return value(variant).dims[axis] == first.dims[axis]; });
      if (dim.extent == first.dims[axis] && agree && !bounded) continue;
      const bool fixed = agree && !bounded && dim.name.empty();
      dim.extent = fixed ? first.dims[axis] : -1;
      if (!fixed && dim.name.empty()) dim.name = output.name + "." + std::to_string(axis);
    }
  }
}

Compiled Assembler::finish() {
  settle_output_dims();
  return std::move(compiled_);
}

}  // namespace rducc
