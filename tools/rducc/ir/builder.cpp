// Emits nodes: the helpers make maps, reductions and contractions; what is known is computed at once.
#include "tools/rducc/ir/builder.hpp"

#include <algorithm>

#include "tools/rducc/analysis/fold.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

bool reads_indirectly(std::span<const Read> reads) {
  const auto indirect = [](const Index& index) { return index.source != kNone; };
  return std::any_of(reads.begin(), reads.end(), [&](const Read& read) {
    return std::any_of(read.access.begin(), read.access.end(), indirect);
  });
}

// The actual extents of the dimensions that loops write; empty where all are constant.
std::vector<ValueId> bounded_dims(std::span<const Loop> loops, const Access& write) {
  std::vector<ValueId> result;
  for (const Index& index : write) {
    const bool plain = index.terms.size() == 1 && index.terms[0].coef == 1 && index.offset == 0;
    result.push_back(plain ? loops[index.terms[0].loop].extent_value : kNone);
  }
  const bool none =
      std::all_of(result.begin(), result.end(), [](ValueId id) { return id == kNone; });
  return none ? std::vector<ValueId>{} : result;
}

}  // namespace

std::uint32_t Builder::new_graph() {
  variant_.graphs.emplace_back();
  return static_cast<std::uint32_t>(variant_.graphs.size() - 1);
}

std::optional<Tensor> Builder::constant(ValueId id) const {
  const auto& value = variant_.values[id];
  const auto& owner = value.storage == kNone ? value : variant_.values[value.storage];
  if (owner.data.owner == nullptr || value.encoding != RDU_NONE) return std::nullopt;
  return Tensor{value.dtype, value.dims, owner.data};
}

ValueId Builder::add_value(rdu_dtype dtype, Dims dims, std::vector<ValueId> dim_values,
                           std::string name) {
  if (dims.size() > RDU_MAX_RANK) {
    throw CompileError(CompileErrorKind::kUnsupported, "rank " + std::to_string(dims.size()) +
                                                           " is over the limit of " +
                                                           std::to_string(RDU_MAX_RANK));
  }
  for (const std::int64_t dim : dims) {
    if (dim < 0)
      throw CompileError(CompileErrorKind::kInvalid, "a dimension would be " + std::to_string(dim));
  }
  num_elements(dims);
  for (std::size_t i = 0; i < dim_values.size(); ++i) {
    if (dim_values[i] != kNone) limit(dim_values[i], {0, dims[i]});
  }
  rdu::artifact::Value value;
  value.name = name.empty() ? naming_.base_name : std::move(name);
  value.dtype = dtype;
  value.dims = std::move(dims);
  value.dim_values = std::move(dim_values);
  variant_.values.push_back(std::move(value));
  return static_cast<ValueId>(variant_.values.size() - 1);
}

ValueId Builder::add_input(std::string name, rdu_dtype dtype, Dims dims) {
  const ValueId id = add_value(dtype, std::move(dims), {}, std::move(name));
  variant_.values[id].role = RDU_ROLE_INPUT;
  return id;
}

ValueId Builder::add_constant(Tensor tensor, std::string name, std::uint32_t role) {
  const ValueId id = add_value(tensor.dtype, std::move(tensor.dims), {}, std::move(name));
  variant_.values[id].role = role;
  variant_.values[id].data = std::move(tensor.data);
  return id;
}

ValueId Builder::scalar(rdu_dtype dtype, double value) {
  return add_constant(make_tensor(dtype, {}, std::span<const double>(&value, 1)));
}

Node& Builder::add_node(Node node, Folding folding) {
  node.origins.clear();
  if (naming_.origin != kNone) node.origins.push_back(naming_.origin);
  node.name = naming_.base_name;
  if (naming_.num_named > 0) node.name += "." + std::to_string(naming_.num_named);
  ++naming_.num_named;
  if (folding == Folding::kWhereKnown && analysis::fold_nodes(variant_, {&node, 1})) {
    folded_ = std::move(node);
    return folded_;
  }
  auto& nodes = variant_.graphs[graph_].nodes;
  nodes.push_back(std::move(node));
  return nodes.back();
}

Read Builder::read(ValueId value, Access access) const {
  if (access.size() != dims(value).size()) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "an access of rank " + std::to_string(access.size()) +
                           " on a value of rank " + std::to_string(dims(value).size()));
  }
  Read result;
  result.value = value;
  result.access = std::move(access);
  return result;
}

Read Builder::read_fill(ValueId value, Access access, double fill) const {
  Read result = read(value, std::move(access));
  const rdu_dtype type = dtype(value);
  if (is_float(type)) {
    result.fill.f = round_to(type, fill);
  } else {
    result.fill.i = saturate_to(type, fill);
  }
  return result;
}

ValueId Builder::map(rdu_dtype dtype, Dims out_dims, std::vector<Read> reads, const BodyFn& body) {
  return map(dtype, constant_shape(out_dims), std::move(reads), body);
}

