// Chains of quantised convolutions and pooling of random shapes, zero points and scales.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "tests/plugins/cpu/random_node.hpp"

namespace cpu_test {

struct Quantised {
  ValueId value;
  rdu_dtype dtype;
  std::int64_t channels, height, width;
  double zero;
};

class ByteChain {
 public:
  explicit ByteChain(std::uint64_t seed) : random_(seed) {}

  ValueId make() {
    const rdu_dtype dtype = byte();
    const std::int64_t channels = pick(random_, 1, 5) * (chance(random_, 50) ? 1 : 9);
    Quantised x{0, dtype, channels, pick(random_, 3, 19), pick(random_, 3, 19), zero_of(dtype)};
    x.value = graph.input(dtype, {images_, channels, x.height, x.width});
    const std::int64_t length = pick(random_, 2, 4);
    for (std::int64_t i = 0; i < length; ++i) {
      const bool last = i + 1 == length;
      if (!last && chance(random_, 25)) {
        x = pool(x);
      } else {
        x = convolve(x, chance(random_, 40), last);
      }
    }
    return x.value;
  }

  TestGraph graph;
  rdu_dtype result_dtype = U8;

 private:
  rdu_dtype byte() { return chance(random_, 50) ? U8 : I8; }
  double zero_of(rdu_dtype dtype) {
    const double least = dtype == U8 ? 0 : -128;
    return chance(random_, 30) ? least : least + static_cast<double>(pick(random_, 0, 255));
  }
  ValueId result(rdu_dtype dtype, const Dims& dims, bool last) {
    if (!last) return graph.inner(dtype, dims);
    result_dtype = dtype;
    return graph.output(dtype, dims);
  }

  // Mostly what numbers are in models.
  double unit(double usual, const std::vector<double>& others) {
    if (!chance(random_, 15)) return usual;
    return others[static_cast<std::size_t>(
        pick(random_, 0, static_cast<std::int64_t>(others.size()) - 1))];
  }

  template <class T>
  ValueId constant(rdu_dtype dtype, const Dims& dims, std::int64_t low, std::int64_t high,
                   double unit) {
    std::int64_t count = 1;
    for (const std::int64_t d : dims) count *= d;
    std::vector<std::byte> bytes(static_cast<std::size_t>(count) * sizeof(T));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(T)) {
      const T value = static_cast<T>(static_cast<double>(pick(random_, low, high)) * unit);
      std::memcpy(bytes.data() + i, &value, sizeof value);
    }
    return graph.constant(dtype, dims, std::move(bytes));
  }

  // saturate(round(y / divisor) + zero)
  static std::uint32_t quantise(Code& code, std::uint32_t y, rdu_dtype dtype, double divisor,
                                double zero) {
    y = code.op(RDU_OP_ROUND, F32, code.op(RDU_OP_DIV, F32, y, code.number(F32, divisor)));
    y = code.op(RDU_OP_ADD, F32, y, code.number(F32, zero));
    y = code.op(RDU_OP_MAX, F32, y, code.number(F32, dtype == U8 ? 0 : -128));
    y = code.op(RDU_OP_MIN, F32, y, code.number(F32, dtype == U8 ? 255 : 127));
    return code.op(RDU_OP_CAST, dtype, y);
  }

  // f32((acc + in2) * in3 + in4), clamped, rounded; twice as where a Concat has another scale.
  Program epilogue(rdu_dtype dtype, double zero) {
    Code code;
    std::uint32_t sum = code.acc(I32);
    if (chance(random_, 70)) sum = code.op(RDU_OP_ADD, I32, sum, code.load(2, I32));
    std::uint32_t y = code.op(RDU_OP_MUL, F32, code.op(RDU_OP_CAST, F32, sum), code.load(3, F32));
    if (chance(random_, 30)) y = code.op(RDU_OP_ADD, F32, y, code.load(4, F32));
    if (chance(random_, 50)) y = code.op(RDU_OP_MAX, F32, y, code.number(F32, 0));
    if (chance(random_, 20)) y = code.op(RDU_OP_MIN, F32, y, code.number(F32, 6));
    if (dtype == F32) return code.result({y});
    y = quantise(code, y, dtype, 0.0625 + 0.001 * static_cast<double>(pick(random_, 0, 9)), zero);
    if (chance(random_, 25)) {
      y = code.op(RDU_OP_SUB, I32, code.op(RDU_OP_CAST, I32, y), code.number(I32, zero));
      y = code.op(RDU_OP_MUL, F32, code.op(RDU_OP_CAST, F32, y), code.number(F32, 0.07));
      y = quantise(code, y, dtype, 0.05, zero);
    }
    return code.result({y});
  }

