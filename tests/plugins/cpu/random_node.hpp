// One random node (or a short chain of convolutions), with its inputs and its output.
#pragma once

#include <algorithm>
#include <random>

#include "tests/plugins/cpu/test_graph.hpp"

namespace cpu_test {

using Random = std::mt19937_64;

inline std::int64_t pick(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}
inline bool chance(Random& random, int percent) { return pick(random, 0, 99) < percent; }

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  void make() {
    const std::int64_t kind = pick(random_, 0, 11);
    if (kind < 4)
      make_map();
    else if (kind < 7)
      make_reduce();
    else if (kind < 8)
      make_contract();
    else if (kind < 9)
      make_scatter();
    else if (kind < 10)
      make_sort();
    else if (chance(random_, 70))
      make_convolution();
    else
      make_transposed_convolution();
  }

  TestGraph graph;
  ValueId result = 0;
  rdu_dtype dtype = RDU_DTYPE_F32;
  double tolerance = 0;

 private:
  Dims extents(std::int64_t most_loops) {
    Dims dims(static_cast<std::size_t>(pick(random_, 1, most_loops)));
    for (auto& extent : dims) {
      extent = chance(random_, 15)   ? 1
               : chance(random_, 20) ? pick(random_, 20, 70)
                                     : pick(random_, 1, 9);
    }
    return dims;
  }

  // A read of a new input, at a random access of the loops.
  Read random_read(const Dims& loops, rdu_dtype type) {
    const std::int64_t style = pick(random_, 0, 9);
    if (style == 0) return flat_read(loops, type);
    const std::size_t rank = static_cast<std::size_t>(pick(random_, 1, 4));
    Access access;
    Dims dims;
    for (std::size_t d = 0; d < rank; ++d) {
      const auto l =
          static_cast<std::uint32_t>(pick(random_, 0, static_cast<std::int64_t>(loops.size()) - 1));
      access.push_back(random_index(loops, l, dims));
    }
    Read r = read(graph.input(type, dims), access,
                  static_cast<double>(type == BOOL ? 1 : pick(random_, -3, 3)));
    return r;
  }

  Index random_index(const Dims& loops, std::uint32_t l, Dims& dims) {
    const std::int64_t n = loops[l];
    switch (pick(random_, 0, 9)) {
      case 0:  // broadcast
        dims.push_back(pick(random_, 1, 4));
        return fixed(dims.back() - 1);
      case 1: {  // strided slice, perhaps backwards
        const std::int64_t step = pick(random_, 1, 3);
        dims.push_back((n - 1) * step + 3);
        if (chance(random_, 50)) return step * loop(l) + 1;
        return -step * loop(l) + ((n - 1) * step + 1);
      }
      case 2:  // padded
        dims.push_back(std::max<std::int64_t>(1, n - 2));
        return with(RDU_OUTSIDE_FILL, loop(l) - pick(random_, 0, 3));
      case 3:
        dims.push_back(std::max<std::int64_t>(1, n - 3));
        return with(chance(random_, 50) ? RDU_OUTSIDE_CLAMP : RDU_OUTSIDE_REFLECT, loop(l) - 2);
      case 4:  // resize
        dims.push_back((n + 1) / 2 + 1);
        return loop(l) / 2;
      case 5: {  // window
        const auto k = static_cast<std::uint32_t>(
            pick(random_, 0, static_cast<std::int64_t>(loops.size()) - 1));
        dims.push_back(std::max<std::int64_t>(1, 2 * n + loops[k] - 4));
        return with(RDU_OUTSIDE_FILL, 2 * loop(l) + loop(k) - 2);
      }
      case 6: {  // transposed convolution
        const auto k = static_cast<std::uint32_t>(
            pick(random_, 0, static_cast<std::int64_t>(loops.size()) - 1));
        dims.push_back(n / 2 + 1);
        return with(RDU_OUTSIDE_FILL, exactly((loop(l) + (-1 * loop(k)) + 1) / 2));
      }
      case 7: {  // indices from a tensor
        const ValueId source = graph.input(RDU_DTYPE_I64, {n});
        dims.push_back(19);
        return with(RDU_OUTSIDE_CLAMP, indirect(source, {loop(l)}) + 9);
      }
      default:
        dims.push_back(n);
        return loop(l);
    }
  }

  // A folded reshape: the flat position of all loops, taken apart again.
  Read flat_read(const Dims& loops, rdu_dtype type) {
    Index flat;
    std::int64_t total = 1;
    for (std::size_t l = loops.size(); l-- > 0;) {
      flat = flat + total * loop(static_cast<std::uint32_t>(l));
      total *= loops[l];
    }
    const std::int64_t inner = pick(random_, 1, 6);
    const Dims dims{(total + inner - 1) / inner, inner};
    return read(graph.input(type, dims), {flat / inner, flat % inner});
  }

