// Flat arrays → vectors of FlatBuffer structs, element by element.
#include "sdk/artifact/encode_graph.hpp"

#include <bit>
#include <cstring>
#include <string_view>

namespace rdu::artifact {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

// The union's member does not matter: both are 64 bits that start at its address.
template <class U>
std::uint64_t bits_of(const U& value) {
  std::uint64_t bits;
  static_assert(sizeof(value) == sizeof bits);
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

class Strings {
 public:
  explicit Strings(FlatBufferBuilder& builder) : builder_(builder) {}

  // Equal text is stored once, but every use has a number of its own: numbers need no search.
  std::uint32_t add(const char* text) {
    offsets_.push_back(builder_.CreateSharedString(text));
    return static_cast<std::uint32_t>(offsets_.size() - 1);
  }
  const std::vector<Offset<String>>& offsets() const { return offsets_; }

 private:
  FlatBufferBuilder& builder_;
  std::vector<Offset<String>> offsets_;
};

template <class Out, class In, class F>
Offset<flatbuffers::Vector<const Out*>> structs(FlatBufferBuilder& builder,
                                                const std::vector<In>& items, F&& convert) {
  std::vector<Out> converted;
  converted.reserve(items.size());
  for (const In& item : items) converted.push_back(convert(item));
  return builder.CreateVectorOfStructs(converted);
}

struct Values {
  std::vector<fbs::Value> values;
  std::vector<std::int64_t> dims;
  std::vector<std::uint32_t> dim_values;
};

Values encode_values(const FlatGraph& graph, Strings& strings) {
  Values out;
  for (const rdu_value& value : graph.values) {
    const auto first_dim = static_cast<std::uint32_t>(out.dims.size());
    out.dims.insert(out.dims.end(), value.dims, value.dims + value.rank);
    bool bounded = false;
    for (std::uint32_t d = 0; d < value.rank; ++d) bounded |= value.dim_values[d] != RDU_NONE;
    std::uint32_t first_dim_value = RDU_NONE;
    if (bounded) {
      first_dim_value = static_cast<std::uint32_t>(out.dim_values.size());
      out.dim_values.insert(out.dim_values.end(), value.dim_values, value.dim_values + value.rank);
    }
    out.values.emplace_back(
        strings.add(value.name), value.storage, value.encoding, first_dim, first_dim_value,
        value.segment, value.segment_offset, static_cast<std::uint8_t>(value.dtype),
        static_cast<std::uint8_t>(value.role), static_cast<std::uint8_t>(value.rank));
  }
  return out;
}

fbs::Code code_of(const rdu_program_code& code) {
  return {code.first_instr, code.num_instrs, code.first_result, code.num_results};
}

std::vector<fbs::Node> encode_nodes(const FlatGraph& graph, Strings& strings) {
  std::vector<fbs::Node> nodes;
  for (const rdu_node& n : graph.nodes) {
    const std::uint32_t name = strings.add(n.name);
    const std::uint32_t origin = strings.add(n.origin);
    nodes.emplace_back(name, origin, n.pattern, n.num_parallel, n.first_loop, n.num_loops,
                       n.first_read, n.num_reads, n.first_write, n.num_writes, code_of(n.body),
                       code_of(n.epilogue), n.combine, n.acc_dtype, n.base, n.condition,
                       n.descending, n.graphs[0], n.graphs[1], n.first_port, n.num_ports);
  }
  return nodes;
}

std::vector<fbs::Variable> encode_variables(const FlatGraph& graph, Strings& strings) {
  std::vector<fbs::Variable> variables;
  for (const rdu_variable& v : graph.variables) {
    variables.emplace_back(v.grows_by, strings.add(v.name), v.read, v.write, v.initial, v.length,
                           v.axis);
  }
  return variables;
}

struct Origins {
  std::vector<fbs::Origin> origins;
  std::vector<fbs::OriginTensor> tensors;
  std::vector<fbs::OriginList> lists;  // by node
};

Origins encode_origins(const FlatGraph& graph, Strings& strings) {
  Origins out;
  for (const rdu_origin& o : graph.origins) {
    const std::uint32_t name = strings.add(o.name);
    const std::uint32_t op_type = strings.add(o.op_type);
    const std::uint32_t domain = strings.add(o.domain);
    out.origins.emplace_back(name, op_type, domain, o.fate, o.parent, o.first_tensor,
                             o.num_tensors);
  }
  for (const rdu_origin_tensor& tensor : graph.origin_tensors) {
    out.tensors.emplace_back(strings.add(tensor.name), tensor.value);
  }
  for (const rdu_node& n : graph.nodes) out.lists.emplace_back(n.first_origin, n.num_origins);
  return out;
}

fbs::Index index_of(const rdu_index& i) {
  return {i.offset,
          i.div,
          i.mod,
          i.first_term,
          i.num_terms,
          i.source,
          i.first_source_index,
          static_cast<std::uint8_t>(i.exact),
          static_cast<std::uint8_t>(i.outside)};
}

fbs::Port port_of(const rdu_port& p) {
  return {p.kind, p.slot, p.outer, p.result, p.inner_in, p.inner_out, p.axis, p.reverse};
}

fbs::Encoding encoding_of(const rdu_encoding& e) {
  return {e.kind,       e.scale,      e.zero_point,  e.axis,          e.block_rows,
          e.block_cols, e.row_starts, e.col_indices, e.low_rank_left, e.low_rank_right};
}

fbs::Subgraph subgraph_of(const rdu_subgraph& g) {
  return {g.first_node, g.num_nodes, g.first_input, g.num_inputs, g.first_output, g.num_outputs};
}

fbs::Instr instr_of(const rdu_instr& i) {
  return {bits_of(i.imm),
          i.a,
          i.b,
          i.c,
          static_cast<std::uint16_t>(i.op),
          static_cast<std::uint16_t>(i.dtype)};
}

}  // namespace

flatbuffers::Offset<fbs::Graph> encode_graph(FlatBufferBuilder& b, const FlatGraph& graph) {
  Strings strings(b);
  const Values values = encode_values(graph, strings);
  const std::vector<fbs::Node> nodes = encode_nodes(graph, strings);
  const std::vector<fbs::Variable> variables = encode_variables(graph, strings);
  const Origins origins = encode_origins(graph, strings);

  const auto loops = structs<fbs::Loop>(b, graph.loops, [](const rdu_loop& l) {
    return fbs::Loop(l.extent, l.extent_value, l.role);
  });
  const auto reads = structs<fbs::Read>(b, graph.reads, [](const rdu_read& r) {
    return fbs::Read(bits_of(r.fill), r.value, r.first_index, r.fill_value);
  });
  const auto writes = structs<fbs::Write>(
      b, graph.writes, [](const rdu_write& w) { return fbs::Write(w.value, w.first_index); });
  const auto terms = structs<fbs::Term>(
      b, graph.terms, [](const rdu_term& t) { return fbs::Term(t.coef, t.loop); });
  const auto indices = structs<fbs::Index>(b, graph.indices, index_of);
  const auto instrs = structs<fbs::Instr>(b, graph.instrs, instr_of);
  const auto ports = structs<fbs::Port>(b, graph.ports, port_of);
  const auto encodings = structs<fbs::Encoding>(b, graph.encodings, encoding_of);
  const auto subgraphs = structs<fbs::Subgraph>(b, graph.graphs, subgraph_of);

  const auto text = b.CreateVector(strings.offsets());
  const auto value_structs = b.CreateVectorOfStructs(values.values);
  const auto dims = b.CreateVector(values.dims);
  const auto dim_values = b.CreateVector(values.dim_values);
  const auto node_structs = b.CreateVectorOfStructs(nodes);
  const auto results = b.CreateVector(graph.results);
  const auto lists = b.CreateVector(graph.value_lists);
  const auto variable_structs = b.CreateVectorOfStructs(variables);
  const auto origin_structs = b.CreateVectorOfStructs(origins.origins);
  const auto origin_tensors = b.CreateVectorOfStructs(origins.tensors);
  const auto node_origins = b.CreateVectorOfStructs(origins.lists);
  const auto origin_lists = b.CreateVector(graph.origin_lists);
  return fbs::CreateGraph(b, text, value_structs, dims, dim_values, encodings, node_structs,
                          subgraphs, loops, reads, writes, indices, terms, instrs, results, ports,
                          lists, variable_structs, origin_structs, origin_tensors, node_origins,
                          origin_lists);
}

}  // namespace rdu::artifact
