// Lays a variant out as flat arrays, writing out what the model may leave unsaid.
#include <algorithm>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;
using base::Result;

template <class T>
std::uint32_t count_of(const std::vector<T>& items) {
  return static_cast<std::uint32_t>(items.size());
}

bool is_reduction(const Node& node) {
  return node.pattern == RDU_PATTERN_REDUCE || node.pattern == RDU_PATTERN_CONTRACT ||
         (node.pattern == RDU_PATTERN_GATHER && node.combine != RDU_COMBINE_NONE);
}

bool writes_whole_values(const Node& node) {
  return node.pattern == RDU_PATTERN_FILTER || node.pattern == RDU_PATTERN_SORT ||
         node.pattern == RDU_PATTERN_SCAN || node.pattern == RDU_PATTERN_CONTROL;
}

bool is_argument(rdu_combine_op op) {
  return op >= RDU_COMBINE_ARGMIN_FIRST && op <= RDU_COMBINE_ARGMAX_LAST;
}

class Flattener {
 public:
  explicit Flattener(const Variant& variant) : variant_(variant) {}

  Result<FlatGraph> run() {
    for (const Value& value : variant_.values) RDU_TRY(add_value(value));
    for (const Encoding& encoding : variant_.encodings) add_encoding(encoding);
    for (const Origin& origin : variant_.origins) add_origin(origin);
    for (const Graph& graph : variant_.graphs) add_graph(graph);
    for (const VariableUse& use : variant_.variables) {
      flat_.variables.push_back({use.name.c_str(), use.read, use.write, use.initial, use.length,
                                 use.axis, 0, use.grows_by});
    }
    if (!variant_.cuts.empty()) {
      for (const Section& section : variant_.cuts.front().sections) {
        flat_.sections.push_back({section.first_node, section.end_node, 0, 0, 0, 0});
      }
    }
    // Every array is reached by 32-bit numbers, and the longest are these.
    if (std::max({flat_.indices.size(), flat_.terms.size(), flat_.instrs.size(),
                  flat_.values.size()}) >= RDU_NONE) {
      return fail(Code::kLimit, "the graph has more than 2^32 - 2 indices, terms or instructions");
    }
    return std::move(flat_);
  }

 private:
  Result<void> add_value(const Value& value) {
    const std::uint32_t id = count_of(flat_.values);
    if (value.dims.size() > RDU_MAX_RANK) {
      return fail(Code::kUnsupported, "value %u \"%s\" has rank %zu, the limit is %d", id,
                  value.name.c_str(), value.dims.size(), RDU_MAX_RANK);
    }
    if (!value.dim_values.empty() && value.dim_values.size() != value.dims.size()) {
      return fail(Code::kInvalidArgument, "value %u \"%s\" has %zu dimensions and %zu dim_values",
                  id, value.name.c_str(), value.dims.size(), value.dim_values.size());
    }
    rdu_value flat{};
    flat.name = value.name.c_str();
    flat.dtype = value.dtype;
    flat.role = value.role;
    flat.rank = static_cast<std::uint32_t>(value.dims.size());
    flat.storage = value.storage == kNone ? id : value.storage;
    std::copy(value.dims.begin(), value.dims.end(), flat.dims);
    std::fill(std::begin(flat.dim_values), std::end(flat.dim_values), RDU_NONE);
    std::copy(value.dim_values.begin(), value.dim_values.end(), flat.dim_values);
    const bool constant = value.role == RDU_ROLE_PARAMETER || value.role == RDU_ROLE_CONSTANT;
    flat.data = constant ? value.data.bytes.data() : nullptr;
    flat.bytes = constant ? value.data.bytes.size()
                          : base::storage_bytes(value.dtype, value.dims).value_or(0);
    flat.encoding = value.encoding;
    flat.first_node = RDU_NONE;
    flat.last_node = RDU_NONE;
    flat.segment = RDU_NONE;
    flat_.values.push_back(flat);
    return {};
  }

  void add_encoding(const Encoding& e) {
    flat_.encodings.push_back({e.kind, e.scale, e.zero_point, e.axis, e.block_rows, e.block_cols,
                               e.row_starts, e.col_indices, e.low_rank_left, e.low_rank_right});
  }