  Access identity(std::size_t rank) {
    Access access;
    for (std::uint32_t l = 0; l < rank; ++l) access.push_back(loop(l));
    return access;
  }

  rdu_dtype random_dtype() {
    const rdu_dtype types[] = {F32, F32, F32, F64, F16, BF16, I64, I32, U8, BOOL};
    return types[pick(random_, 0, 9)];
  }

  // sum of the reads, with a few operations more for floats
  Program random_body(std::size_t reads, rdu_dtype type) {
    Code code;
    std::uint32_t value = code.load(0, type);
    for (std::uint32_t r = 1; r < reads; ++r) {
      const auto op = type == BOOL ? RDU_OP_XOR : chance(random_, 50) ? RDU_OP_ADD : RDU_OP_MAX;
      value = code.op(op, type, value, code.load(r, type));
    }
    if (type == F32 && chance(random_, 30)) value = code.op(RDU_OP_TANH, type, value);
    if (type == F32 && chance(random_, 20)) {
      value = code.op(RDU_OP_MUL, type, value, code.number(type, 0.5));
    }
    if (chance(random_, 20)) {
      const std::uint32_t mask = code.inside(0);
      value = code.op(RDU_OP_SELECT, type, mask, value, code.number(type, 1));
    }
    if (chance(random_, 20) && type != BOOL) {
      const std::uint32_t index = code.index(0);
      value = code.op(RDU_OP_ADD, type, value, code.op(RDU_OP_CAST, type, index));
    }
    return code.result({value});
  }

  void tolerate(rdu_dtype type) { tolerance = type == F32 ? 2e-6 : type == F64 ? 1e-13 : 0; }

  void make_map() {
    const Dims loops = extents(4);
    dtype = random_dtype();
    Node n = map(loops);
    const std::int64_t reads = pick(random_, 1, 3);
    for (std::int64_t r = 0; r < reads; ++r) n.reads.push_back(random_read(loops, dtype));
    n.body = chance(random_, 25) ? copy_of(dtype) : random_body(n.reads.size(), dtype);
    result = graph.output(dtype, loops);
    n.writes.push_back({result, identity(loops.size())});
    graph.add(n);
    tolerate(dtype);
  }

  void make_reduce() {
    Dims loops = extents(4);
    if (chance(random_, 20)) loops.push_back(pick(random_, 4000, 9000));
    const auto parallel =
        static_cast<std::size_t>(pick(random_, 0, static_cast<std::int64_t>(loops.size()) - 1));
    const rdu_dtype types[] = {F32, F32, F64, I64, I32};
    const rdu_dtype type = types[pick(random_, 0, 4)];
    const rdu_combine_op combines[] = {RDU_COMBINE_ADD,          RDU_COMBINE_ADD,
                                       RDU_COMBINE_MAX,          RDU_COMBINE_MIN,
                                       RDU_COMBINE_ARGMAX_FIRST, RDU_COMBINE_ARGMIN_LAST};
    const rdu_combine_op combine = combines[pick(random_, 0, 5)];
    const bool arg = combine >= RDU_COMBINE_ARGMIN_FIRST;
    dtype = arg ? I64 : type;
    Node n = reduce(loops, parallel, combine, dtype);
    n.reads.push_back(random_read(loops, type));
    Code code;
    n.body = code.result({code.load(0, type)});
    const Dims results(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(parallel));
    if (chance(random_, 50) && !arg) {
      Dims side = results.empty() ? Dims{1} : results;
      n.reads.push_back(read(graph.input(type, side),
                             results.empty() ? Access{fixed(0)} : identity(side.size())));
      Code tail;
      const std::uint32_t sum = tail.op(RDU_OP_ADD, type, tail.acc(type), tail.load(1, type));
      n.epilogue = tail.result({sum});
    }
    result = graph.output(dtype, results);
    n.writes.push_back({result, identity(results.size())});
    graph.add(n);
    tolerate(type);
    tolerance *= 10;
  }

