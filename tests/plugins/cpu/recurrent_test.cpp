// Layers of LSTM and GRU cells against their formulas in double precision, in every shape that a block of units may have.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "tests/conformance/ports.hpp"
#include "tests/plugins/cpu/test_graph.hpp"

namespace cpu_test {
namespace {

using Numbers = std::vector<float>;

struct Layer {
  bool lstm;
  std::int64_t rows, units, trips;
  bool reverse = false, stacked = true, biased = true;
  rdu_body_op candidate = RDU_OP_TANH;  // anything else is no cell
};

// sum_k hidden[row, k] * weights[first + unit, k]
Node product(const Layer& layer, std::int64_t columns, ValueId hidden, ValueId weights,
             std::int64_t first) {
  Node node;
  node.pattern = RDU_PATTERN_CONTRACT;
  node.loops = {{layer.rows, RDU_NONE, RDU_LOOP_M},
                {columns, RDU_NONE, RDU_LOOP_N},
                {layer.units, RDU_NONE, RDU_LOOP_K}};
  node.num_parallel = 2;
  node.combine = RDU_COMBINE_ADD;
  node.acc_dtype = F32;
  node.reads = {read(hidden, {loop(0), loop(2)}), read(weights, {loop(1) + first, loop(2)})};
  Code code;
  const auto a = code.load(0, F32);
  node.body = code.result({a, code.load(1, F32)});
  return node;
}

class Network {
 public:
  explicit Network(const Layer& layer) : layer_(layer) {
    const std::int64_t gates = layer.lstm ? 4 : 3, columns = gates * layer.units;
    weights_.resize(static_cast<std::size_t>(columns * layer.units));
    bias_.resize(static_cast<std::size_t>(layer.units));
    fill_random(F32, 1, reinterpret_cast<std::byte*>(weights_.data()), weights_.size());
    fill_random(F32, 2, reinterpret_cast<std::byte*>(bias_.data()), bias_.size());
    for (float& w : weights_) w /= std::sqrt(static_cast<float>(layer.units));
    const Dims state{layer.rows, layer.units};
    input = graph.input(F32, {layer.trips, layer.rows, columns});
    hidden = graph.input(F32, state);
    if (layer.lstm) cell = graph.input(F32, state);
    const ValueId w = constant({columns, layer.units}, weights_);
    given_ = graph.value(F32, {layer.rows, columns}, RDU_ROLE_INPUT);
    before_ = graph.value(F32, state, RDU_ROLE_INPUT);
    auto& body = graph.variant().graphs.emplace_back();
    body.inputs = {given_, before_};
    layer.lstm ? add_lstm(w) : add_gru(w);
    add_scan();
  }

  // The outputs in order: all hidden states, the last one, the last cell.
  std::vector<Numbers> run(const char* uri) {
    Device device(uri);
    const auto flat = graph.flat();
    Loaded loaded(device, flat);
    const auto elements = static_cast<std::uint64_t>(layer_.rows * layer_.units);
    fill_random(F32, 3, loaded.storage(input).data(),
                elements * static_cast<std::uint64_t>(layer_.trips * (layer_.lstm ? 4 : 3)));
    fill_random(F32, 4, loaded.storage(hidden).data(), elements);
    if (layer_.lstm) fill_random(F32, 5, loaded.storage(cell).data(), elements);
    REQUIRE(loaded.run().ok());
    std::vector<Numbers> outputs;
    for (const ValueId id : outputs_) {
      const Memory& memory = loaded.storage(id);
      outputs.emplace_back(memory.size() / sizeof(float));
      std::memcpy(outputs.back().data(), memory.data(), memory.size());
    }
    return outputs;
  }

  std::vector<Numbers> expected() const;

  TestGraph graph;
  ValueId input = 0, hidden = 0, cell = 0;

 private:
  ValueId constant(const Dims& dims, const Numbers& numbers) {
    const auto* bytes = reinterpret_cast<const std::byte*>(numbers.data());
    return graph.constant(F32, dims, {bytes, bytes + numbers.size() * sizeof(float)});
  }
  Access columns_from(std::int64_t first) const { return {loop(0), loop(1) + first}; }
  void add_step(const char* name, Node node) {
    node.name = name;
    graph.variant().graphs[1].nodes.push_back(std::move(node));
  }

  ValueId add_sums(ValueId w, std::int64_t columns) {
    const ValueId sums = graph.inner(F32, {layer_.rows, columns});
    Node node = product(layer_, columns, before_, w, 0);
    node.reads.push_back(read(given_, {loop(0), loop(1)}));
    Code code;
    node.epilogue = code.result({code.op(RDU_OP_ADD, F32, code.acc(F32), code.load(2, F32))});
    node.writes = {{sums, {loop(0), loop(1)}}};
    add_step("sums", node);
    return sums;
  }

