// An artifact opened up: values that live between its nodes become outputs, so that a run shows them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "tools/rdu/session.hpp"

namespace rdu::tool {

// A value that nodes of the main graph write, as it is after fusion. A sub-graph's own values are not among them: what
// it computes shows in the results of the node that runs it.
struct ProbedValue {
  std::uint32_t value = 0;             // of the variant
  std::vector<std::uint32_t> writers;  // node numbers, ascending: more than one where they join
  std::uint64_t bytes = 0;
  std::string variable;  // not empty: it is read from the state after the run
};

// Neighbours in a list of probed values.
using ProbeWindow = std::span<const ProbedValue>;

// Pieces of the list whose values together need at most `bytes`; a larger value stands alone.
std::vector<ProbeWindow> windows_of(ProbeWindow values, std::uint64_t bytes);

class Probe {
 public:
  // Borrows the artifact; its first signature.
  Probe(const artifact::Artifact& artifact, std::uint32_t variant);

  const rdu_graph& graph() const { return graph_; }
  // In the order in which the graph completes them.
  const std::vector<ProbedValue>& values() const { return values_; }
  // The number in values() of what holds the bytes of this value; nothing for constants, inputs and sub-graphs' values.
  std::optional<std::size_t> find(std::uint32_t value) const;

  // The names of the source model's tensors that this value is, in whatever shape.
  std::vector<std::string> tensor_names(std::uint32_t value) const;
  // The writer that an element of the value comes from, at its position.
  std::uint32_t writer_of(const ProbedValue& value, std::span<const std::int64_t> position) const;

  // This variant alone; the outputs that it had come first, then the values of the window that are none.
  AlignedBytes artifact_with(ProbeWindow window) const;

 private:
  // The values that a run of the model yields: its outputs, without those that the state keeps.
  std::vector<std::uint32_t> outputs_of_run() const;
  // The number among them of the one that has this value's bytes.
  std::optional<std::size_t> find_output(std::uint32_t value) const;
  void add_output(artifact::Signature& signature, std::uint32_t value) const;
  friend std::vector<HostTensor> run_probe(const Probe&, ProbeWindow, rdu_program*,
                                           std::vector<HostTensor>&, rdu_state*,
                                           std::vector<HostTensor>*);

  const artifact::Artifact& artifact_;
  std::uint32_t variant_;
  const rdu_graph& graph_;
  std::vector<ProbedValue> values_;
  std::map<std::uint32_t, std::size_t> number_of_;  // by storage: number in values_
};

// One run of an artifact_with(window): the window's values in order. The model's own outputs go to `outputs` where it
// is not null.
std::vector<HostTensor> run_probe(const Probe& probe, ProbeWindow window, rdu_program* program,
                                  std::vector<HostTensor>& inputs, rdu_state* state,
                                  std::vector<HostTensor>* outputs);

// Gives the bytes of a value the extents of another shape of it, where no run decides them.
void show_as(const rdu_value& value, HostTensor& tensor);

// The variant of the first signature that these inputs fit, by name where they have the input's, else by position.
// Throws ToolError naming the variants where none does.
std::uint32_t find_variant(const artifact::Artifact& artifact, std::span<const HostTensor> inputs);

}  // namespace rdu::tool
