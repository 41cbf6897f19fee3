// A variant's graph as the flat arrays of <rdu/graph.h>, and the conversion from the plain C++ model.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

// Owns the arrays that an rdu_graph shows. Text and constants are borrowed from where they lie: the model, or the
// metadata and the segments of an opened artifact.
struct FlatGraph {
  std::vector<rdu_value> values;
  std::vector<rdu_encoding> encodings;
  std::vector<rdu_node> nodes;
  std::vector<rdu_subgraph> graphs;
  std::vector<rdu_loop> loops;
  std::vector<rdu_read> reads;
  std::vector<rdu_write> writes;
  std::vector<rdu_index> indices;
  std::vector<rdu_term> terms;
  std::vector<rdu_instr> instrs;
  std::vector<std::uint32_t> results;
  std::vector<rdu_port> ports;
  std::vector<std::uint32_t> value_lists;
  std::vector<rdu_section> sections;
  std::vector<rdu_variable> variables;
  std::vector<rdu_origin> origins;
  std::vector<rdu_origin_tensor> origin_tensors;
  std::vector<std::uint32_t> origin_lists;

  // Valid while the arrays are neither changed nor moved.
  rdu_graph view() const;
};

// Writes out what a model may leave unsaid: the identity access of a write, an epilogue that is the bare result of
// the combine, the writes of scan and control (the results of their ports, in order), several terms of one loop.
// Constants get no segment. Fails only where the model cannot be laid out (an array beyond 32 bits, a shape beyond
// RDU_MAX_RANK); whether the graph is legal is the validator's question. Borrows from `variant`.
base::Result<FlatGraph> flatten(const Variant& variant);

// The opposite: a model that flattens to the same arrays. Constants borrow from `graph`; cuts other than the portable
// one, signatures and dimension names are not part of a graph.
Variant unflatten(const rdu_graph& graph);

}  // namespace rdu::artifact
