// Built by hand and written as files, as the compiler would.
#include "tests/plugins/remote/node/small_models.hpp"

#include <cmath>
#include <stdexcept>

#include "sdk/artifact/writer.hpp"
#include "tests/support/model_builder.hpp"

namespace rdu::remote::testing {

using rdu::testing::ModelBuilder;
using rdu::testing::ValueId;

namespace {

void write(const artifact::Model& model, const std::string& path) {
  if (!artifact::write_artifact(model, path)) throw std::runtime_error("cannot write " + path);
}

}  // namespace

void write_running_total(const std::string& path, std::int64_t width,
                         const std::string& signature) {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {width});
  const ValueId total = b.value("total", RDU_DTYPE_F32, {width}, RDU_ROLE_VARIABLE);
  const ValueId next = b.elementwise("next", RDU_OP_ADD, {total, x});
  const ValueId y = b.elementwise("y", RDU_OP_ADD, {total, x});
  b.output(y);
  b.variant().variables.push_back({"total", total, next, artifact::kNone});
  artifact::Model model = b.build();
  if (!signature.empty()) model.signatures.front().name = signature;
  write(model, path);
}

void write_tanh(const std::string& path, std::int64_t width, int depth) {
  ModelBuilder b;
  ValueId x = b.input("x", RDU_DTYPE_F32, {width});
  for (int i = 0; i < depth; ++i) x = b.elementwise("t" + std::to_string(i), RDU_OP_TANH, {x});
  b.output(x);
  write(b.build(), path);
}

void write_loop(const std::string& path, std::int64_t width, std::int64_t trips) {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {width});
  const ValueId y = b.value("y", RDU_DTYPE_F32, {width});
  artifact::Node node;
  node.name = "loop";
  node.pattern = RDU_PATTERN_SCAN;
  node.loops.emplace_back().extent = trips;
  node.graphs[0] = b.begin_graph();
  const ValueId before = b.input("before", RDU_DTYPE_F32, {width});
  const ValueId after = b.elementwise("after", RDU_OP_TANH, {before});
  b.output(after);
  b.end_graph();
  artifact::Port& port = node.ports.emplace_back();
  port.kind = RDU_PORT_CARRIED;
  port.outer = x;
  port.inner_in = before;
  port.inner_out = after;
  port.result = y;
  b.add(std::move(node));
  b.output(y);
  write(b.build(), path);
}

void write_identity(const std::string& path, std::int64_t width) {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {width});
  b.output(b.map("y", RDU_DTYPE_F32, {width}, {rdu::testing::read(x, rdu::testing::identity(1))},
                 rdu::testing::program({rdu::testing::instr(RDU_OP_LOAD, RDU_DTYPE_F32, 0)})));
  write(b.build(), path);
}

float tanh_of(float x, int depth) {
  for (int i = 0; i < depth; ++i) x = std::tanh(x);
  return x;
}

std::vector<float> LoadedModel::run(const std::vector<float>& x, const State* state,
                                    std::uint64_t timeout_us) const {
  std::vector<float> y(x.size());
  const Shape shape = {static_cast<std::int64_t>(x.size())};
  program.run_into({input(x, shape)}, {output(y, shape)},
                   {.state = state, .timeout_us = timeout_us});
  return y;
}

}  // namespace rdu::remote::testing