  void add_lstm(ValueId w) {
    const std::int64_t n = layer_.units;
    auto& variant = graph.variant();
    const ValueId sums = add_sums(w, 4 * n);
    cell_before_ = graph.value(F32, {layer_.rows, n}, RDU_ROLE_INPUT);
    cell_after_ = graph.inner(F32, {layer_.rows, n});
    after_ = graph.inner(F32, {layer_.rows, n});
    Node state = map({layer_.rows, n});
    state.reads = {read(sums, columns_from(0)), read(sums, columns_from(n)),
                   read(sums, columns_from(2 * n)), read(cell_before_, columns_from(0))};
    Code code;
    const auto keep = sigmoid(code, code.load(1, F32)), add = sigmoid(code, code.load(0, F32));
    const auto fresh = code.op(layer_.candidate, F32, code.load(2, F32));
    const auto kept = code.op(RDU_OP_MUL, F32, keep, code.load(3, F32));
    const auto added = code.op(RDU_OP_MUL, F32, add, fresh);
    state.body = code.result({code.op(RDU_OP_ADD, F32, kept, added)});
    state.writes = {{cell_after_, {loop(0), loop(1)}}};
    add_step("state", state);
    Node output = map({layer_.rows, n});
    output.reads = {read(sums, columns_from(3 * n)), read(cell_after_, columns_from(0))};
    Code last;
    const auto gate = sigmoid(last, last.load(0, F32));
    output.body =
        last.result({last.op(RDU_OP_MUL, F32, gate, last.op(RDU_OP_TANH, F32, last.load(1, F32)))});
    output.writes = {{after_, {loop(0), loop(1)}}};
    add_step("output", output);
    variant.graphs[1].inputs.push_back(cell_before_);
    variant.graphs[1].outputs = {after_, cell_after_};
  }

  void add_gru(ValueId w) {
    const std::int64_t n = layer_.units;
    const ValueId sums = add_sums(w, 2 * n);
    after_ = graph.inner(F32, {layer_.rows, n});
    Node node = product(layer_, n, before_, w, 2 * n);
    node.reads.push_back(read(sums, columns_from(0)));
    node.reads.push_back(read(sums, columns_from(n)));
    node.reads.push_back(read(before_, columns_from(0)));
    node.reads.push_back(read(given_, columns_from(2 * n)));
    Code code;
    const auto update = sigmoid(code, code.load(2, F32));
    const auto reset = sigmoid(code, code.load(3, F32));
    auto sum = code.acc(F32);
    if (layer_.biased) {
      node.reads.push_back(read(constant({n}, bias_), {loop(1)}));
      sum = code.op(RDU_OP_ADD, F32, sum, code.load(6, F32));
    }
    const auto inner =
        code.op(RDU_OP_ADD, F32, code.op(RDU_OP_MUL, F32, reset, sum), code.load(5, F32));
    const auto rest = code.op(RDU_OP_SUB, F32, code.number(F32, 1), update);
    const auto fresh = code.op(RDU_OP_MUL, F32, rest, code.op(layer_.candidate, F32, inner));
    const auto kept = code.op(RDU_OP_MUL, F32, update, code.load(4, F32));
    node.epilogue = code.result({code.op(RDU_OP_ADD, F32, fresh, kept)});
    node.writes = {{after_, {loop(0), loop(1)}}};
    add_step("next", node);
    graph.variant().graphs[1].outputs = {after_};
  }

  void add_scan() {
    Node scan;
    scan.pattern = RDU_PATTERN_SCAN;
    scan.loops = {{layer_.trips, RDU_NONE, RDU_LOOP_PLAIN}};
    scan.graphs[0] = 1;
    scan.ports = {sliced(input, given_, 0, layer_.reverse)};
    if (layer_.stacked) {
      const ValueId all = graph.output(F32, {layer_.trips, layer_.rows, layer_.units});
      scan.ports.push_back(stacked(after_, all, 0, layer_.reverse));
      outputs_.push_back(all);
    }
    const auto carry = [&](ValueId outer, ValueId in, ValueId out) {
      outputs_.push_back(graph.output(F32, {layer_.rows, layer_.units}));
      scan.ports.push_back(carried(outer, in, out, outputs_.back()));
    };
    carry(hidden, before_, after_);
    if (layer_.lstm) carry(cell, cell_before_, cell_after_);
    for (const ValueId id : outputs_) scan.writes.push_back({id, {}});
    graph.add(scan);
  }

