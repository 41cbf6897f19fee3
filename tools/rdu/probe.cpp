// Rewrites the model of an opened artifact: same nodes, same sections, more outputs.
#include "tools/rdu/probe.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/artifact/writer.hpp"
#include "sdk/base/result.hpp"
#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

namespace {

using artifact::at;

// Cuts beside the portable one keep their sections; a payload made for the graph as it was does not fit any more.
void add_cuts(const artifact::VariantInfo& info, artifact::Variant& variant) {
  for (std::size_t c = 1; c < info.cuts.size(); ++c) {
    artifact::Cut cut;
    cut.target = info.cuts[c].target;
    for (const auto& section : info.cuts[c].sections) {
      cut.sections.push_back({section.first_node, section.end_node, section.block_loops, {}});
    }
    variant.cuts.push_back(std::move(cut));
  }
}

bool writes_whole_values(const rdu_node& node) {
  return node.pattern == RDU_PATTERN_FILTER || node.pattern == RDU_PATTERN_SORT ||
         node.pattern == RDU_PATTERN_SCAN || node.pattern == RDU_PATTERN_CONTROL ||
         node.pattern == RDU_PATTERN_SCATTER;
}

}  // namespace

std::vector<ProbeWindow> windows_of(ProbeWindow values, std::uint64_t bytes) {
  std::vector<ProbeWindow> windows;
  for (std::size_t begin = 0; begin < values.size();) {
    std::uint64_t sum = values[begin].bytes;
    std::size_t end = begin + 1;
    while (end < values.size() && sum + values[end].bytes <= bytes) sum += values[end++].bytes;
    windows.push_back(values.subspan(begin, end - begin));
    begin = end;
  }
  return windows;
}

Probe::Probe(const artifact::Artifact& artifact, std::uint32_t variant)
    : artifact_(artifact), variant_(variant), graph_(artifact.graph(0, variant)) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> writers;
  const auto& main = at<rdu_subgraph>(graph_.graphs, 0);
  for (std::uint32_t n = main.first_node; n < main.first_node + main.num_nodes; ++n) {
    const auto& node = at<rdu_node>(graph_.nodes, n);
    for (const auto& write :
         artifact::slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
      auto& list = writers[write.value];
      if (list.empty() || list.back() != n) list.push_back(n);
    }
  }
  for (auto& [id, list] : writers) {
    const auto& value = at<rdu_value>(graph_.values, id);
    ProbedValue probed{id, std::move(list), value.bytes, ""};
    for (const auto& variable : artifact::each<rdu_variable>(graph_.variables)) {
      if (variable.write == id) probed.variable = variable.name;
    }
    values_.push_back(std::move(probed));
  }
  std::ranges::sort(values_, {}, [](const ProbedValue& value) {
    return std::pair(value.writers.back(), value.value);
  });
  for (std::size_t i = 0; i < values_.size(); ++i) {
    number_of_[at<rdu_value>(graph_.values, values_[i].value).storage] = i;
  }
}

