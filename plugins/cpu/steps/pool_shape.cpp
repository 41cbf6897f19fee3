// Matches the accesses of a reduction against windows.
#include "plugins/cpu/steps/pool_shape.hpp"

namespace rdu::cpu {
namespace {

// Loops of one step do not matter.
bool counts(const plugin::Graph& graph, const rdu_node& node, std::uint32_t loop) {
  return graph.loops(node)[loop].extent != 1;
}

bool read_dimension(const plugin::Graph& graph, const rdu_node& node, const rdu_index& index,
                    PoolDimension& out) {
  const bool static_rule = index.outside == RDU_OUTSIDE_NEVER || index.outside == RDU_OUTSIDE_FILL;
  if (!static_rule || index.div > 1 || index.mod != 0 || index.exact != 0) return false;
  if (index.source != RDU_NONE) return false;
  out.offset = index.offset;
  for (const rdu_term& term : graph.terms(index)) {
    if (!counts(graph, node, term.loop)) continue;
    const bool result = term.loop < node.num_parallel;
    std::uint32_t& loop = result ? out.result_loop : out.tap_loop;
    if (loop != kMaxLoops || term.coef < 1) return false;
    loop = term.loop;
    (result ? out.stride : out.dilation) = term.coef;
  }
  return true;
}

// Reads the dimensions before the last two something else than channels and images?
bool reads_windows(const plugin::Graph& graph, const rdu_node& node, const rdu_index& index,
                   const PoolShape& shape) {
  for (const rdu_term& term : graph.terms(index)) {
    if (!counts(graph, node, term.loop)) continue;
    if (term.loop >= node.num_parallel) return true;
    if (term.loop == shape.y.result_loop || term.loop == shape.x.result_loop) return true;
  }
  return false;
}

bool slides(const PoolShape& shape) {
  return (shape.y.result_loop != kMaxLoops && shape.y.tap_loop != kMaxLoops) ||
         (shape.x.result_loop != kMaxLoops && shape.x.tap_loop != kMaxLoops);
}

bool is_byte(rdu_dtype dtype) { return dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_I8; }

// The read of `load`, or of `i32(load) - constant` where bytes are summed.
bool match_body(const plugin::View<rdu_instr>& code, const rdu_node& node, std::uint32_t reg,
                PoolShape& shape) {
  if (code[reg].op == RDU_OP_LOAD) {
    shape.read = code[reg].a;
    return code[reg].dtype == node.acc_dtype;
  }
  if (node.acc_dtype != RDU_DTYPE_I32 || node.combine != RDU_COMBINE_ADD) return false;
  if (code[reg].op == RDU_OP_SUB && code[code[reg].b].op == RDU_OP_CONST) {
    shape.zero = static_cast<std::int32_t>(code[code[reg].b].imm.i);
    reg = code[reg].a;
  }
  if (code[reg].op != RDU_OP_CAST || code[reg].dtype != RDU_DTYPE_I32) return false;
  const rdu_instr& load = code[code[reg].a];
  shape.widens = true;
  shape.read = load.a;
  return load.op == RDU_OP_LOAD && is_byte(load.dtype);
}

}  // namespace

std::optional<PoolShape> match_windows(const plugin::Graph& graph, const rdu_node& node) {
  const auto code = graph.instrs(node.body);
  if (node.pattern != RDU_PATTERN_REDUCE || node.body.num_results != 1) return {};
  if (graph.writes(node).size() != 1) return {};
  PoolShape shape;
  if (!match_body(code, node, graph.results(node.body)[0], shape)) return {};
  for (const rdu_loop& loop : graph.loops(node)) {
    if (loop.extent_value != RDU_NONE || loop.extent == 0) return {};
  }
  const rdu_read& read = graph.reads(node)[shape.read];
  const rdu_value& value = graph.value(read.value);
  if (read.fill_value != RDU_NONE || value.rank < 3) return {};
  for (std::uint32_t d = 0; d < value.rank; ++d) {
    if (value.dim_values[d] != RDU_NONE) return {};
  }
  const auto indices = graph.indices(read);
  shape.y.extent = value.dims[value.rank - 2];
  shape.x.extent = value.dims[value.rank - 1];
  if (!read_dimension(graph, node, indices[value.rank - 2], shape.y) ||
      !read_dimension(graph, node, indices[value.rank - 1], shape.x)) {
    return {};
  }
  for (std::uint32_t l = node.num_parallel; l < node.num_loops; ++l) {
    const bool known = l == shape.y.tap_loop || l == shape.x.tap_loop;
    if (counts(graph, node, l) && !known) return {};
  }
  const bool twice = shape.y.result_loop == shape.x.result_loop && shape.y.result_loop != kMaxLoops;
  const bool same_taps = shape.y.tap_loop == shape.x.tap_loop && shape.y.tap_loop != kMaxLoops;
  if (twice || same_taps) return {};
  for (std::uint32_t d = 0; d + 2 < value.rank; ++d) {
    if (reads_windows(graph, node, indices[d], shape)) return {};
  }
  return shape;
}

std::optional<PoolShape> match_pool(const plugin::Graph& graph, const rdu_node& node) {
  const auto shape = match_windows(graph, node);
  return shape && slides(*shape) ? shape : std::nullopt;
}

}  // namespace rdu::cpu
