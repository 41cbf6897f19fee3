// Random graphs through all passes: legal after each, and the same outputs in the end.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "sdk/artifact/validate.hpp"
#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/ir/print.hpp"
#include "tools/rducc/run_passes.hpp"

namespace rducc::test {
namespace {

constexpr rdu_dtype kF32 = RDU_DTYPE_F32;

class RandomGraph {
 public:
  explicit RandomGraph(std::uint32_t seed) : engine_(seed) {
    values_.push_back(graph_.input(random_dims()));
    values_.push_back(graph_.input(random_dims()));
    const int steps = pick(4, 14);
    for (int i = 0; i < steps; ++i) values_.push_back(step(any()));
    graph_.output(values_.back());
    graph_.output(any());
  }

  Variant& variant() { return graph_.variant(); }

 private:
  int pick(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<unsigned>(high - low + 1));
  }
  ValueId any() {
    return values_[static_cast<std::size_t>(pick(0, static_cast<int>(values_.size()) - 1))];
  }
  Builder& b() { return graph_.b(); }

  Dims random_dims() {
    Dims dims(static_cast<std::size_t>(pick(1, 3)));
    for (auto& dim : dims) dim = pick(1, 4);
    return dims;
  }

  ValueId step(ValueId x) {
    switch (pick(0, 9)) {
      case 0:
        return b().elementwise(kF32, {x}, unary(pick(0, 1) ? RDU_OP_NEG : RDU_OP_TANH));
      case 1:
        return combine(x);
      case 2:
        return transpose(x);
      case 3:
        return reshape(x);
      case 4:
        return slice(x);
      case 5:
        return pad(x);
      case 6:
        return reduce(x);
      case 7:
        return product(x);
      case 8:
        return b().dims(x).empty() ? x : b().concat(parts_of(x), 0);
      default:
        return expand(x);
    }
  }

  std::vector<ValueId> parts_of(ValueId x) {
    return {x, b().elementwise(kF32, {x}, unary(RDU_OP_ABS)), x};
  }

  // With another value where the shapes allow it, else with weights along the last dimension.
  ValueId combine(ValueId x) {
    const rdu_body_op op = pick(0, 1) ? RDU_OP_ADD : RDU_OP_MUL;
    const ValueId other = any();
    if (b().dims(other) == b().dims(x)) return b().elementwise(kF32, {x, other}, binary(op));
    const Dims& dims = b().dims(x);
    const Dims last = dims.empty() ? Dims{} : Dims{dims.back()};
    return b().elementwise(kF32, {x, graph_.weights(last, engine_() % 100)}, binary(op));
  }

  ValueId transpose(ValueId x) {
    Dims perm(b().dims(x).size());
    std::iota(perm.begin(), perm.end(), 0);
    std::shuffle(perm.begin(), perm.end(), engine_);
    return b().transpose(x, perm);
  }

  // Merges two dimensions, or splits one.
  ValueId reshape(ValueId x) {
    Dims dims = b().dims(x);
    if (dims.size() >= 2 && pick(0, 1)) {
      dims[0] *= dims[1];
      dims.erase(dims.begin() + 1);
    } else if (!dims.empty() && dims.size() < 4) {
      const std::int64_t factor = dims[0] % 2 == 0 ? 2 : 1;
      dims[0] /= factor;
      dims.insert(dims.begin() + 1, factor);
    }
    return b().reshape(x, dims);
  }

  ValueId slice(ValueId x) {
    Dims dims = b().dims(x), starts(dims.size(), 0), steps(dims.size(), 1);
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (pick(0, 1) == 0 || dims[i] < 2) continue;
      const bool backwards = pick(0, 1);
      steps[i] = backwards ? -1 : 2;
      starts[i] = backwards ? dims[i] - 1 : pick(0, 1);
      dims[i] = backwards ? dims[i] - 1 : (dims[i] - starts[i] + 1) / 2;
    }
    return b().slice(x, starts, steps, dims);
  }

  ValueId pad(ValueId x) {
    Dims before(b().dims(x).size()), after(before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      before[i] = pick(0, 1);
      after[i] = pick(0, 1);
    }
    const std::uint32_t rule = pick(0, 1) ? RDU_OUTSIDE_FILL : RDU_OUTSIDE_CLAMP;
    return ir::num_elements(b().dims(x)) > 500 ? x : b().pad(x, before, after, rule, 0.5);
  }

  ValueId reduce(ValueId x) {
    const auto rank = static_cast<int>(b().dims(x).size());
    if (rank == 0) return x;
    const rdu_combine_op op = pick(0, 1) ? RDU_COMBINE_MAX : RDU_COMBINE_ADD;
    return b().reduce_axes(x, Dims{pick(0, rank - 1)}, pick(0, 1) == 1, op, kF32, kF32);
  }

  ValueId product(ValueId x) {
    if (b().dims(x).size() != 2) return x;
    return matmul(b(), x, graph_.weights({b().dims(x)[1], pick(1, 4)}, engine_() % 100));
  }

  ValueId expand(ValueId x) {
    Dims dims = b().dims(x);
    if (dims.size() >= 4 || ir::num_elements(dims) > 500) return x;
    dims.insert(dims.begin(), pick(1, 3));
    return b().expand(x, dims);
  }

  std::mt19937 engine_;
  TestGraph graph_;
  std::vector<ValueId> values_;
};

TEST_CASE("no pass changes what a random graph computes") {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    RandomGraph graph(seed);
    INFO("seed " << seed);
    const std::string before = ir::print(graph.variant());
    INFO(before);
    require_preserved(
        graph.variant(),
        [](Variant& variant) {
          PassOptions options;
          options.verify = true;
          run_passes(variant, options);
        },
        1e-5);
  }
}

TEST_CASE("passes are deterministic") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    RandomGraph first(seed), second(seed);
    run_passes(first.variant(), {});
    run_passes(second.variant(), {});
    REQUIRE(ir::print(first.variant()) == ir::print(second.variant()));
  }
}

}  // namespace
}  // namespace rducc::test