std::optional<std::size_t> Probe::find(std::uint32_t value) const {
  const auto found = number_of_.find(at<rdu_value>(graph_.values, value).storage);
  if (found == number_of_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Probe::tensor_names(std::uint32_t value) const {
  const auto storage = [&](std::uint32_t id) { return at<rdu_value>(graph_.values, id).storage; };
  std::vector<std::string> names;
  for (const auto& tensor : artifact::each<rdu_origin_tensor>(graph_.origin_tensors)) {
    if (tensor.value == RDU_NONE || storage(tensor.value) != storage(value)) continue;
    names.emplace_back(tensor.name);
  }
  return names;
}

// Writes of a join are boxes: offset + stride · loop in each dimension.
std::uint32_t Probe::writer_of(const ProbedValue& value,
                               std::span<const std::int64_t> position) const {
  const auto covers = [&](const rdu_node& node) {
    if (writes_whole_values(node)) return true;
    for (const auto& write :
         artifact::slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
      if (write.value != value.value) continue;
      for (std::uint32_t d = 0; d < position.size(); ++d) {
        const auto& index = at<rdu_index>(graph_.indices, write.first_index + d);
        const std::int64_t steps = position[d] - index.offset;
        if (index.num_terms == 0 && steps != 0) return false;
        if (index.num_terms == 0) continue;
        const auto& term = at<rdu_term>(graph_.terms, index.first_term);
        const std::int64_t extent = at<rdu_loop>(graph_.loops, node.first_loop + term.loop).extent;
        if (steps % term.coef != 0 || steps < 0 || steps / term.coef >= extent) return false;
      }
      return true;
    }
    return false;
  };
  for (const std::uint32_t n : value.writers) {
    if (covers(at<rdu_node>(graph_.nodes, n))) return n;
  }
  return value.writers.back();
}

std::vector<std::uint32_t> Probe::outputs_of_run() const {
  const artifact::SignatureInfo& signature = artifact_.signatures()[0];
  const auto& bound = signature.variants[variant_].outputs;
  std::vector<std::uint32_t> outputs;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (signature.outputs[i].variable.empty()) outputs.push_back(bound[i]);
  }
  return outputs;
}

std::optional<std::size_t> Probe::find_output(std::uint32_t value) const {
  const auto storage = [&](std::uint32_t id) { return at<rdu_value>(graph_.values, id).storage; };
  const auto outputs = outputs_of_run();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] != RDU_NONE && storage(outputs[i]) == storage(value)) return i;
  }
  return std::nullopt;
}

void Probe::add_output(artifact::Signature& signature, std::uint32_t id) const {
  const auto& value = at<rdu_value>(graph_.values, id);
  artifact::SignatureTensor tensor;
  tensor.name = base::format("value #%u", id);
  tensor.dtype = value.dtype;
  for (std::uint32_t d = 0; d < value.rank; ++d) {
    tensor.dims.push_back({value.dim_values[d] == RDU_NONE ? value.dims[d] : -1, ""});
  }
  signature.outputs.push_back(std::move(tensor));
  signature.variants[0].outputs.push_back(id);
  signature.variants[0].graphs[0].outputs.push_back(id);
}

AlignedBytes Probe::artifact_with(ProbeWindow window) const {
  const artifact::Description& about = artifact_.description();
  const artifact::SignatureInfo& described = about.signatures[0];
  const artifact::VariantInfo& info = described.variants[variant_];
  artifact::Model model{about.name, about.precision, about.metadata, about.provenance, {}};
  auto& signature = model.signatures.emplace_back();
  signature.name = described.name;
  signature.inputs = described.inputs;
  signature.outputs = described.outputs;
  auto& variant = signature.variants.emplace_back(artifact::unflatten(graph_));
  variant.dims = info.dims;
  variant.specialised = info.specialised;
  variant.inputs = info.inputs;
  variant.outputs = info.outputs;
  add_cuts(info, variant);
  for (const ProbedValue& probed : window) {
    if (probed.variable.empty() && !find_output(probed.value)) add_output(signature, probed.value);
  }
  AlignedBytes bytes;
  std::size_t end = 0;
  const artifact::ArtifactSink sink{[&](std::uint64_t file_bytes) -> base::Result<void> {
                                      bytes = AlignedBytes(file_bytes);
                                      return {};
                                    },
                                    [&](std::span<const std::byte> piece) -> base::Result<void> {
                                      std::memcpy(bytes.data() + end, piece.data(), piece.size());
                                      end += piece.size();
                                      return {};
                                    }};
  if (const auto written = artifact::write_artifact(model, sink); !written) {
    throw ToolError(written.error().message);
  }
  return bytes;
}

