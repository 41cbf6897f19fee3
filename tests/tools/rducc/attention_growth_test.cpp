// Attention over caches that grow: a prompt, then single tokens, against the formula.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using rdu::artifact::Variant;

constexpr std::int64_t kWidth = 4, kRoom = 6;

// One head whose queries, keys and values are the tokens.
OnnxModel model() {
  OnnxModel model(23);
  model.input("x", {1, -1, kWidth}).input("pk", {1, 1, -1, kWidth}).input("pv", {1, 1, -1, kWidth});
  model.output("y").output("k").output("v");
  auto& node = model.node("Attention", {"x", "x", "x", "", "pk", "pv"}, {"y", "k", "v"});
  for (const char* name : {"is_causal", "q_num_heads", "kv_num_heads"}) set_int(node, name, 1);
  return model;
}

double element(std::int64_t token, std::int64_t channel) {
  return std::sin(1.3 * static_cast<double>(token) + 0.7 * static_cast<double>(channel));
}

// What a token attends to among those up to itself, by a scale of 1 / sqrt(4).
std::vector<double> attended(std::int64_t token) {
  std::vector<double> result(kWidth, 0);
  double total = 0;
  for (std::int64_t other = 0; other <= token; ++other) {
    double product = 0;
    for (std::int64_t c = 0; c < kWidth; ++c) product += element(token, c) * element(other, c);
    const double weight = std::exp(product / 2);
    total += weight;
    for (std::int64_t c = 0; c < kWidth; ++c) {
      result[static_cast<std::size_t>(c)] += weight * element(other, c);
    }
  }
  for (double& value : result) value /= total;
  return result;
}

// The state of a stream: the number of tokens, and what each variable of a cache holds.
struct State {
  std::int64_t length = 0;
  std::map<std::string, std::vector<std::byte>> caches;
};

std::vector<double> step(const Variant& variant, State& state, std::int64_t count) {
  analysis::Memory memory(variant);
  std::vector<double> tokens;
  for (std::int64_t t = state.length; t < state.length + count; ++t) {
    for (std::int64_t c = 0; c < kWidth; ++c) tokens.push_back(element(t, c));
  }
  memory.set(variant.inputs[0],
             ir::make_tensor(RDU_DTYPE_F32, {1, count, kWidth}, std::span<const double>(tokens)));
  for (const auto& variable : variant.variables) {
    if (variable.length == RDU_NONE) {
      memory.set(variable.read, ir::make_tensor(RDU_DTYPE_I64, {}, std::span(&state.length, 1)));
      continue;
    }
    const auto& kept = state.caches[variable.name];
    std::copy(kept.begin(), kept.end(), memory.writable(variable.read).begin());
  }
  analysis::evaluate_graph(0, memory);
  for (const auto& variable : variant.variables) {
    if (variable.length == RDU_NONE) {
      state.length = memory.scalar(variable.write);
    } else {
      const auto after = memory.bytes(variable.write);
      state.caches[variable.name].assign(after.begin(), after.end());
    }
  }
  return memory.tensor(variant.outputs[0]).to_f64();
}

TEST_CASE("Attention appends to caches that grow and attends to what is in use") {
  const TempFolder folder;
  model().save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  request.passes.verify = true;
  request.states = {{"k", "pk", 2, kRoom}, {"v", "pv", 2, kRoom}};
  request.variants = {{{"n1", 3}}, {{"n1", 1}}};
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const auto& variants = compiled->model.signatures[0].variants;
  State state;
  std::int64_t token = 0;
  for (const std::int64_t count : {3, 1, 1}) {
    const std::vector<double> y = step(variants[count == 3 ? 0 : 1], state, count);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i, ++token) {
      const std::vector<double> expected = attended(token);
      for (std::size_t c = 0; c < kWidth; ++c) {
        CHECK(y[i * kWidth + c] == Approx(expected[c]).margin(1e-6));
      }
    }
    CHECK(state.length == token);
  }
}

}  // namespace
}  // namespace rducc::test