  void add_origin(const Origin& origin) {
    flat_.origins.push_back({origin.name.c_str(), origin.op_type.c_str(), origin.domain.c_str(),
                             origin.fate, origin.parent, count_of(flat_.origin_tensors),
                             count_of(origin.tensors)});
    for (const OriginTensor& tensor : origin.tensors) {
      flat_.origin_tensors.push_back({tensor.name.c_str(), tensor.value, 0});
    }
  }

  void add_graph(const Graph& graph) {
    rdu_subgraph flat{};
    flat.first_node = count_of(flat_.nodes);
    flat.num_nodes = count_of(graph.nodes);
    flat.first_input = add_list(graph.inputs);
    flat.num_inputs = count_of(graph.inputs);
    flat.first_output = add_list(graph.outputs);
    flat.num_outputs = count_of(graph.outputs);
    flat_.graphs.push_back(flat);
    for (const Node& node : graph.nodes) add_node(node);
  }

  std::uint32_t add_list(const std::vector<ValueId>& values) {
    const std::uint32_t first = count_of(flat_.value_lists);
    flat_.value_lists.insert(flat_.value_lists.end(), values.begin(), values.end());
    return first;
  }

  void add_node(const Node& node) {
    rdu_node flat{};
    flat.name = node.name.c_str();
    flat.origin = name_of_first(node.origins);
    flat.first_origin = count_of(flat_.origin_lists);
    flat.num_origins = count_of(node.origins);
    flat_.origin_lists.insert(flat_.origin_lists.end(), node.origins.begin(), node.origins.end());
    flat.pattern = node.pattern;
    flat.num_parallel = node.num_parallel;
    flat.first_loop = count_of(flat_.loops);
    flat.num_loops = count_of(node.loops);
    for (const Loop& loop : node.loops) {
      flat_.loops.push_back({loop.extent, loop.extent_value, loop.role});
    }
    flat.first_read = count_of(flat_.reads);
    flat.num_reads = count_of(node.reads);
    for (const Read& read : node.reads) add_read(read);
    flat.first_write = count_of(flat_.writes);
    add_writes(node);
    flat.num_writes = count_of(flat_.writes) - flat.first_write;
    flat.body = add_program(node.body);
    flat.epilogue = add_epilogue(node);
    flat.combine = node.combine;
    flat.acc_dtype = node.acc_dtype;
    flat.base = node.base;
    flat.condition = node.condition;
    flat.descending = node.descending;
    flat.graphs[0] = node.graphs[0];
    flat.graphs[1] = node.graphs[1];
    flat.first_port = count_of(flat_.ports);
    flat.num_ports = count_of(node.ports);
    for (const Port& p : node.ports) {
      flat_.ports.push_back({p.kind, p.slot, p.outer, p.result, p.inner_in, p.inner_out, p.axis,
                             p.reverse ? 1u : 0u});
    }
    flat_.nodes.push_back(flat);
  }

  const char* name_of_first(const std::vector<std::uint32_t>& origins) const {
    const bool known = !origins.empty() && origins.front() < variant_.origins.size();
    return known ? variant_.origins[origins.front()].name.c_str() : "";
  }

  std::uint32_t rank_of(ValueId value) const {
    return value < variant_.values.size() ? count_of(variant_.values[value].dims) : 0;
  }

  bool is_float_value(ValueId value) const {
    return value < variant_.values.size() && base::is_float(variant_.values[value].dtype);
  }

  void add_read(const Read& read) {
    rdu_read flat{};
    flat.value = read.value;
    flat.first_index = add_access(read.access);
    flat.fill_value = read.fill_value;
    if (is_float_value(read.value)) {
      flat.fill.f = read.fill.f;
    } else {
      flat.fill.i = read.fill.i;
    }
    flat_.reads.push_back(flat);
  }

