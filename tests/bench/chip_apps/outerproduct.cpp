// OuterProduct of two int32 vectors: little is read, n² words are written.
//
//   [n] / ts1 * op1 { load a (ts1); [n] / ts2 * op2 { load b (ts2); [ts1] x [ts2] * 16 { a · b } into a tile; store the tile by rows } }
//
// `ip` is the width of loads and stores; the product is as wide as the chip.
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

struct Sizes {
  std::uint32_t n, ts1, ts2, ip;
  Strip rows, columns;
};

struct Regions {
  Region a, b, product;
};

// One of op1 · op2 copies of the inner body; `a` comes element by element, the same in all lanes.
Loop inner_body(Nest& nest, const Sizes& size, const Regions& regions, Stream a, std::uint32_t p1,
                std::uint32_t p2, std::uint32_t all_lanes) {
  const Chain trips = {loop(size.rows.trips()), loop(size.columns.trips())};
  const Chain column = trips + lanes(size.ts2, size.ip);
  const Chain in_order = trips + loop(size.ts1);
  const Chain compute = in_order + lanes(size.ts2, all_lanes);
  const Chain piece = in_order + lanes(size.ts2, size.ip);

  const Affine from = size.columns.index(1, p2) + at(2, 1);
  const Memory load_b = nest.load("load b", column, regions.b, size.n, {from});
  const Tile b =
      nest.tile("b", size.ts2, 2, {{column, {at(2, 1)}, load_b.data()}}, {compute, {at(3, 1)}});

  Simd multiply = nest.section().simd("multiply", compute);
  const Stream products = multiply.vector(
      multiply.compute(RDU_HW_OP_MUL_I32, multiply.input(a, 3), multiply.input(b.data())));
  const Tile tile = nest.tile("tile", std::int64_t{size.ts1} * size.ts2, 2,
                              {{compute, {at(3, 1), at(2, 1), size.ts2}, products}},
                              {piece, {at(3, 1), at(2, 1), size.ts2}});

  const Affine row = size.rows.index(0, p1) + at(2, 1);
  const Affine to = size.columns.index(1, p2) + at(3, 1);
  const Memory store = nest.store("store", piece, regions.product, std::int64_t{size.n} * size.n,
                                  tile.data(), {to, row, size.n});
  return {"columns",
          2,
          {{"load b", {load_b}, {b.writes.front()}},
           {"multiply", {}, {tile.writes.front()}},
           {"store", {}, {store}}}};
}

}  // namespace

void make_outerproduct(Kernel& kernel) {
  const std::uint32_t n = kernel["n"], op1 = kernel["op1"], op2 = kernel["op2"];
  const std::uint32_t all_lanes = kernel.num_lanes();
  const Sizes size = {n,
                      kernel["ts1"],
                      kernel["ts2"],
                      kernel.lanes("ip"),
                      {n, kernel["ts1"], op1},
                      {n, kernel["ts2"], op2}};
  Nest& nest = kernel.nest();
  const Integers a = kernel.random().integers(n, -1000, 1000);
  const Integers b = kernel.random().integers(n, -1000, 1000);
  const Regions regions = {kernel.input("a", a), kernel.input("b", b),
                           kernel.output("product", std::size_t{n} * n)};

  const Chain trips = {loop(size.rows.trips())};
  const Chain words = trips + lanes(size.ts1, size.ip);
  const Chain elements =
      trips + Chain{loop(size.columns.trips()), loop(size.ts1), nest.broadcast()};
  for (std::uint32_t p1 = 0; p1 < op1; ++p1) {
    const Affine from = size.rows.index(0, p1) + at(1, 1);
    const Memory load_a = nest.load("load a", words, regions.a, n, {from});
    const Tile tile =
        nest.tile("a", size.ts1, 1, {{words, {at(1, 1)}, load_a.data()}}, {elements, {at(2, 1)}});
    Stage inner = {"columns", {}, {}};
    for (std::uint32_t p2 = 0; p2 < op2; ++p2) {
      Loop body = inner_body(nest, size, regions, tile.data(), p1, p2, all_lanes);
      for (const ContextHandle& first : body.stages.front().first) inner.first.push_back(first);
      for (const ContextHandle& last : body.stages.back().last) inner.last.push_back(last);
      nest.metapipe(std::move(body));
    }
    nest.metapipe({"rows", 1, {{"load a", {load_a}, {tile.writes.front()}}, inner}});
  }

  Integers expected;
  for (const std::int32_t x : a) {
    for (const std::int32_t y : b) expected.push_back(x * y);
  }
  kernel.expect(regions.product, expected);
}

}  // namespace chip_apps
