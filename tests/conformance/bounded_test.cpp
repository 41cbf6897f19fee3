// Extents that a run decides: products, reductions and caches over the part in use, from nothing up to the bound.
#include <algorithm>
#include <array>
#include <limits>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

using Extents = std::array<std::int64_t, 4>;  // batch, m, n, k

// Small integers, so that sums are exact in any order.
Numbers digits(std::int64_t count, int seed) {
  Numbers numbers;
  for (std::int64_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<Number>((i * 7 + seed) % 11 - 5));
  }
  return numbers;
}

std::int64_t points(const Dims& dims) {
  std::int64_t total = 1;
  for (const std::int64_t extent : dims) total *= extent;
  return total;
}

// y[b, m, n] = bias[n] + sum over k of x[b, m, k] · w[b, n, k] (or w[b, k, n]), every dimension bounded.
struct Product {
  Product(const Extents& bounds, bool transposed, bool with_bias)
      : bounds(bounds), transposed(transposed), with_bias(with_bias) {
    const auto [b, m, n, k] = bounds;
    for (ValueId& each : lengths) each = c.input(I64, {}, {0});
    const std::array<std::uint32_t, 3> w_loops =
        transposed ? std::array<std::uint32_t, 3>{0, 2, 3} : std::array<std::uint32_t, 3>{0, 3, 2};
    const ValueId x = tensor({b, m, k}, {0, 1, 3}, 1, false);
    const ValueId w = tensor({b, transposed ? n : k, transposed ? k : n}, w_loops, 2, false);
    const ValueId bias = c.input(F32, {n}, digits(n, 3));
    y = tensor({b, m, n}, {0, 1, 2}, 0, true);
    Node node =
        contract({b, m, n, k}, 3, {RDU_LOOP_BATCH, RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
    for (std::uint32_t l = 0; l < 4; ++l) node.loops[l].extent_value = lengths[l];
    node.reads = {read(x, {loop(0), loop(1), loop(3)}),
                  read(w, {loop(w_loops[0]), loop(w_loops[1]), loop(w_loops[2])})};
    if (with_bias) {
      node.reads.push_back(read(bias, {loop(2)}));
      Code code;
      const auto sum = code.acc(F32), added = code.load(2, F32);
      node.epilogue = code.result({code.op(RDU_OP_ADD, F32, sum, added)});
    }
    node.writes = {{y, {}}};
    c.add(node);
  }

  ValueId tensor(const Dims& dims, const std::array<std::uint32_t, 3>& loops, int seed,
                 bool written) {
    const ValueId id =
        written ? c.output(F32, dims) : c.input(F32, dims, digits(points(dims), seed));
    for (std::uint32_t d = 0; d < 3; ++d) c.bound(id, d, lengths[loops[d]]);
    return id;
  }

  void check(const Extents& extents) {
    INFO("extents " << extents[0] << " " << extents[1] << " " << extents[2] << " " << extents[3]);
    for (std::size_t l = 0; l < 4; ++l) c.set(lengths[l], {static_cast<Number>(extents[l])});
    c.run();
    const Numbers all = c.get(y);
    Numbers actual, expected;
    for (std::int64_t b = 0; b < extents[0]; ++b) {
      for (std::int64_t m = 0; m < extents[1]; ++m) {
        for (std::int64_t n = 0; n < extents[2]; ++n) {
          actual.push_back(all[static_cast<std::size_t>((b * bounds[1] + m) * bounds[2] + n)]);
          expected.push_back(result(b, m, n, extents[3]));
        }
      }
    }
    CHECK_SAME(actual, expected);
  }

  Number result(std::int64_t b, std::int64_t m, std::int64_t n, std::int64_t count) const {
    const auto digit = [](std::int64_t i, int seed) {
      return static_cast<Number>((i * 7 + seed) % 11 - 5);
    };
    Number sum = with_bias ? digit(n, 3) : 0;
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t w =
          transposed ? (b * bounds[2] + n) * bounds[3] + k : (b * bounds[3] + k) * bounds[2] + n;
      sum += digit((b * bounds[1] + m) * bounds[3] + k, 1) * digit(w, 2);
    }
    return sum;
  }

  Case c;
  Extents bounds;
  bool transposed, with_bias;
  std::array<ValueId, 4> lengths{};
  ValueId y = kNone;
};

void check_products(const Extents& bounds) {
  for (const bool transposed : {false, true}) {
    for (const bool with_bias : {false, true}) {
      Product product(bounds, transposed, with_bias);
      product.check(bounds);
      product.check({1, 1, 1, 1});
      product.check({bounds[0], bounds[1], bounds[2], 0});
      for (std::size_t l = 0; l < 4; ++l) {
        Extents extents = bounds;
        extents[l] /= 2;
        product.check(extents);
        extents[l] = 0;
        product.check(extents);
      }
    }
  }
}

// A cache [2, room, 3] that holds rows 100, 101, …, and a scatter that appends `count` rows of -1, -2, … at `length`.
struct Cache {
  Cache(std::int64_t room, std::int64_t count) : room(room) {
    length = c.input(I64, {}, {0});
    total = c.input(I64, {}, {0});
    const ValueId rows = c.input(F32, {2, count, 3}, new_rows(count));
    cache = c.input(F32, {2, room, 3}, iota(static_cast<std::size_t>(2 * room * 3), 100));
    c.bound(cache, 1, total);
    Node append = node(RDU_PATTERN_SCATTER, {2, count, 3}, 3);
    append.combine = RDU_COMBINE_REPLACE;
    append.base = cache;
    append.reads = {read(rows, {loop(0), loop(1), loop(2)})};
    append.body = copy_of(F32);
    append.writes = {{cache, {loop(0), indirect(length, {}) + loop(1), loop(2)}}};
    c.add(append);
    c.variable("cache", cache, cache);
  }

