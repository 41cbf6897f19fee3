// Products and convolutions of 16-bit floats, on every instruction set and on emulated tiles: what the reference
// computes, up to the rounding of what lies between, and the same bits on any threads.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <rdu/plugin.hpp>

#include "plugins/cpu/simd/kernels.hpp"
#include "tests/plugins/cpu/test_graph.hpp"
#include "tests/support/amx_emulator.hpp"

namespace cpu_test {
namespace {

constexpr double kRounding =
    1.0 / 100;  // a step of BF16 is a 256th; sums may round to either side, layer by layer

Access identity(std::size_t rank) {
  Access access;
  for (std::uint32_t d = 0; d < rank; ++d) access.push_back(loop(d));
  return access;
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return pick(0, 99) < percent; }
  rdu_dtype either() { return chance(75) ? BF16 : F32; }

  // Weights with sums near 1.
  ValueId weights(rdu_dtype dtype, const Dims& dims, std::int64_t products) {
    std::int64_t count = 1;
    for (const std::int64_t d : dims) count *= d;
    std::uniform_real_distribution<float> uniform(-2, 2);
    std::vector<std::byte> bytes;
    for (std::int64_t i = 0; i < count; ++i) {
      const float w = uniform(random_) / std::sqrt(static_cast<float>(products));
      const auto bits = std::bit_cast<std::uint32_t>(w);
      const std::size_t size = dtype == BF16 ? 2 : 4;
      const auto* from = reinterpret_cast<const std::byte*>(&bits) + (4 - size);
      bytes.insert(bytes.end(), from, from + size);
    }
    return graph.constant(dtype, dims, std::move(bytes));
  }

  static std::uint32_t gelu(Code& code, std::uint32_t x) {
    const std::uint32_t e =
        code.op(RDU_OP_ERF, F32, code.op(RDU_OP_MUL, F32, x, code.number(F32, 0.70710678)));
    const std::uint32_t sum = code.op(RDU_OP_ADD, F32, e, code.number(F32, 1));
    return code.op(RDU_OP_MUL, F32, code.op(RDU_OP_MUL, F32, x, sum), code.number(F32, 0.5));
  }
  static std::uint32_t swish(Code& code, std::uint32_t x) {
    const std::uint32_t e = code.op(RDU_OP_EXP, F32, code.op(RDU_OP_NEG, F32, x));
    const std::uint32_t sum = code.op(RDU_OP_ADD, F32, code.number(F32, 1), e);
    return code.op(RDU_OP_MUL, F32, x, code.op(RDU_OP_RCP, F32, sum));
  }

  // sum (+ bias) (+ residual), then a clamp, an activation or nothing, rounded to the result.
  void finish(Node& n, rdu_dtype result, std::size_t channel_loop, std::size_t rank,
              const Dims& dims) {
    Code code;
    std::uint32_t reg = code.acc(F32);
    if (chance(70)) {
      n.reads.push_back(read(weights(F32, {dims[channel_loop]}, 1),
                             {loop(static_cast<std::uint32_t>(channel_loop))}));
      reg = code.op(RDU_OP_ADD, F32, reg, code.load(2, F32));
    }
    if (chance(40)) {
      const rdu_dtype dtype = either();
      n.reads.push_back(read(graph.input(dtype, dims), identity(rank)));
      std::uint32_t more = code.load(static_cast<std::uint32_t>(n.reads.size() - 1), dtype);
      if (dtype == BF16) more = code.op(RDU_OP_CAST, F32, more);
      reg = code.op(RDU_OP_ADD, F32, more, reg);
    }
    if (chance(50)) reg = code.op(RDU_OP_MAX, F32, reg, code.number(F32, 0));
    if (chance(20)) reg = code.op(RDU_OP_TANH, F32, reg);
    if (chance(30)) reg = chance(50) ? gelu(code, reg) : swish(code, reg);
    if (result == BF16) reg = code.op(RDU_OP_CAST, BF16, reg);
    n.epilogue = code.result({reg});
  }

  // p and q as the precision pass leaves them.
  void operands(Node& n, rdu_dtype first, rdu_dtype second, bool narrow) {
    Code code;
    const auto load = [&](std::uint32_t number, rdu_dtype stored) {
      const std::uint32_t reg = code.load(number, stored);
      const rdu_dtype wanted = narrow ? BF16 : F32;
      return stored == wanted ? reg : code.op(RDU_OP_CAST, wanted, reg);
    };
    const std::uint32_t p = load(0, first), q = load(1, second);
    n.body = code.result({p, q});
  }