  void add_writes(const Node& node) {
    if (node.writes.empty() && !node.ports.empty()) {
      add_port_results(node);
      return;
    }
    for (const Write& write : node.writes) {
      std::uint32_t first = RDU_NONE;
      if (!writes_whole_values(node)) {
        const std::uint32_t rank = rank_of(write.value);
        first = write.access.empty() && rank > 0 ? add_identity(rank) : add_access(write.access);
      }
      flat_.writes.push_back({write.value, first});
    }
  }

  // A result that both branches of a control node yield is written once.
  void add_port_results(const Node& node) {
    const auto begin = static_cast<std::ptrdiff_t>(flat_.writes.size());
    for (const Port& port : node.ports) {
      const bool known =
          std::any_of(flat_.writes.begin() + begin, flat_.writes.end(),
                      [&](const rdu_write& write) { return write.value == port.result; });
      if (port.result != kNone && !known) flat_.writes.push_back({port.result, RDU_NONE});
    }
  }

  std::uint32_t add_identity(std::uint32_t rank) {
    Access access(rank);
    for (std::uint32_t dim = 0; dim < rank; ++dim) access[dim].terms.push_back({dim, 1});
    return add_access(access);
  }

  // The indices of one access are adjacent, so those that they read through come after all of them.
  std::uint32_t add_access(const Access& access) {
    const std::uint32_t first = count_of(flat_.indices);
    for (const Index& index : access) add_index(index);
    for (std::size_t i = 0; i < access.size(); ++i) {
      if (access[i].source == kNone) continue;
      const std::uint32_t source = add_access(access[i].source_access);
      flat_.indices[first + i].first_source_index = source;
    }
    return first;
  }

  void add_index(const Index& index) {
    rdu_index flat{};
    flat.offset = index.offset;
    flat.div = index.div;
    flat.mod = index.mod;
    flat.first_term = count_of(flat_.terms);
    for (const Term& term : index.terms) add_term(term, flat.first_term);
    flat.num_terms = count_of(flat_.terms) - flat.first_term;
    flat.exact = index.exact ? 1 : 0;
    flat.outside = index.outside;
    flat.source = index.source;
    flat.first_source_index = RDU_NONE;
    flat_.indices.push_back(flat);
  }

  void add_term(const Term& term, std::uint32_t first) {
    const auto same = std::find_if(flat_.terms.begin() + first, flat_.terms.end(),
                                   [&](const rdu_term& t) { return t.loop == term.loop; });
    std::int64_t sum = 0;
    if (same == flat_.terms.end() || __builtin_add_overflow(same->coef, term.coef, &sum)) {
      if (term.coef != 0) flat_.terms.push_back({term.loop, 0, term.coef});
    } else if (sum != 0) {
      same->coef = sum;
    } else {
      flat_.terms.erase(same);
    }
  }

  rdu_program_code add_program(const Program& program) {
    const rdu_program_code code{count_of(flat_.instrs), count_of(program.code),
                                count_of(flat_.results), count_of(program.results)};
    for (const Instr& instr : program.code) {
      rdu_instr flat{};
      flat.op = instr.op;
      flat.dtype = instr.dtype;
      flat.a = instr.a;
      flat.b = instr.b;
      flat.c = instr.c;
      if (instr.op == RDU_OP_CONST && base::is_float(instr.dtype)) {
        flat.imm.f = instr.imm.f;
      } else {
        flat.imm.i = instr.imm.i;
      }
      flat_.instrs.push_back(flat);
    }
    flat_.results.insert(flat_.results.end(), program.results.begin(), program.results.end());
    return code;
  }

  rdu_program_code add_epilogue(const Node& node) {
    if (!is_reduction(node) || !node.epilogue.code.empty()) return add_program(node.epilogue);
    Program bare;
    Instr acc;
    acc.op = RDU_OP_ACC;
    acc.dtype = is_argument(node.combine) ? RDU_DTYPE_I64 : node.acc_dtype;
    bare.code.push_back(acc);
    bare.results.push_back(0);
    return add_program(bare);
  }

  const Variant& variant_;
  FlatGraph flat_;
};

}  // namespace

Result<FlatGraph> flatten(const Variant& variant) { return Flattener(variant).run(); }

}  // namespace rdu::artifact
