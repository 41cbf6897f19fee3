// Each copy has its tiles and its sum; a tree adds the sums of all copies.
#include "tests/bench/chip_apps/fold_tiles.hpp"

namespace chip_apps {

void fold_tiles(Kernel& kernel, const std::string& name, std::span<const Region> columns,
                const std::function<Value(Simd&, const std::vector<Value>&)>& term, Scalar sum) {
  const std::uint32_t n = kernel["n"], ts = kernel["ts"], op = kernel["op"];
  const Strip tiles = {n, ts, op};
  const Chain words = {loop(tiles.trips()), lanes(ts, kernel.lanes("ip"))};
  Nest& nest = kernel.nest();
  std::vector<Stream> parts;
  Stage load = {"load", {}, {}};
  Stage reduce = {"reduce", {}, {}};
  for (std::uint32_t p = 0; p < op; ++p) {
    const Affine index = tiles.index(0, p) + at(1, 1);
    Simd simd = nest.section().simd(name, words);
    std::vector<Value> row;
    for (const Region& column : columns) {
      const Memory loaded = nest.load("load", words, column, n, {index});
      const Tile tile =
          nest.tile("tile", ts, 1, {{words, {at(1, 1)}, loaded.data()}}, {words, {at(1, 1)}});
      row.push_back(simd.input(tile.data()));
      load.first.push_back(loaded);
      load.last.push_back(tile.writes.front());
    }
    parts.push_back(simd.scalar(simd.reduce(RDU_HW_FOLD_ADD_I32, 1, term(simd, row)), 1));
  }
  reduce.last = {nest.total("total", tiles.trips(), parts, sum)};
  nest.metapipe({"tiles", 1, {load, reduce}});
}

}  // namespace chip_apps