  void make_contract() {
    const std::int64_t b = pick(random_, 1, 3), m = pick(random_, 1, 40), k = pick(random_, 1, 50),
                       n = pick(random_, 1, 40);
    const bool flip_a = chance(random_, 50), flip_b = chance(random_, 50),
               shared = chance(random_, 50);
    Node node =
        contract({b, m, n, k}, 3, {RDU_LOOP_BATCH, RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
    const ValueId a = graph.input(F32, flip_a ? Dims{b, k, m} : Dims{b, m, k});
    const Dims weights = flip_b ? Dims{n, k} : Dims{k, n};
    const Access weights_access = flip_b ? Access{loop(2), loop(3)} : Access{loop(3), loop(2)};
    Dims batched{b, weights[0], weights[1]};
    Access batched_access{loop(0), weights_access[0], weights_access[1]};
    node.reads.push_back(
        read(a, flip_a ? Access{loop(0), loop(3), loop(1)} : Access{loop(0), loop(1), loop(3)}));
    node.reads.push_back(shared ? read(graph.input(F32, weights), weights_access)
                                : read(graph.input(F32, batched), batched_access));
    if (chance(random_, 50)) {
      node.reads.push_back(read(graph.input(F32, {n}), {loop(2)}));
      Code tail;
      std::uint32_t value = tail.op(RDU_OP_ADD, F32, tail.acc(F32), tail.load(2, F32));
      if (chance(random_, 50)) value = tail.op(RDU_OP_MAX, F32, value, tail.number(F32, 0));
      node.epilogue = tail.result({value});
    }
    result = graph.output(F32, {b, m, n});
    node.writes.push_back({result, identity(3)});
    graph.add(node);
    tolerance = 1e-5;
  }

  // A convolution of `x` into a new value; with an epilogue now and then.
  ValueId convolve(ValueId x, std::int64_t images, std::int64_t channels, std::int64_t& outputs,
                   std::int64_t& side, bool last) {
    const bool depthwise = outputs == channels && chance(random_, 40);
    const std::int64_t groups = depthwise ? channels : 1, inputs = channels / groups;
    const std::int64_t per_group = outputs / groups;
    const std::int64_t kernel = side > 6 ? pick(random_, 1, 3) : 1,
                       step = side > 6 ? pick(random_, 1, 2) : 1;
    const std::int64_t dilation = side > 8 ? pick(random_, 1, 2) : 1,
                       pad = kernel == 1 ? 0 : pick(random_, 0, 2);
    const std::int64_t out =
        (side + pad + (kernel == 1 ? 0 : pick(random_, 0, 1)) - (kernel - 1) * dilation - 1) /
            step +
        1;
    Node n = contract({images, groups, per_group, out, out, inputs, kernel, kernel}, 5,
                      {RDU_LOOP_BATCH, RDU_LOOP_BATCH, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M,
                       RDU_LOOP_K, RDU_LOOP_WINDOW, RDU_LOOP_WINDOW},
                      F32, F32);
    const auto window = [&](std::uint32_t o, std::uint32_t k) {
      return with(RDU_OUTSIDE_FILL, step * loop(o) + dilation * loop(k) - pad);
    };
    const std::int64_t taps = outputs * inputs * kernel * kernel;
    std::vector<std::byte> weights(static_cast<std::size_t>(taps) * sizeof(float));
    fill_random(F32, static_cast<std::uint64_t>(taps), weights.data(),
                static_cast<std::uint64_t>(taps));
    const ValueId w = graph.constant(F32, {outputs, inputs, kernel, kernel}, weights);
    const Index channel = groups == 1 ? loop(2) : per_group * loop(1) + loop(2);
    n.reads.push_back(read(x, {loop(0), groups == 1 ? loop(5) : inputs * loop(1) + loop(5),
                               window(3, 6), window(4, 7)}));
    n.reads.push_back(read(w, {channel, loop(5), loop(6), loop(7)}));
    if (chance(random_, 70)) {
      n.reads.push_back(read(graph.input(F32, {outputs}), {channel}));
      Code tail;
      std::uint32_t value = tail.op(RDU_OP_ADD, F32, tail.acc(F32), tail.load(2, F32));
      if (chance(random_, 50)) value = tail.op(RDU_OP_MAX, F32, value, tail.number(F32, 0));
      if (chance(random_, 30)) value = tail.op(RDU_OP_TANH, F32, value);
      n.epilogue = tail.result({value});
    }
    side = out;
    const Dims dims{images, outputs, out, out};
    const ValueId y = last ? graph.output(F32, dims) : graph.inner(F32, dims);
    n.writes.push_back({y, {loop(0), channel, loop(3), loop(4)}});
    graph.add(n);
    return y;
  }

  // Tanh, a maximum over windows or nothing between two convolutions.
  ValueId between(ValueId x, std::int64_t images, std::int64_t channels, std::int64_t side) {
    const std::int64_t style = pick(random_, 0, 3);
    if (style == 0) return x;
    const Dims dims{images, channels, side, side};
    const ValueId y = graph.inner(F32, dims);
    if (style == 1) {
      Node pool = reduce({images, channels, side, side, 3, 3}, 4, RDU_COMBINE_MAX, F32);
      pool.reads = {read(x,
                         {loop(0), loop(1), with(RDU_OUTSIDE_FILL, loop(2) + loop(4) - 1),
                          with(RDU_OUTSIDE_FILL, loop(3) + loop(5) - 1)},
                         -9)};
      pool.body = copy_of(F32);
      pool.writes = {{y, identity(4)}};
      graph.add(pool);
      return y;
    }
    Node n = map(dims);
    n.reads = {read(x, identity(4))};
    Code code;
    std::uint32_t value = code.op(RDU_OP_TANH, F32, code.load(0, F32));
    if (style == 2) {
      n.reads.push_back(read(graph.input(F32, {channels}), {loop(1)}));
      value = code.op(RDU_OP_MUL, F32, value, code.load(1, F32));
    }
    n.body = code.result({value});
    n.writes = {{y, identity(4)}};
    graph.add(n);
    return y;
  }

  void make_convolution() {
    const std::int64_t images = pick(random_, 1, 2);
    std::int64_t side = pick(random_, 5, 12), channels = pick(random_, 1, 40);
    ValueId x = graph.input(F32, {images, channels, side, side});
    const std::int64_t length = pick(random_, 1, 3);
    for (std::int64_t i = 0; i < length; ++i) {
      std::int64_t outputs = chance(random_, 30)   ? channels
                             : chance(random_, 50) ? 16 * pick(random_, 1, 4)
                                                   : pick(random_, 1, 70);
      x = convolve(x, images, channels, outputs, side, i + 1 == length);
      channels = outputs;
      if (i + 1 < length) x = between(x, images, channels, side);
    }
    result = x;
    tolerance = 3e-5;
  }

  void make_transposed_convolution() {
    const std::int64_t images = pick(random_, 1, 2), channels = pick(random_, 1, 40),
                       outputs = pick(random_, 1, 40), side = pick(random_, 2, 9),
                       kernel = pick(random_, 1, 4), step = pick(random_, 1, 3),
                       dilation = pick(random_, 1, 2), pad = kernel > 2 ? pick(random_, 0, 1) : 0;
    const std::int64_t out = (side - 1) * step + (kernel - 1) * dilation + 1 - 2 * pad;
    if (out < 1) return make_convolution();
    Node n = contract({images, outputs, out, out, channels, kernel, kernel}, 4,
                      {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M, RDU_LOOP_K, RDU_LOOP_WINDOW,
                       RDU_LOOP_WINDOW},
                      F32, F32);
    const auto window = [&](std::uint32_t o, std::uint32_t k) {
      return with(RDU_OUTSIDE_FILL, exactly((loop(o) + -dilation * loop(k) + pad) / step));
    };
    const std::int64_t taps = outputs * channels * kernel * kernel;
    std::vector<std::byte> weights(static_cast<std::size_t>(taps) * sizeof(float));
    fill_random(F32, static_cast<std::uint64_t>(taps), weights.data(),
                static_cast<std::uint64_t>(taps));
    const ValueId w = graph.constant(F32, {channels, outputs, kernel, kernel}, weights);
    n.reads.push_back(read(graph.input(F32, {images, channels, side, side}),
                           {loop(0), loop(4), window(2, 5), window(3, 6)}));
    n.reads.push_back(read(w, {loop(4), loop(1), loop(5), loop(6)}));
    result = graph.output(F32, {images, outputs, out, out});
    n.writes.push_back({result, identity(4)});
    graph.add(n);
    tolerance = 1e-5;
  }

  void make_scatter() {
    const std::int64_t updates = pick(random_, 1, 30), width = pick(random_, 1, 20);
    dtype = chance(random_, 50) ? F32 : I64;
    Node n = node(RDU_PATTERN_SCATTER, {updates, width}, 2);
    n.combine = chance(random_, 50) ? RDU_COMBINE_ADD : RDU_COMBINE_REPLACE;
    n.base = graph.input(dtype, {19, width});
    const ValueId source = graph.input(I64, {updates});
    n.reads.push_back(read(graph.input(dtype, {updates, width}), identity(2)));
    n.body = copy_of(dtype);
    result = graph.output(dtype, {19, width});
    Index row = indirect(source, {loop(0)}) + (chance(random_, 50) ? 9 : 5);
    row.outside = RDU_OUTSIDE_SKIP;
    n.writes.push_back({result, {row, loop(1)}});
    graph.add(n);
    tolerate(dtype);
  }

  void make_sort() {
    const Dims loops{pick(random_, 1, 5), pick(random_, 1, 200)};
    const rdu_dtype types[] = {F32, F64, I64, I32, F16};
    const rdu_dtype type = types[pick(random_, 0, 4)];
    Node n = node(RDU_PATTERN_SORT, loops, 1);
    n.reads.push_back(read(graph.input(type, loops), identity(2)));
    n.body = copy_of(type);
    n.descending = static_cast<std::uint32_t>(pick(random_, 0, 1));
    dtype = I64;
    result = graph.output(I64, loops);
    n.writes.push_back({result, identity(2)});
    graph.add(n);
  }

  Random random_;
};

}  // namespace cpu_test