  const Layer layer_;
  Numbers weights_, bias_;
  ValueId given_ = 0, before_ = 0, after_ = 0, cell_before_ = 0, cell_after_ = 0;
  std::vector<ValueId> outputs_;
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<Numbers> Network::expected() const {
  const auto rows = static_cast<std::size_t>(layer_.rows),
             n = static_cast<std::size_t>(layer_.units);
  const std::size_t trips = static_cast<std::size_t>(layer_.trips), gates = layer_.lstm ? 4 : 3;
  Numbers x(trips * rows * gates * n), h0(rows * n), c0(rows * n);
  fill_random(F32, 3, reinterpret_cast<std::byte*>(x.data()), x.size());
  fill_random(F32, 4, reinterpret_cast<std::byte*>(h0.data()), h0.size());
  fill_random(F32, 5, reinterpret_cast<std::byte*>(c0.data()), c0.size());
  std::vector<double> h(h0.begin(), h0.end()), c(c0.begin(), c0.end());
  Numbers all(trips * rows * n);
  for (std::size_t i = 0; i < trips; ++i) {
    const std::size_t at = layer_.reverse ? trips - 1 - i : i;
    const std::vector<double> old = h;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t u = 0; u < n; ++u) {
        double given[4], sum[4] = {};
        for (std::size_t g = 0; g < gates; ++g) {
          given[g] = x[((at * rows + r) * gates + g) * n + u];
          for (std::size_t k = 0; k < n; ++k)
            sum[g] += static_cast<double>(weights_[(g * n + u) * n + k]) * old[r * n + k];
        }
        double &state = c[r * n + u], &out = h[r * n + u];
        if (layer_.lstm) {
          state = logistic(sum[1] + given[1]) * state +
                  logistic(sum[0] + given[0]) * std::tanh(sum[2] + given[2]);
          out = logistic(sum[3] + given[3]) * std::tanh(state);
        } else {
          const double update = logistic(sum[0] + given[0]), reset = logistic(sum[1] + given[1]);
          const double bias = layer_.biased ? bias_[u] : 0;
          out = (1 - update) * std::tanh(reset * (sum[2] + bias) + given[2]) + update * out;
        }
        all[(at * rows + r) * n + u] = static_cast<float>(out);
      }
    }
  }
  std::vector<Numbers> outputs;
  if (layer_.stacked) outputs.push_back(all);
  outputs.emplace_back(h.begin(), h.end());
  if (layer_.lstm) outputs.emplace_back(c.begin(), c.end());
  return outputs;
}

void check_close(const std::vector<Numbers>& got, const std::vector<Numbers>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t o = 0; o < got.size(); ++o) {
    REQUIRE(got[o].size() == wanted[o].size());
    double apart = 0;
    for (std::size_t i = 0; i < got[o].size(); ++i)
      apart = std::max(apart, std::abs(static_cast<double>(got[o][i]) - wanted[o][i]));
    INFO("output " << o);
    CHECK(apart < 2e-5);
  }
}

void check_layer(const Layer& layer) {
  Network network(layer);
  const auto expected = network.expected();
  INFO("lstm " << layer.lstm << ", rows " << layer.rows << ", units " << layer.units << ", trips "
               << layer.trips);
  for (const char* uri : {"cpu:?threads=1", "cpu:?threads=1&isa=avx2", "cpu:?isa=baseline"}) {
    INFO(uri);
    check_close(network.run(uri), expected);
  }
}

}  // namespace

TEST_CASE("recurrent layers compute their formulas, whatever their shape") {
  for (const bool lstm : {false, true}) {
    for (const std::int64_t rows : {1, 2, 3, 5}) {
      for (const std::int64_t units : {1, 4, 16, 17, 40}) check_layer({lstm, rows, units, 3});
    }
  }
}

TEST_CASE("recurrent layers run backwards, without a stack, without a bias") {
  for (const bool lstm : {false, true}) {
    check_layer({lstm, 2, 20, 6, true});
    check_layer({lstm, 2, 20, 5, false, false});
    check_layer({lstm, 2, 20, 6, true, false, false});
    check_layer({lstm, 1, 8, 1, false, true, false});
  }
}

TEST_CASE("a recurrent layer has the same bits for every number of threads and of rows") {
  for (const bool lstm : {false, true}) {
    Network network({lstm, 1, 200, 4}), several({lstm, 3, 200, 4});
    const auto one = network.run("cpu:?threads=1");
    CHECK(network.run("cpu:?threads=2") == one);
    CHECK(network.run("cpu:?threads=4") == one);
    CHECK(several.run("cpu:?threads=2") == several.run("cpu:?threads=1"));
  }
}

TEST_CASE("a scan that is nearly a recurrent layer runs as it is written") {
  for (const bool lstm : {false, true}) {
    Layer layer{lstm, 2, 20, 4};
    layer.candidate = RDU_OP_ERF;
    Network network(layer);
    check_close(network.run("cpu:"), network.run("reference:"));
  }
}

}  // namespace cpu_test