  void convolutions() {
    const std::int64_t images = pick(1, 2);
    std::int64_t channels = chance(30) ? pick(1, 4) : chance(50) ? 32 * pick(1, 2) : pick(5, 50);
    std::int64_t height = pick(3, 12), width = chance(20) ? pick(13, 40) : pick(3, 12);
    rdu_dtype stored = either();
    ValueId x = graph.input(stored, {images, channels, height, width});
    const std::int64_t length = pick(1, 3);
    for (std::int64_t i = 0; i < length; ++i) {
      const bool last = i + 1 == length, pools = !last && chance(40) && height > 2 && width > 2;
      x = convolve(x, stored, images, channels, height, width, last);
      stored = dtype;
      if (pools) x = pool(x, images, channels, height, width);
    }
    result = x;
  }

  ValueId convolve(ValueId x, rdu_dtype stored, std::int64_t images, std::int64_t& channels,
                   std::int64_t& height, std::int64_t& width, bool last) {
    const std::int64_t outputs = chance(40) ? 16 * pick(1, 3) : pick(1, 40),
                       step = chance(10) ? 4 : pick(1, 2);
    const std::int64_t kernel = std::min({chance(15) ? pick(4, 7) : pick(1, 3), height, width}),
                       pad = pick(0, kernel - 1);
    const std::int64_t tall = (height + 2 * pad - kernel) / step + 1;
    const std::int64_t wide = (width + 2 * pad - kernel) / step + 1;
    const Dims dims{images, outputs, tall, wide};
    Node n = contract({images, outputs, tall, wide, channels, kernel, kernel}, 4,
                      {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M, RDU_LOOP_K, RDU_LOOP_WINDOW,
                       RDU_LOOP_WINDOW},
                      F32, F32);
    const auto window = [&](std::uint32_t o, std::uint32_t k) {
      return with(RDU_OUTSIDE_FILL, step * loop(o) + loop(k) - pad);
    };
    const rdu_dtype weight = either();
    n.reads.push_back(read(x, {loop(0), loop(4), window(2, 5), window(3, 6)}));
    n.reads.push_back(
        read(weights(weight, {outputs, channels, kernel, kernel}, channels * kernel * kernel),
             {loop(1), loop(4), loop(5), loop(6)}));
    operands(n, stored, weight, chance(80));
    dtype = either();
    const ValueId y = last ? graph.output(dtype, dims) : graph.inner(dtype, dims);
    finish(n, dtype, 1, 4, dims);
    n.writes.push_back({y, identity(4)});
    graph.add(n);
    channels = outputs;
    height = tall;
    width = wide;
    return y;
  }

  ValueId pool(ValueId x, std::int64_t images, std::int64_t channels, std::int64_t& height,
               std::int64_t& width) {
    const std::int64_t tall = (height - 1) / 2 + 1, wide = (width - 1) / 2 + 1;
    Node n = reduce({images, channels, tall, wide, 3, 3}, 4, RDU_COMBINE_MAX, F32);
    const auto window = [&](std::uint32_t o, std::uint32_t k) {
      return with(RDU_OUTSIDE_FILL, 2 * loop(o) + loop(k) - 1);
    };
    n.reads.push_back(read(x, {loop(0), loop(1), window(2, 4), window(3, 5)},
                           -std::numeric_limits<double>::infinity()));
    n.reads.back().fill.i = 0;
    Code body, after;
    const std::uint32_t in = body.load(0, dtype);
    n.body = body.result({dtype == F32 ? in : body.op(RDU_OP_CAST, F32, in)});
    const std::uint32_t acc = after.acc(F32);
    n.epilogue = after.result({dtype == F32 ? acc : after.op(RDU_OP_CAST, dtype, acc)});
    const ValueId y = graph.inner(dtype, {images, channels, tall, wide});
    n.writes.push_back({y, identity(4)});
    graph.add(n);
    height = tall;
    width = wide;
    return y;
  }