void show_as(const rdu_value& value, HostTensor& tensor) {
  const bool bounded = std::any_of(value.dim_values, value.dim_values + value.rank,
                                   [](std::uint32_t id) { return id != RDU_NONE; });
  if (!bounded) tensor.shape.assign(value.dims, value.dims + value.rank);
}

std::vector<HostTensor> run_probe(const Probe& probe, ProbeWindow window, rdu_program* program,
                                  std::vector<HostTensor>& inputs, rdu_state* state,
                                  std::vector<HostTensor>* outputs) {
  const std::size_t num_own = probe.outputs_of_run().size();
  std::vector<HostTensor> results = run_once(program, inputs, state);
  std::size_t next = num_own;
  std::vector<HostTensor> values;
  for (const ProbedValue& probed : window) {
    if (!probed.variable.empty()) {
      values.push_back(read_variable(state, probed.variable));
    } else if (const auto output = probe.find_output(probed.value)) {
      values.push_back(clone(results[*output]));
      show_as(at<rdu_value>(probe.graph_.values, probed.value), values.back());
    } else {
      values.push_back(std::move(results[next++]));
    }
  }
  if (outputs != nullptr) {
    results.resize(num_own);
    *outputs = std::move(results);
  }
  return values;
}

namespace {

bool fits(const artifact::Artifact& artifact, const artifact::VariantInfo& variant,
          std::uint32_t number, std::uint32_t input, const HostTensor& tensor) {
  for (const artifact::SpecialisedInput& fixed : variant.specialised) {
    if (fixed.input != input) continue;
    return fixed.dims == tensor.shape && fixed.bytes.size() == tensor.bytes.size() &&
           std::memcmp(fixed.bytes.data(), tensor.bytes.data(), fixed.bytes.size()) == 0;
  }
  if (variant.inputs[input] == RDU_NONE) return true;
  const auto& value = at<rdu_value>(artifact.graph(0, number).values, variant.inputs[input]);
  if (value.rank != tensor.shape.size()) return false;
  for (std::uint32_t d = 0; d < value.rank; ++d) {
    const bool bounded = value.dim_values[d] != RDU_NONE && tensor.shape[d] <= value.dims[d];
    if (value.dims[d] != tensor.shape[d] && !bounded) return false;
  }
  return true;
}

// The input that each tensor is for: by name, the others in order to those left over.
std::vector<std::uint32_t> inputs_of(const artifact::SignatureInfo& signature,
                                     std::span<const HostTensor> tensors) {
  std::vector<std::uint32_t> numbers(tensors.size(), RDU_NONE);
  std::vector<bool> taken(signature.inputs.size(), false);
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    for (std::uint32_t i = 0; i < signature.inputs.size(); ++i) {
      if (tensors[t].name.empty() || tensors[t].name != signature.inputs[i].name) continue;
      numbers[t] = i;
      taken[i] = true;
    }
  }
  std::uint32_t next = 0;
  for (std::uint32_t& number : numbers) {
    if (number != RDU_NONE) continue;
    while (next < taken.size() && (taken[next] || !signature.inputs[next].variable.empty())) ++next;
    if (next < taken.size()) number = next++;
  }
  return numbers;
}

}  // namespace

std::uint32_t find_variant(const artifact::Artifact& artifact, std::span<const HostTensor> inputs) {
  const artifact::SignatureInfo& signature = artifact.signatures()[0];
  if (signature.variants.size() == 1) return 0;
  const auto numbers = inputs_of(signature, inputs);
  for (std::uint32_t v = 0; v < signature.variants.size(); ++v) {
    bool all = true;
    for (std::size_t t = 0; t < inputs.size(); ++t) {
      all = all && (numbers[t] == RDU_NONE ||
                    fits(artifact, signature.variants[v], v, numbers[t], inputs[t]));
    }
    if (all) return v;
  }
  throw ToolError("the inputs fit none of the " + std::to_string(signature.variants.size()) +
                  " variants ('rdu inspect' lists them)");
}

}  // namespace rdu::tool
