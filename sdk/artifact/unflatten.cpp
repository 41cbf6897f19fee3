// Rebuilds the plain C++ model from a graph view.
#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

class Unflattener {
 public:
  explicit Unflattener(const rdu_graph& graph) : graph_(graph) {}

  Variant run() {
    Variant variant;
    for (const rdu_value& value : each<rdu_value>(graph_.values)) {
      variant.values.push_back(value_of(value, static_cast<ValueId>(variant.values.size())));
    }
    for (const rdu_encoding& e : each<rdu_encoding>(graph_.encodings)) {
      variant.encodings.push_back({e.kind, e.scale, e.zero_point, e.axis, e.block_rows,
                                   e.block_cols, e.row_starts, e.col_indices, e.low_rank_left,
                                   e.low_rank_right});
    }
    for (const rdu_origin& origin : each<rdu_origin>(graph_.origins)) {
      variant.origins.push_back(origin_of(origin));
    }
    for (const rdu_subgraph& graph : each<rdu_subgraph>(graph_.graphs)) {
      variant.graphs.push_back(graph_of(graph));
    }
    for (const rdu_variable& use : each<rdu_variable>(graph_.variables)) {
      variant.variables.push_back(
          {use.name, use.read, use.write, use.initial, use.length, use.axis, use.grows_by});
    }
    Cut portable;
    for (const rdu_section& section : each<rdu_section>(graph_.sections)) {
      portable.sections.push_back({section.first_node, section.end_node, {}, {}});
    }
    variant.cuts.push_back(std::move(portable));
    return variant;
  }

 private:
  static Value value_of(const rdu_value& flat, ValueId id) {
    Value value;
    value.name = flat.name;
    value.dtype = flat.dtype;
    value.role = flat.role;
    value.dims.assign(flat.dims, flat.dims + flat.rank);
    bool bounded = false;
    for (std::uint32_t dim = 0; dim < flat.rank; ++dim) bounded |= flat.dim_values[dim] != RDU_NONE;
    if (bounded) value.dim_values.assign(flat.dim_values, flat.dim_values + flat.rank);
    value.storage = flat.storage == id ? kNone : flat.storage;
    value.encoding = flat.encoding;
    if (flat.role == RDU_ROLE_PARAMETER || flat.role == RDU_ROLE_CONSTANT) {
      value.data.bytes = {static_cast<const std::byte*>(flat.data), flat.bytes};
    }
    return value;
  }

  Origin origin_of(const rdu_origin& flat) const {
    Origin origin{flat.name, flat.op_type, flat.domain, flat.fate, flat.parent, {}};
    for (const rdu_origin_tensor& tensor :
         slice<rdu_origin_tensor>(graph_.origin_tensors, flat.first_tensor, flat.num_tensors)) {
      origin.tensors.push_back({tensor.name, tensor.value});
    }
    return origin;
  }

  Graph graph_of(const rdu_subgraph& flat) const {
    Graph graph;
    for (const std::uint32_t id : list(graph_, flat.first_input, flat.num_inputs)) {
      graph.inputs.push_back(id);
    }
    for (const std::uint32_t id : list(graph_, flat.first_output, flat.num_outputs)) {
      graph.outputs.push_back(id);
    }
    for (const rdu_node& node : slice<rdu_node>(graph_.nodes, flat.first_node, flat.num_nodes)) {
      graph.nodes.push_back(node_of(node));
    }
    return graph;
  }

  Node node_of(const rdu_node& flat) const {
    Node node;
    node.name = flat.name;
    for (const std::uint32_t origin :
         slice<std::uint32_t>(graph_.origin_lists, flat.first_origin, flat.num_origins)) {
      node.origins.push_back(origin);
    }
    node.pattern = static_cast<rdu_pattern>(flat.pattern);
    node.num_parallel = flat.num_parallel;
    for (const rdu_loop& loop : slice<rdu_loop>(graph_.loops, flat.first_loop, flat.num_loops)) {
      node.loops.push_back({loop.extent, loop.extent_value, loop.role});
    }
    for (const rdu_read& read : slice<rdu_read>(graph_.reads, flat.first_read, flat.num_reads)) {
      node.reads.push_back(read_of(read));
    }
    for (const rdu_write& w : slice<rdu_write>(graph_.writes, flat.first_write, flat.num_writes)) {
      node.writes.push_back({w.value, w.first_index == RDU_NONE
                                          ? Access{}
                                          : access_of(w.first_index, rank_of(w.value))});
    }
    node.body = program_of(flat.body);
    node.epilogue = program_of(flat.epilogue);
    node.combine = static_cast<rdu_combine_op>(flat.combine);
    node.acc_dtype = flat.acc_dtype;
    node.base = flat.base;
    node.condition = flat.condition;
    node.descending = flat.descending;
    node.graphs = {flat.graphs[0], flat.graphs[1]};
    for (const rdu_port& p : slice<rdu_port>(graph_.ports, flat.first_port, flat.num_ports)) {
      node.ports.push_back(
          {p.kind, p.slot, p.outer, p.result, p.inner_in, p.inner_out, p.axis, p.reverse != 0});
    }
    return node;
  }

  std::uint32_t rank_of(ValueId id) const { return at<rdu_value>(graph_.values, id).rank; }

  Read read_of(const rdu_read& flat) const {
    Read read;
    read.value = flat.value;
    read.access = access_of(flat.first_index, rank_of(flat.value));
    read.fill_value = flat.fill_value;
    if (base::is_float(at<rdu_value>(graph_.values, flat.value).dtype)) {
      read.fill.f = flat.fill.f;
    } else {
      read.fill.i = flat.fill.i;
    }
    return read;
  }

  Access access_of(std::uint32_t first, std::uint32_t rank) const {
    Access access;
    for (const rdu_index& flat : slice<rdu_index>(graph_.indices, first, rank)) {
      Index index;
      index.offset = flat.offset;
      for (const rdu_term& t : slice<rdu_term>(graph_.terms, flat.first_term, flat.num_terms)) {
        index.terms.push_back({t.loop, t.coef});
      }
      index.div = flat.div;
      index.mod = flat.mod;
      index.exact = flat.exact != 0;
      index.outside = flat.outside;
      index.source = flat.source;
      if (flat.source != RDU_NONE) {
        index.source_access = access_of(flat.first_source_index, rank_of(flat.source));
      }
      access.push_back(std::move(index));
    }
    return access;
  }

  Program program_of(const rdu_program_code& code) const {
    Program program;
    for (const rdu_instr& flat :
         slice<rdu_instr>(graph_.instrs, code.first_instr, code.num_instrs)) {
      Instr instr;
      instr.op = static_cast<rdu_body_op>(flat.op);
      instr.dtype = flat.dtype;
      instr.a = flat.a;
      instr.b = flat.b;
      instr.c = flat.c;
      if (flat.op == RDU_OP_CONST && base::is_float(flat.dtype)) {
        instr.imm.f = flat.imm.f;
      } else {
        instr.imm.i = flat.imm.i;
      }
      program.code.push_back(instr);
    }
    for (const std::uint32_t r :
         slice<std::uint32_t>(graph_.results, code.first_result, code.num_results)) {
      program.results.push_back(r);
    }
    return program;
  }

  const rdu_graph& graph_;
};

}  // namespace

Variant unflatten(const rdu_graph& graph) { return Unflattener(graph).run(); }

}  // namespace rdu::artifact