  static Numbers new_rows(std::int64_t count) {
    Numbers numbers;
    for (std::int64_t i = 0; i < 2 * count * 3; ++i) numbers.push_back(static_cast<Number>(-1 - i));
    return numbers;
  }

  void at(std::int64_t used, std::int64_t now) {
    c.set(length, {static_cast<Number>(used)});
    c.set(total, {static_cast<Number>(now)});
  }

  Case c;
  std::int64_t room;
  ValueId length = kNone, total = kNone, cache = kNone;
};

// x over [3, 40], reduced along the second dimension up to the length.
struct Reduction {
  Reduction(rdu_combine_op combine, rdu_dtype result) {
    length = c.input(I64, {}, {0});
    const ValueId x = c.input(F32, {3, 40}, digits(120, 4));
    c.bound(x, 1, length);
    y = c.output(result, {3});
    Node n = reduce({3, 40}, 1, combine, F32);
    n.loops[1].extent_value = length;
    n.reads = {read(x, {loop(0), loop(1)})};
    n.body = copy_of(F32);
    n.writes = {{y, {}}};
    c.add(n);
  }

  Numbers run(std::int64_t count) {
    c.set(length, {static_cast<Number>(count)});
    c.run();
    return c.get(y);
  }

  Case c;
  ValueId length = kNone, y = kNone;
};

}  // namespace

CONFORMANCE_CASE("bounded: a product in every dimension") { check_products({3, 5, 70, 33}); }

CONFORMANCE_CASE("bounded: a product of one row") { check_products({4, 1, 150, 40}); }

CONFORMANCE_CASE("bounded: a large product") {
  Product product({2, 40, 300, 129}, true, true);
  for (const Extents& extents : {Extents{2, 40, 300, 129}, {1, 33, 257, 128}, {2, 2, 299, 1}}) {
    product.check(extents);
  }
}

CONFORMANCE_CASE("bounded: a product beyond a bound fails the run") {
  for (std::size_t l = 0; l < 4; ++l) {
    Product product({2, 3, 4, 5}, false, false);
    Extents extents = product.bounds;
    ++extents[l];
    for (std::size_t i = 0; i < 4; ++i) {
      product.c.set(product.lengths[i], {static_cast<Number>(extents[i])});
    }
    CHECK(product.c.try_run().code == RDU_ERR_OUT_OF_RANGE);
    product.c.set(product.lengths[l], {-1});
    CHECK(product.c.try_run().code == RDU_ERR_OUT_OF_RANGE);
    product.check(product.bounds);
  }
}

CONFORMANCE_CASE("bounded: sums and maxima over what is in use") {
  Reduction sum(RDU_COMBINE_ADD, F32), most(RDU_COMBINE_MAX, F32);
  const Numbers x = digits(120, 4);
  for (const std::int64_t count : {0, 1, 17, 39, 40}) {
    Numbers sums(3, 0), maxima(3, -std::numeric_limits<Number>::infinity());
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
        sums[i] += x[40 * i + r];
        maxima[i] = std::max(maxima[i], x[40 * i + r]);
      }
    }
    CHECK_SAME(sum.run(count), sums);
    CHECK_SAME(most.run(count), maxima);
  }
}

CONFORMANCE_CASE("bounded: the position of the last minimum in use") {
  Reduction least(RDU_COMBINE_ARGMIN_LAST, I64);
  const Numbers x = digits(120, 4);
  for (const std::int64_t count : {1, 5, 23, 40}) {
    Numbers expected(3, 0);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
        const auto best = static_cast<std::size_t>(expected[i]);
        if (x[40 * i + r] <= x[40 * i + best]) expected[i] = static_cast<Number>(r);
      }
    }
    CHECK_SAME(least.run(count), expected);
  }
}

CONFORMANCE_CASE("cache: rows are appended in place, and nothing else changes") {
  for (const std::int64_t count : {1, 3}) {
    Cache cache(8, count);
    Numbers expected = iota(48, 100);
    for (std::int64_t used = 0; used + count <= cache.room; used += count) {
      cache.at(used, used + count);
      if (used > 0) cache.c.set(cache.cache, expected);
      cache.c.run();
      const Numbers rows = Cache::new_rows(count);
      for (std::int64_t h = 0; h < 2; ++h) {
        std::copy_n(rows.begin() + h * count * 3, count * 3,
                    expected.begin() + (h * cache.room + used) * 3);
      }
      CHECK_SAME(cache.c.get(cache.cache), expected);
    }
  }
}

CONFORMANCE_CASE("cache: an append beyond the extent fails the run and spares what is below") {
  Cache cache(8, 3);
  for (const auto& [used, now] : {std::pair{6, 8}, {4, 6}, {8, 8}, {0, 2}}) {
    cache.at(used, now);
    cache.c.set(cache.cache, iota(48, 100));
    CHECK(cache.c.try_run().code == RDU_ERR_OUT_OF_RANGE);
    const Numbers left = cache.c.get(cache.cache);
    for (std::size_t h = 0; h < 2; ++h) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(3 * used); ++i) {
        CHECK(left[24 * h + i] == static_cast<Number>(100 + 24 * h + i));
      }
    }
  }
}

}  // namespace conformance
