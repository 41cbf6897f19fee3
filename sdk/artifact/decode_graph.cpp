// FlatBuffer structs → flat arrays: names and constants become pointers here, everything else is copied.
#include "sdk/artifact/decode_graph.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "sdk/artifact/format.hpp"
#include "sdk/base/checked.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;
using base::Result;

// Names are scanned wherever they are used; this keeps a file of many uses of one long name cheap.
constexpr std::uint32_t kMaxNameBytes = 4096;

// What a constant of no bytes points at.
alignas(kConstantAlignment) constexpr std::byte kNoBytes[kConstantAlignment]{};

template <class Out, class In, class F>
void convert(std::span<const In> items, std::vector<Out>& out, F&& function) {
  out.reserve(items.size());
  for (const In& item : items) out.push_back(function(item));
}

template <class U>
U union_of(std::uint64_t bits) {
  U value;
  static_assert(sizeof value == sizeof bits);
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

rdu_program_code code_of(const fbs::Code& code) {
  return {code.first_instr(), code.num_instrs(), code.first_result(), code.num_results()};
}

rdu_index index_of(const fbs::Index& i) {
  return {i.offset(), i.div(),     i.mod(),    i.first_term(),        i.num_terms(),
          i.exact(),  i.outside(), i.source(), i.first_source_index()};
}

rdu_read read_of(const fbs::Read& r) {
  rdu_read read{};
  read.value = r.value();
  read.first_index = r.first_index();
  read.fill_value = r.fill_value();
  read.fill = union_of<decltype(read.fill)>(r.fill());
  return read;
}

rdu_instr instr_of(const fbs::Instr& i) {
  rdu_instr instr{};
  instr.op = i.op();
  instr.dtype = i.dtype();
  instr.a = i.a();
  instr.b = i.b();
  instr.c = i.c();
  instr.imm = union_of<decltype(instr.imm)>(i.imm());
  return instr;
}

rdu_port port_of(const fbs::Port& p) {
  return {p.kind(),     p.slot(),      p.outer(), p.result(),
          p.inner_in(), p.inner_out(), p.axis(),  p.reverse()};
}

rdu_encoding encoding_of(const fbs::Encoding& e) {
  return {e.kind(),       e.scale(),      e.zero_point(),  e.axis(),          e.block_rows(),
          e.block_cols(), e.row_starts(), e.col_indices(), e.low_rank_left(), e.low_rank_right()};
}

rdu_subgraph subgraph_of(const fbs::Subgraph& g) {
  return {g.first_node(), g.num_nodes(),    g.first_input(),
          g.num_inputs(), g.first_output(), g.num_outputs()};
}

class GraphDecoder {
 public:
  GraphDecoder(const fbs::Graph& graph, VectorReader& vectors,
               const std::vector<SegmentInfo>& segments)
      : graph_(graph), vectors_(vectors), segments_(segments) {}

  Result<FlatGraph> run() {
    RDU_TRY(read_strings());
    RDU_TRY(read_values());
    RDU_TRY(read_nodes());
    RDU_TRY(read_origins());
    RDU_TRY(read_variables());
    RDU_TRY(read_flat_arrays());
    return std::move(flat_);
  }

 private:
  Result<void> read_strings() {
    RDU_ASSIGN(const std::uint32_t count, vectors_.count(graph_.strings(), "strings"));
    strings_.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const flatbuffers::String* text = graph_.strings()->Get(i);
      if (text->size() > kMaxNameBytes) {
        return fail(Code::kLimit, "metadata: string %u has %u bytes, the limit is %u", i,
                    text->size(), kMaxNameBytes);
      }
      if (std::memchr(text->c_str(), 0, text->size()) != nullptr) {
        return fail(Code::kCorrupt, "metadata: string %u contains a zero byte", i);
      }
      strings_.push_back(text->c_str());
    }
    return {};
  }

  Result<const char*> string_at(std::uint32_t number, const char* what, std::size_t which) const {
    if (number < strings_.size()) return strings_[number];
    return fail(Code::kCorrupt, "metadata: %s %zu has string %u of %zu", what, which, number,
                strings_.size());
  }

  Result<void> read_values() {
    RDU_ASSIGN(const auto values, vectors_.structs(graph_.values(), "values"));
    RDU_ASSIGN(const auto dims, vectors_.scalars(graph_.dims(), "dims"));
    RDU_ASSIGN(const auto dim_values, vectors_.scalars(graph_.dim_values(), "dim_values"));
    flat_.values.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      rdu_value value{};
      RDU_ASSIGN(value.name, string_at(values[i].name(), "value", i));
      RDU_TRY(read_shape(values[i], i, dims, dim_values, value));
      RDU_TRY(read_bytes(values[i], i, value));
      flat_.values.push_back(value);
    }
    return {};
  }

  static Result<void> read_shape(const fbs::Value& from, std::size_t i,
                                 std::span<const std::int64_t> dims,
                                 std::span<const std::uint32_t> dim_values, rdu_value& value) {
    value.rank = from.rank();
    const bool bounded = from.first_dim_value() != RDU_NONE;
    if (value.rank > RDU_MAX_RANK ||
        !base::range_within(from.first_dim(), value.rank, dims.size()) ||
        (bounded && !base::range_within(from.first_dim_value(), value.rank, dim_values.size()))) {
      return fail(Code::kCorrupt, "metadata: value %zu has no shape: rank %u, dims at %u of %zu", i,
                  value.rank, from.first_dim(), dims.size());
    }
    std::copy_n(dims.begin() + from.first_dim(), value.rank, value.dims);
    std::fill(std::begin(value.dim_values), std::end(value.dim_values), RDU_NONE);
    if (bounded) {
      std::copy_n(dim_values.begin() + from.first_dim_value(), value.rank, value.dim_values);
    }
    return {};
  }

  Result<void> read_bytes(const fbs::Value& from, std::size_t i, rdu_value& value) const {
    value.dtype = from.dtype();
    value.role = from.role();
    value.storage = from.storage();
    value.encoding = from.encoding();
    value.first_node = RDU_NONE;
    value.last_node = RDU_NONE;
    value.segment = RDU_NONE;
    const auto bytes = base::storage_bytes(value.dtype, {value.dims, value.rank});
    if (!bytes) {
      return fail(Code::kCorrupt, "value %zu \"%s\": no size: dtype %u or its shape is wrong [V2]",
                  i, value.name, value.dtype);
    }
    value.bytes = *bytes;
    if (value.role != RDU_ROLE_PARAMETER && value.role != RDU_ROLE_CONSTANT) return {};
    if (value.bytes == 0) {
      value.data = kNoBytes;
      return {};
    }
    const std::uint64_t offset = from.segment_offset();
    if (from.segment() >= segments_.size() || offset % kConstantAlignment != 0 ||
        !base::range_within(offset, value.bytes, segments_[from.segment()].bytes.size())) {
      return fail(Code::kCorrupt,
                  "value %zu \"%s\": %llu bytes at offset %llu are not in segment %u of %zu [V4]",
                  i, value.name, static_cast<unsigned long long>(value.bytes),
                  static_cast<unsigned long long>(offset), from.segment(), segments_.size());
    }
    value.segment = from.segment();
    value.segment_offset = offset;
    value.data = segments_[value.segment].bytes.data() + offset;
    return {};
  }

  Result<void> read_nodes() {
    RDU_ASSIGN(const auto nodes, vectors_.structs(graph_.nodes(), "nodes"));
    flat_.nodes.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const fbs::Node& from = nodes[i];
      rdu_node node{};
      RDU_ASSIGN(node.name, string_at(from.name(), "node", i));
      RDU_ASSIGN(node.origin, string_at(from.origin(), "node", i));
      node.pattern = from.pattern();
      node.num_parallel = from.num_parallel();
      node.first_loop = from.first_loop();
      node.num_loops = from.num_loops();
      node.first_read = from.first_read();
      node.num_reads = from.num_reads();
      node.first_write = from.first_write();
      node.num_writes = from.num_writes();
      node.body = code_of(from.body());
      node.epilogue = code_of(from.epilogue());
      node.combine = from.combine();
      node.acc_dtype = from.acc_dtype();
      node.base = from.base();
      node.condition = from.condition();
      node.descending = from.descending();
      node.graphs[0] = from.then_graph();
      node.graphs[1] = from.else_graph();
      node.first_port = from.first_port();
      node.num_ports = from.num_ports();
      flat_.nodes.push_back(node);
    }
    return {};
  }

  Result<void> read_origins() {
    if (graph_.origins() == nullptr) return make_origins();
    RDU_ASSIGN(const auto origins, vectors_.structs(graph_.origins(), "origins"));
    RDU_ASSIGN(const auto tensors, vectors_.structs(graph_.origin_tensors(), "origin_tensors"));
    flat_.origins.reserve(origins.size());
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const fbs::Origin& from = origins[i];
      RDU_ASSIGN(const char* name, string_at(from.name(), "origin", i));
      RDU_ASSIGN(const char* op_type, string_at(from.op_type(), "origin", i));
      RDU_ASSIGN(const char* domain, string_at(from.domain(), "origin", i));
      flat_.origins.push_back({name, op_type, domain, from.fate(), from.parent(),
                               from.first_tensor(), from.num_tensors()});
    }
    flat_.origin_tensors.reserve(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      RDU_ASSIGN(const char* name, string_at(tensors[i].name(), "tensor of origins", i));
      flat_.origin_tensors.push_back({name, tensors[i].value(), 0});
    }
    return read_node_origins();
  }

  Result<void> read_node_origins() {
    RDU_ASSIGN(const auto of_nodes, vectors_.structs(graph_.node_origins(), "node_origins"));
    RDU_ASSIGN(const auto lists, vectors_.scalars(graph_.origin_lists(), "origin_lists"));
    flat_.origin_lists.assign(lists.begin(), lists.end());
    if (of_nodes.size() != flat_.nodes.size()) {
      return fail(Code::kCorrupt, "metadata: %zu nodes have origins, there are %zu",
                  of_nodes.size(), flat_.nodes.size());
    }
    for (std::size_t i = 0; i < of_nodes.size(); ++i) {
      flat_.nodes[i].first_origin = of_nodes[i].first();
      flat_.nodes[i].num_origins = of_nodes[i].count();
    }
    return {};
  }

  // Artifacts of the first writers know one origin per node, by name.
  Result<void> make_origins() {
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    for (rdu_node& node : flat_.nodes) {
      node.first_origin = static_cast<std::uint32_t>(flat_.origin_lists.size());
      if (*node.origin == '\0') continue;
      const auto next = static_cast<std::uint32_t>(flat_.origins.size());
      const auto [known, fresh] = numbers.try_emplace(node.origin, next);
      if (fresh) {
        flat_.origins.push_back({node.origin, "", "", RDU_ORIGIN_COMPUTED, RDU_NONE, 0, 0});
      }
      flat_.origin_lists.push_back(known->second);
      node.num_origins = 1;
    }
    return {};
  }

  Result<void> read_variables() {
    RDU_ASSIGN(const auto variables, vectors_.structs(graph_.variables(), "variables"));
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const fbs::Variable& from = variables[i];
      RDU_ASSIGN(const char* name, string_at(from.name(), "variable", i));
      flat_.variables.push_back({name, from.read(), from.write(), from.initial(), from.length(),
                                 from.axis(), 0, from.grows_by()});
    }
    return {};
  }

  Result<void> read_flat_arrays() {
    RDU_ASSIGN(const auto encodings, vectors_.structs(graph_.encodings(), "encodings"));
    convert(encodings, flat_.encodings, encoding_of);
    RDU_ASSIGN(const auto graphs, vectors_.structs(graph_.graphs(), "graphs"));
    convert(graphs, flat_.graphs, subgraph_of);
    RDU_ASSIGN(const auto loops, vectors_.structs(graph_.loops(), "loops"));
    convert(loops, flat_.loops, [](const fbs::Loop& l) {
      return rdu_loop{l.extent(), l.extent_value(), l.role()};
    });
    RDU_ASSIGN(const auto reads, vectors_.structs(graph_.reads(), "reads"));
    convert(reads, flat_.reads, read_of);
    RDU_ASSIGN(const auto writes, vectors_.structs(graph_.writes(), "writes"));
    convert(writes, flat_.writes, [](const fbs::Write& w) {
      return rdu_write{w.value(), w.first_index()};
    });
    RDU_ASSIGN(const auto indices, vectors_.structs(graph_.indices(), "indices"));
    convert(indices, flat_.indices, index_of);
    RDU_ASSIGN(const auto terms, vectors_.structs(graph_.terms(), "terms"));
    convert(terms, flat_.terms, [](const fbs::Term& t) { return rdu_term{t.loop(), 0, t.coef()}; });
    RDU_ASSIGN(const auto instrs, vectors_.structs(graph_.instrs(), "instrs"));
    convert(instrs, flat_.instrs, instr_of);
    RDU_ASSIGN(const auto ports, vectors_.structs(graph_.ports(), "ports"));
    convert(ports, flat_.ports, port_of);
    RDU_ASSIGN(const auto results, vectors_.scalars(graph_.results(), "results"));
    flat_.results.assign(results.begin(), results.end());
    RDU_ASSIGN(const auto lists, vectors_.scalars(graph_.value_lists(), "value_lists"));
    flat_.value_lists.assign(lists.begin(), lists.end());
    return {};
  }

  const fbs::Graph& graph_;
  VectorReader& vectors_;
  const std::vector<SegmentInfo>& segments_;
  std::vector<const char*> strings_;
  FlatGraph flat_;
};

}  // namespace

Result<FlatGraph> decode_graph(const fbs::Graph& graph, VectorReader& vectors,
                               const std::vector<SegmentInfo>& segments) {
  return GraphDecoder(graph, vectors, segments).run();
}

}  // namespace rdu::artifact
