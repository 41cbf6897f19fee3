// Writes models as the compiler would, through the artifact's own writer.
#include "tests/sdk/src/support/models.hpp"

#include <cstring>
#include <stdexcept>

#include "sdk/artifact/writer.hpp"

namespace rdu::test {
namespace {

using artifact::ValueId;

artifact::ConstantData shared_bytes(const void* data, std::size_t size) {
  auto owner = std::make_shared<std::vector<std::byte>>(size);
  std::memcpy(owner->data(), data, size);
  return {*owner, owner};
}

artifact::SignatureTensor tensor(const char* name, std::vector<artifact::SignatureDim> dims) {
  return {.name = name, .dtype = RDU_DTYPE_F32, .dims = std::move(dims), .variable = ""};
}

}  // namespace

ValueId VariantBuilder::value(const char* name, std::uint32_t role) {
  artifact::Value value;
  value.name = name;
  value.role = role;
  value.dims = dims_;
  variant_.values.push_back(std::move(value));
  return static_cast<ValueId>(variant_.values.size() - 1);
}

ValueId VariantBuilder::input(const char* name) {
  const ValueId id = value(name, RDU_ROLE_INPUT);
  variant_.graphs[0].inputs.push_back(id);
  variant_.inputs.push_back(id);
  return id;
}

ValueId VariantBuilder::constant(const char* name, const std::vector<float>& data) {
  const ValueId id = value(name, RDU_ROLE_PARAMETER);
  variant_.values[id].data = shared_bytes(data.data(), data.size() * sizeof(float));
  return id;
}

ValueId VariantBuilder::variable(const char* name) { return value(name, RDU_ROLE_VARIABLE); }

artifact::Read VariantBuilder::read(ValueId id) const {
  artifact::Read read;
  read.value = id;
  for (std::uint32_t d = 0; d < dims_.size(); ++d) {
    artifact::Index index;
    index.terms.push_back({d, 1});
    read.access.push_back(std::move(index));
  }
  return read;
}

ValueId VariantBuilder::node(const char* name, rdu_body_op op, std::vector<ValueId> operands,
                             double number) {
  artifact::Node node;
  node.name = name;
  for (const std::int64_t extent : dims_) node.loops.push_back({.extent = extent});
  node.num_parallel = static_cast<std::uint32_t>(dims_.size());
  for (const ValueId operand : operands) node.reads.push_back(read(operand));
  node.body.code.resize(3);
  node.body.code[0].op = RDU_OP_LOAD;
  node.body.code[1].op = operands.size() > 1 ? RDU_OP_LOAD : RDU_OP_CONST;
  node.body.code[1].a = operands.size() > 1 ? 1 : 0;
  node.body.code[1].imm.f = number;
  node.body.code[2].op = op;
  node.body.code[2].b = 1;
  node.body.results = {2};
  const ValueId result = value(name, RDU_ROLE_INTERMEDIATE);
  node.writes.push_back({.value = result, .access = read(result).access});
  variant_.graphs[0].nodes.push_back(std::move(node));
  return result;
}

ValueId VariantBuilder::add(const char* name, ValueId a, ValueId b) {
  return node(name, RDU_OP_ADD, {a, b}, 0);
}

ValueId VariantBuilder::mul(const char* name, ValueId a, ValueId b) {
  return node(name, RDU_OP_MUL, {a, b}, 0);
}

ValueId VariantBuilder::add_number(const char* name, ValueId a, double number) {
  return node(name, RDU_OP_ADD, {a}, number);
}

ValueId VariantBuilder::reshape(const char* name, ValueId of, std::vector<std::int64_t> dims) {
  const ValueId id = value(name, variant_.values[of].role);
  variant_.values[id].dims = std::move(dims);
  variant_.values[id].storage = of;
  return id;
}

void VariantBuilder::output(ValueId id) {
  variant_.graphs[0].outputs.push_back(id);
  variant_.outputs.push_back(id);
}

void VariantBuilder::cut() {
  artifact::Cut portable;
  for (std::uint32_t n = 0; n < variant_.graphs[0].nodes.size(); ++n) {
    portable.sections.push_back(
        {.first_node = n, .end_node = n + 1, .block_loops = {}, .payload = {}});
  }
  variant_.cuts.push_back(std::move(portable));
}

artifact::Model chain_model(const std::vector<std::int64_t>& batches) {
  artifact::Model model;
  model.name = "chain";
  model.metadata = {{"author", "the runtime's tests"}};
  artifact::Signature& signature = model.signatures.emplace_back();
  const artifact::SignatureDim batch{-1, "batch"}, columns{5, ""};
  signature.inputs = {tensor("x", {batch, columns})};
  signature.outputs = {tensor("y", {batch, columns}), tensor("z", {batch, columns})};
  for (const std::int64_t size : batches) {
    artifact::Variant& variant = signature.variants.emplace_back();
    variant.dims = {{"batch", size}};
    VariantBuilder build(variant, {size, 5});
    std::vector<float> w;
    for (std::int64_t i = 0; i < size * 5; ++i) w.push_back(chain_w(i % 5));
    const ValueId x = build.input("x");
    const ValueId doubled = build.add("doubled", x, x);
    const ValueId z = build.add("z", doubled, build.constant("w", w));
    const ValueId plus = build.add_number("plus", z, 1);
    build.output(build.mul("y", z, plus));
    build.output(z);
    build.cut();
  }
  return model;
}

float chain_y(float x, float w) { return (x + x + w) * (x + x + w + 1); }

artifact::Model running_sum_model() {
  artifact::Model model;
  artifact::Signature& signature = model.signatures.emplace_back();
  signature.name = "step";
  signature.inputs = {tensor("x", {{4, ""}})};
  signature.outputs = {tensor("y", {{4, ""}}), tensor("sum", {{4, ""}})};
  artifact::Variant& variant = signature.variants.emplace_back();
  VariantBuilder build(variant, {4});
  const ValueId x = build.input("x");
  const ValueId total = build.variable("total");
  const ValueId initial = build.constant("start", {10, 20, 30, 40});
  const ValueId next = build.add("next", total, x);
  build.output(build.add_number("y", next, 1));
  build.output(next);
  variant.variables.push_back({.name = "total", .read = total, .write = next, .initial = initial});
  build.cut();
  return model;
}

artifact::Model specialised_model() {
  artifact::Model model;
  artifact::Signature& signature = model.signatures.emplace_back();
  signature.inputs = {tensor("x", {{3, ""}}), tensor("k", {{1, ""}})};
  signature.inputs[1].dtype = RDU_DTYPE_I64;
  signature.outputs = {tensor("y", {{3, ""}})};
  for (const std::int64_t k : {1, 2}) {
    artifact::Variant& variant = signature.variants.emplace_back();
    artifact::SpecialisedInput fixed{.input = 1, .dtype = RDU_DTYPE_I64, .dims = {1}, .bytes = {}};
    fixed.bytes.resize(sizeof(k));
    std::memcpy(fixed.bytes.data(), &k, sizeof(k));
    variant.specialised.push_back(std::move(fixed));
    VariantBuilder build(variant, {3});
    const ValueId x = build.input("x");
    variant.inputs.push_back(artifact::kNone);
    build.output(build.add_number("y", x, static_cast<double>(k)));
    build.cut();
  }
  return model;
}

ArtifactBytes::ArtifactBytes(const artifact::Model& model) {
  auto written = artifact::write_artifact(model);
  if (!written.ok()) throw std::runtime_error(written.error().message);
  size_ = written->size();
  storage_.resize(size_ + 64);
  const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
  std::byte* aligned = storage_.data() + (64 - address % 64) % 64;
  std::memcpy(aligned, written->data(), size_);
  data_ = aligned;
}

}  // namespace rdu::test