ValueId Builder::map(rdu_dtype dtype, std::span<const Extent> shape, std::vector<Read> reads,
                     const BodyFn& body) {
  return map(dtype, loops_over(shape), std::move(reads), body);
}

ValueId Builder::map(rdu_dtype dtype, std::vector<Loop> loops, std::vector<Read> reads,
                     const BodyFn& body) {
  Dims dims;
  for (const Loop& loop : loops) dims.push_back(loop.extent);
  const Access write = identity_access(dims.size());
  const ValueId result = add_value(dtype, dims, bounded_dims(loops, write));
  Node node;
  node.pattern = reads_indirectly(reads) ? RDU_PATTERN_GATHER : RDU_PATTERN_MAP;
  node.num_parallel = static_cast<std::uint32_t>(loops.size());
  node.loops = std::move(loops);
  node.body = write_body(reads, body, dtype);
  node.reads = std::move(reads);
  node.writes.push_back({result, write});
  add_node(std::move(node));
  return result;
}

rdu::artifact::Program Builder::write_body(std::span<const Read> reads, const BodyFn& body,
                                           rdu_dtype dtype) const {
  Body code;
  std::vector<Reg> loaded;
  for (std::uint32_t i = 0; i < reads.size(); ++i) {
    loaded.push_back(code.load(i, variant_.values[reads[i].value].dtype));
  }
  body(code, loaded);
  if (dtype != RDU_DTYPE_NONE) code.require_results(dtype);
  return code.program();
}

ValueId Builder::elementwise(rdu_dtype dtype, std::initializer_list<ValueId> operands,
                             const BodyFn& body) {
  return elementwise(dtype, std::span<const ValueId>(operands.begin(), operands.size()), body);
}

ValueId Builder::elementwise(rdu_dtype dtype, std::span<const ValueId> operands,
                             const BodyFn& body) {
  std::vector<Shape> shapes;
  Shape out;
  for (const ValueId operand : operands) {
    shapes.push_back(shape(operand));
    out = broadcast_shape(out, shapes.back());
  }
  std::vector<Read> reads;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    reads.push_back(read(operands[i], broadcast_access(shapes[i], out)));
  }
  return map(dtype, out, std::move(reads), body);
}

ValueId Builder::reduce(ReduceSpec spec) {
  const bool indirect = reads_indirectly(spec.reads);
  return reduction(indirect ? RDU_PATTERN_GATHER : RDU_PATTERN_REDUCE, std::move(spec));
}

ValueId Builder::contract(ReduceSpec spec) {
  return reduction(RDU_PATTERN_CONTRACT, std::move(spec));
}

ValueId Builder::reduction(rdu_pattern pattern, ReduceSpec spec) {
  if (spec.write.empty()) spec.write = identity_access(spec.dims.size());
  const ValueId result = add_value(spec.dtype, spec.dims, bounded_dims(spec.loops, spec.write));
  const bool arg = spec.combine >= RDU_COMBINE_ARGMIN_FIRST;
  Node node;
  node.pattern = pattern;
  node.num_parallel = spec.num_parallel;
  node.combine = spec.combine;
  node.body = write_body(spec.reads, spec.body,
                         arg || pattern == RDU_PATTERN_CONTRACT ? RDU_DTYPE_NONE : spec.acc_dtype);
  // A position is found among values of the body's own dtype.
  node.acc_dtype = arg ? node.body.code[node.body.results[0]].dtype : spec.acc_dtype;
  node.epilogue = write_epilogue(spec, arg ? RDU_DTYPE_I64 : spec.acc_dtype);
  node.loops = std::move(spec.loops);
  if (pattern != RDU_PATTERN_CONTRACT) {
    for (Loop& loop : node.loops) loop.role = RDU_LOOP_PLAIN;  // roles are a contraction's
  }
  node.reads = std::move(spec.reads);
  std::move(spec.epilogue_reads.begin(), spec.epilogue_reads.end(), std::back_inserter(node.reads));
  node.writes.push_back({result, std::move(spec.write)});
  add_node(std::move(node));
  return result;
}

rdu::artifact::Program Builder::write_epilogue(const ReduceSpec& spec, rdu_dtype acc_dtype) const {
  Body code;
  const Reg acc = code.acc(acc_dtype);
  std::vector<Reg> loaded;
  for (std::size_t i = 0; i < spec.epilogue_reads.size(); ++i) {
    const ValueId id = spec.epilogue_reads[i].value;
    loaded.push_back(code.load(static_cast<std::uint32_t>(spec.reads.size() + i), dtype(id)));
  }
  if (spec.epilogue) {
    spec.epilogue(code, acc, loaded);
  } else {
    code.result(acc);
  }
  code.require_results(spec.dtype);
  return code.program();
}

}  // namespace rducc::ir