  Quantised convolve(const Quantised& x, bool depthwise, bool last) {
    const std::int64_t ky = pick(random_, 1, std::min<std::int64_t>(5, x.height)),
                       kx = pick(random_, 1, std::min<std::int64_t>(5, x.width)),
                       step = pick(random_, 1, 2), dilation = chance(random_, 20) ? 2 : 1,
                       above = pick(random_, 0, ky - 1), left = pick(random_, 0, kx - 1);
    Quantised y = x;
    y.dtype = last && chance(random_, 20) ? F32 : byte();
    y.zero = zero_of(y.dtype);
    y.channels = depthwise ? x.channels : pick(random_, 1, 9) * (chance(random_, 50) ? 1 : 8);
    y.height = (x.height + above - 1) / step + 1;
    y.width = (x.width + left - 1) / step + 1;
    y.value = result(y.dtype, {images_, y.channels, y.height, y.width}, last);
    // Loops n, o, y, x | c, ky, kx, or without c.
    const std::uint32_t window = depthwise ? 4 : 5;
    Dims extents{images_, y.channels, y.height, y.width};
    std::vector<std::uint32_t> roles{RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M};
    if (depthwise) {
      roles[1] = RDU_LOOP_BATCH;
    } else {
      extents.push_back(x.channels);
      roles.push_back(RDU_LOOP_K);
    }
    extents.insert(extents.end(), {ky, kx});
    roles.insert(roles.end(), {RDU_LOOP_WINDOW, RDU_LOOP_WINDOW});
    const rdu_dtype weights = byte();
    const std::int64_t least = weights == U8 ? 0 : -128;
    const double weight_zero = static_cast<double>(weights == U8 ? pick(random_, 0, 255) : 0);
    Node n = contract(extents, 4, {}, I32, I32);
    for (std::size_t l = 0; l < roles.size(); ++l) n.loops[l].role = roles[l];
    const auto at = [&](std::uint32_t o, std::uint32_t k, std::int64_t pad) {
      return with(RDU_OUTSIDE_FILL, step * loop(o) + dilation * loop(k) - pad);
    };
    const ValueId w = weights == U8
                          ? constant<std::uint8_t>(U8, weight_dims(x, y, depthwise, ky, kx), least,
                                                   least + 255, 1)
                          : constant<std::int8_t>(I8, weight_dims(x, y, depthwise, ky, kx), least,
                                                  least + 255, 1);
    Access of_weights =
        depthwise ? Access{loop(1), loop(4), loop(5)} : Access{loop(1), loop(4), loop(5), loop(6)};
    const std::int64_t least_scale = y.dtype == F32 ? 1 : -8;  // zeros of floats have no signs then
    n.reads = {
        read(x.value,
             {loop(0), loop(depthwise ? 1 : 4), at(2, window, above), at(3, window + 1, left)},
             x.zero),
        read(w, of_weights),
        read(constant<std::int32_t>(I32, {y.channels}, -2000, 2000, 1), {loop(1)}),
        read(constant<float>(F32, {y.channels}, least_scale, 40,
                             unit(1e-4, {1e-30, 1e-20, 1e3, 1e25})),
             {loop(1)}),
        read(constant<float>(F32, {y.channels}, -100, 100, unit(0.01, {1e-25, 1, 1e4})),
             {loop(1)})};
    n.body = body(x, weights, weight_zero);
    n.epilogue = epilogue(y.dtype, y.zero);
    n.writes = {{y.value, {}}};
    graph.add(n);
    return y;
  }