  void product() {
    const std::int64_t batches = chance(50) ? 1 : pick(2, 3), m = chance(30) ? 1 : pick(2, 70);
    const std::int64_t k = chance(40) ? 32 * pick(1, 4) : pick(1, 140), columns = pick(1, 70);
    Node n = contract({batches, m, columns, k}, 3,
                      {RDU_LOOP_BATCH, RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
    const rdu_dtype first = either(), second = either();
    const bool computed = chance(50), turned = chance(50), turned_rows = chance(15);
    n.reads.push_back(turned_rows
                          ? read(graph.input(first, {batches, k, m}), {loop(0), loop(3), loop(1)})
                          : read(graph.input(first, {batches, m, k}), {loop(0), loop(1), loop(3)}));
    Access access = turned ? Access{loop(2), loop(3)} : Access{loop(3), loop(2)};
    Dims dims = turned ? Dims{columns, k} : Dims{k, columns};
    if (computed) {
      access.insert(access.begin(), loop(0));
      dims.insert(dims.begin(), batches);
    }
    n.reads.push_back(
        read(computed ? graph.input(second, dims) : weights(second, dims, k), access));
    operands(n, first, second, chance(80));
    dtype = either();
    finish(n, dtype, 2, 3, {batches, m, columns});
    result = graph.output(dtype, {batches, m, columns});
    n.writes.push_back({result, identity(3)});
    graph.add(n);
  }

  TestGraph graph;
  ValueId result = 0;
  rdu_dtype dtype = F32;

 private:
  std::mt19937 random_;
};

std::vector<std::byte> run_on(Device& device, const rdu::artifact::FlatGraph& flat, ValueId result,
                              std::uint64_t seed) {
  Loaded loaded(device, flat);
  const rdu_subgraph& top = flat.graphs[0];
  for (std::uint32_t i = 0; i < top.num_inputs; ++i) {
    const ValueId id = flat.value_lists[top.first_input + i];
    const rdu_value& value = flat.values[id];
    fill_random(value.dtype, seed + id, loaded.storage(id).data(),
                static_cast<std::uint64_t>(rdu::plugin::num_elements(value)));
  }
  REQUIRE(loaded.run().ok());
  const Memory& memory = loaded.storage(result);
  return {memory.data(), memory.data() + memory.size()};
}

// Of floats, or of BF16 seen as floats.
double distance(rdu_dtype dtype, const std::vector<std::byte>& a, const std::vector<std::byte>& b,
                std::uint64_t count) {
  if (dtype == F32) return difference(F32, a.data(), b.data(), count);
  const auto widened = [&](const std::vector<std::byte>& from) {
    std::vector<std::byte> to(count * 4);
    for (std::uint64_t i = 0; i < count; ++i) std::copy_n(&from[i * 2], 2, &to[i * 4 + 2]);
    return to;
  };
  return difference(F32, widened(a).data(), widened(b).data(), count);
}

// A device for each instruction set that runs here, with one thread and with two.
struct Pair {
  std::string isa;
  Device one, two;

  explicit Pair(const std::string& name)
      : isa(name), one("cpu:?threads=1&isa=" + name), two("cpu:?threads=2&isa=" + name) {}
};

const std::vector<std::unique_ptr<Pair>>& devices() {
  static const auto all = [] {
    std::vector<std::unique_ptr<Pair>> found;
    for (const char* isa : {"baseline", "avx2", "avx512", "amx"}) {
      if (rdu::cpu::select_kernels(isa) != nullptr) found.push_back(std::make_unique<Pair>(isa));
    }
    return found;
  }();
  return all;
}

void check(Maker& maker, std::uint64_t seed) {
  static Device reference("reference:");
  const auto flat = maker.graph.flat();
  const auto n = static_cast<std::uint64_t>(rdu::plugin::num_elements(flat.values[maker.result]));
  const auto expected = run_on(reference, flat, maker.result, seed);
  for (const auto& device : devices()) {
    CAPTURE(seed, device->isa);
    const auto actual = run_on(device->one, flat, maker.result, seed);
    CHECK(distance(maker.dtype, actual, expected, n) <= kRounding);
    CHECK(run_on(device->two, flat, maker.result, seed) == actual);
  }
}

}  // namespace

TEST_CASE("narrow: random chains of convolutions and products") {
  rdu::testing::emulate_amx();
  const char* env = std::getenv("RDU_RANDOM_GRAPHS");
  const unsigned count = env != nullptr ? static_cast<unsigned>(std::atoi(env)) : 80;
  for (unsigned seed = 0; seed < count; ++seed) {
    Maker maker(seed);
    seed % 2 == 0 ? maker.convolutions() : maker.product();
    check(maker, seed);
  }
  const bool tiles = devices().back()->isa == "amx";
  if (!tiles) WARN("no AVX-512: tiles were not tested");
  INFO(rdu::testing::emulated_instructions() << " instructions were emulated");
  CHECK((!tiles || rdu::cpu::amx_runs_here()));
}

}  // namespace cpu_test
