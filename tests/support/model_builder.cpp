// Fills in what a small model has in common with all others: names, signature, portable cut.
#include "tests/support/model_builder.hpp"

#include <memory>
#include <utility>

#include "sdk/base/dtype.hpp"

namespace rdu::testing {

namespace {

artifact::SignatureTensor tensor_of(const artifact::Value& value) {
  artifact::SignatureTensor tensor;
  tensor.name = value.name;
  tensor.dtype = value.dtype;
  for (std::size_t d = 0; d < value.dims.size(); ++d) {
    const bool bounded = !value.dim_values.empty() && value.dim_values[d] != kNone;
    tensor.dims.push_back({bounded ? -1 : value.dims[d], ""});
  }
  return tensor;
}

std::vector<artifact::Loop> loops_over(const Dims& dims) {
  std::vector<artifact::Loop> loops;
  for (const std::int64_t extent : dims) loops.push_back({extent, kNone, RDU_LOOP_PLAIN});
  return loops;
}

}  // namespace

Index at(std::int64_t position) {
  Index index;
  index.offset = position;
  return index;
}

Index along(std::uint32_t loop, std::int64_t coef, std::int64_t offset) {
  Index index = at(offset);
  index.terms.push_back({loop, coef});
  return index;
}

Index outside(std::uint32_t rule, Index index) {
  index.outside = rule;
  return index;
}

Access identity(std::size_t rank) {
  Access access;
  for (std::uint32_t dim = 0; dim < rank; ++dim) access.push_back(along(dim));
  return access;
}

Read read(ValueId value, Access access) {
  Read result;
  result.value = value;
  result.access = std::move(access);
  return result;
}

artifact::Instr instr(rdu_body_op op, rdu_dtype dtype, std::uint32_t a, std::uint32_t b,
                      std::uint32_t c) {
  artifact::Instr result;
  result.op = op;
  result.dtype = dtype;
  result.a = a;
  result.b = b;
  result.c = c;
  return result;
}

artifact::Instr constant(rdu_dtype dtype, double f, std::int64_t i) {
  artifact::Instr result = instr(RDU_OP_CONST, dtype);
  result.imm = {f, i};
  return result;
}

Program program(std::vector<artifact::Instr> code) {
  Program result;
  result.results.push_back(static_cast<std::uint32_t>(code.size() - 1));
  result.code = std::move(code);
  return result;
}

ModelBuilder::ModelBuilder() { variant_.graphs.emplace_back(); }

ValueId ModelBuilder::value(const std::string& name, rdu_dtype dtype, Dims dims,
                            std::uint32_t role) {
  artifact::Value value;
  value.name = name;
  value.dtype = dtype;
  value.dims = std::move(dims);
  value.role = role;
  variant_.values.push_back(std::move(value));
  return static_cast<ValueId>(variant_.values.size() - 1);
}

ValueId ModelBuilder::input(const std::string& name, rdu_dtype dtype, Dims dims) {
  const ValueId id = value(name, dtype, std::move(dims), RDU_ROLE_INPUT);
  variant_.graphs[current_].inputs.push_back(id);
  return id;
}

ValueId ModelBuilder::constant_bytes(const std::string& name, rdu_dtype dtype, Dims dims,
                                     std::vector<std::byte> bytes) {
  const ValueId id = value(name, dtype, std::move(dims), RDU_ROLE_CONSTANT);
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  variant_.values[id].data = {*owner, owner};
  return id;
}

ValueId ModelBuilder::reshape(const std::string& name, ValueId owner, Dims dims) {
  const ValueId id = value(name, variant_.values[owner].dtype, std::move(dims));
  variant_.values[id].storage = owner;
  return id;
}

void ModelBuilder::output(ValueId value) { variant_.graphs[current_].outputs.push_back(value); }

Node& ModelBuilder::add(Node node) {
  auto& nodes = variant_.graphs[current_].nodes;
  nodes.push_back(std::move(node));
  return nodes.back();
}

ValueId ModelBuilder::map(const std::string& name, rdu_dtype dtype, Dims dims,
                          std::vector<Read> reads, Program body) {
  Node node;
  node.name = name;
  node.loops = loops_over(dims);
  node.num_parallel = static_cast<std::uint32_t>(dims.size());
  node.reads = std::move(reads);
  node.body = std::move(body);
  const ValueId result = value(name, dtype, std::move(dims));
  node.writes.push_back({result, {}});
  add(std::move(node));
  return result;
}

ValueId ModelBuilder::elementwise(const std::string& name, rdu_body_op op,
                                  std::vector<ValueId> operands) {
  const Dims dims = variant_.values[operands[0]].dims;
  const rdu_dtype dtype = variant_.values[operands[0]].dtype;
  std::vector<Read> reads;
  std::vector<artifact::Instr> code;
  for (std::uint32_t i = 0; i < operands.size(); ++i) {
    reads.push_back(read(operands[i], identity(dims.size())));
    code.push_back(instr(RDU_OP_LOAD, dtype, i));
  }
  code.push_back(instr(op, dtype, 0, 1, 2));
  return map(name, dtype, dims, std::move(reads), program(std::move(code)));
}

ValueId ModelBuilder::reduce_last(const std::string& name, rdu_combine_op combine,
                                  ValueId operand) {
  Dims dims = variant_.values[operand].dims;
  const rdu_dtype dtype = variant_.values[operand].dtype;
  Node node;
  node.name = name;
  node.pattern = RDU_PATTERN_REDUCE;
  node.loops = loops_over(dims);
  node.num_parallel = static_cast<std::uint32_t>(dims.size() - 1);
  node.reads.push_back(read(operand, identity(dims.size())));
  node.body = program({instr(RDU_OP_LOAD, dtype)});
  node.combine = combine;
  node.acc_dtype = dtype;
  dims.pop_back();
  const bool position = combine >= RDU_COMBINE_ARGMIN_FIRST && combine <= RDU_COMBINE_ARGMAX_LAST;
  const ValueId result = value(name, position ? RDU_DTYPE_I64 : dtype, std::move(dims));
  node.writes.push_back({result, {}});
  add(std::move(node));
  return result;
}

ValueId ModelBuilder::matmul(const std::string& name, ValueId a, ValueId b) {
  const std::int64_t m = variant_.values[a].dims[0];
  const std::int64_t k = variant_.values[a].dims[1];
  const std::int64_t n = variant_.values[b].dims[1];
  const rdu_dtype dtype = variant_.values[a].dtype;
  Node node;
  node.name = name;
  node.pattern = RDU_PATTERN_CONTRACT;
  node.loops = {{m, kNone, RDU_LOOP_M}, {n, kNone, RDU_LOOP_N}, {k, kNone, RDU_LOOP_K}};
  node.num_parallel = 2;
  node.reads = {read(a, {along(0), along(2)}), read(b, {along(2), along(1)})};
  node.body.code = {instr(RDU_OP_LOAD, dtype, 0), instr(RDU_OP_LOAD, dtype, 1)};
  node.body.results = {0, 1};
  node.combine = RDU_COMBINE_ADD;
  node.acc_dtype = dtype;
  const ValueId result = value(name, dtype, {m, n});
  node.writes.push_back({result, {}});
  add(std::move(node));
  return result;
}

std::uint32_t ModelBuilder::begin_graph() {
  variant_.graphs.emplace_back();
  current_ = static_cast<std::uint32_t>(variant_.graphs.size() - 1);
  return current_;
}

artifact::Model ModelBuilder::build(const std::string& name) const {
  artifact::Model model;
  model.name = name;
  model.provenance.producer = "model_builder";
  artifact::Signature& signature = model.signatures.emplace_back();
  artifact::Variant variant = variant_;
  variant.inputs = variant.graphs[0].inputs;
  variant.outputs = variant.graphs[0].outputs;
  for (const ValueId id : variant.inputs) {
    signature.inputs.push_back(tensor_of(variant.values[id]));
  }
  for (const ValueId id : variant.outputs) {
    signature.outputs.push_back(tensor_of(variant.values[id]));
  }
  artifact::Cut& portable = variant.cuts.emplace(variant.cuts.begin())[0];
  const auto num_nodes = static_cast<std::uint32_t>(variant.graphs[0].nodes.size());
  std::vector<std::uint32_t> ends = section_ends_;
  for (std::uint32_t n = 1; section_ends_.empty() && n <= num_nodes; ++n) ends.push_back(n);
  std::uint32_t first = 0;
  for (const std::uint32_t end : ends) {
    artifact::Section section;
    section.first_node = first;
    section.end_node = end;
    portable.sections.push_back(std::move(section));
    first = end;
  }
  signature.variants.push_back(std::move(variant));
  return model;
}

}  // namespace rdu::testing