  static Dims weight_dims(const Quantised& x, const Quantised& y, bool depthwise, std::int64_t ky,
                          std::int64_t kx) {
    if (depthwise) return {y.channels, ky, kx};
    return {y.channels, x.channels, ky, kx};
  }

  static Program body(const Quantised& x, rdu_dtype weights, double weight_zero) {
    Code code;
    const auto operand = [&](std::uint32_t number, rdu_dtype dtype, double zero) {
      const std::uint32_t value = code.op(RDU_OP_CAST, I32, code.load(number, dtype));
      return zero == 0 ? value : code.op(RDU_OP_SUB, I32, value, code.number(I32, zero));
    };
    const std::uint32_t a = operand(0, x.dtype, x.zero), b = operand(1, weights, weight_zero);
    return code.result({a, b});
  }

  // The largest of a window, or the mean.
  Quantised pool(const Quantised& x) {
    const bool mean = chance(random_, 50);
    const std::int64_t taps = std::min({std::int64_t{3}, x.height, x.width}),
                       step = pick(random_, 1, 2);
    Quantised y = x;
    y.height = (x.height - taps) / step + 1;
    y.width = (x.width - taps) / step + 1;
    y.value = graph.inner(x.dtype, {images_, y.channels, y.height, y.width});
    Node n = reduce({images_, y.channels, y.height, y.width, taps, taps}, 4,
                    mean ? RDU_COMBINE_ADD : RDU_COMBINE_MAX, mean ? I32 : x.dtype);
    n.reads = {read(x.value, {loop(0), loop(1), step * loop(2) + loop(4), step * loop(3) + loop(5)},
                    x.zero)};
    n.writes = {{y.value, {}}};
    n.body = copy_of(x.dtype);
    if (mean) {
      Code code, after;
      const std::uint32_t value = code.op(RDU_OP_CAST, I32, code.load(0, x.dtype));
      n.body = code.result({code.op(RDU_OP_SUB, I32, value, code.number(I32, x.zero))});
      std::uint32_t sum = after.op(RDU_OP_CAST, F32, after.acc(I32));
      sum = after.op(RDU_OP_DIV, F32, sum, after.number(F32, static_cast<double>(taps * taps)));
      n.epilogue = after.result({quantise(after, sum, x.dtype, 1, x.zero)});
    }
    graph.add(n);
    return y;
  }

  Random random_;
  const std::int64_t images_ = 2;
};

inline std::vector<std::byte> run_on(Device& device, const rdu::artifact::FlatGraph& flat,
                                     ValueId result) {
  Loaded loaded(device, flat);
  const ValueId input = flat.value_lists[flat.graphs[0].first_input];
  Memory& bytes = loaded.storage(input);
  Random random(7);
  for (std::uint64_t i = 0; i < bytes.size(); ++i) {
    bytes.data()[i] = static_cast<std::byte>(pick(random, 0, 255));
  }
  const Outcome outcome = loaded.run();
  CHECK(outcome.message == "");
  const Memory& memory = loaded.storage(result);
  return {memory.data(), memory.data() + memory.size()};
}

// On each device, the bits of the reference.
inline void check_chains(Device* devices, std::size_t num_devices, int usual_count) {
  static Device reference("reference:");
  const char* env = std::getenv("RDU_RANDOM_GRAPHS");
  const int count = env != nullptr ? std::atoi(env) : usual_count;
  for (int seed = 0; seed < count; ++seed) {
    ByteChain chain(static_cast<std::uint64_t>(seed));
    const ValueId result = chain.make();
    const auto flat = chain.graph.flat();
    const std::vector<std::byte> expected = run_on(reference, flat, result);
    for (std::size_t d = 0; d < num_devices; ++d) {
      CAPTURE(seed, d);
      CHECK(run_on(devices[d], flat, result) == expected);
    }
  }
}

}  // namespace cpu_test
