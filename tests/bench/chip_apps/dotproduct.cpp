// DotProduct of int32 vectors: two streams from memory, one sum.
//
//   Reduce [n] / ts * op { load a, b (ts) in parallel; Reduce [ts] * ip { a · b } } -> argument
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {

void make_dotproduct(Kernel& kernel) {
  const std::uint32_t n = kernel["n"], ts = kernel["ts"], op = kernel["op"];
  const std::uint32_t ip = kernel.lanes("ip");
  const Strip tiles = {n, ts, op};
  Nest& nest = kernel.nest();
  const Integers a = kernel.random().integers(n, -1000, 1000);
  const Integers b = kernel.random().integers(n, -1000, 1000);
  const Region regions[] = {kernel.input("a", a), kernel.input("b", b)};
  const Scalar sum = kernel.result("sum");

  const Chain words = {loop(tiles.trips()), lanes(ts, ip)};
  std::vector<Stream> parts;
  Stage load = {"load", {}, {}};
  Stage reduce = {"reduce", {}, {}};
  for (std::uint32_t p = 0; p < op; ++p) {
    const Affine index = tiles.index(0, p) + at(1, 1);
    Simd product = nest.section().simd("product", words);
    std::vector<Value> operands;
    for (const Region& region : regions) {
      const Memory loaded = nest.load("load", words, region, n, {index});
      const Tile tile =
          nest.tile("tile", ts, 1, {{words, {at(1, 1)}, loaded.data()}}, {words, {at(1, 1)}});
      operands.push_back(product.input(tile.data()));
      load.first.push_back(loaded);
      load.last.push_back(tile.writes.front());
    }
    const Value term = product.compute(RDU_HW_OP_MUL_I32, operands[0], operands[1]);
    parts.push_back(product.scalar(product.reduce(RDU_HW_FOLD_ADD_I32, 1, term), 1));
  }
  reduce.last = {nest.total("total", tiles.trips(), parts, sum)};
  nest.metapipe({"tiles", 1, {load, reduce}});

  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < n; ++i) expected += static_cast<std::uint32_t>(a[i] * b[i]);
  kernel.expect(sum, static_cast<std::int32_t>(expected));
}

}  // namespace chip_apps
