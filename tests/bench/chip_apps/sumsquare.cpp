// SumSquare: the sum of (i + j)² over tiles i and places j in a tile. Nothing but compute units: what the chip costs by itself.
//
//   Reduce [n] / ts * op { Reduce [ts] * ip { (i + j)² } } -> argument
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {

void make_sumsquare(Kernel& kernel) {
  const std::uint32_t n = kernel["n"], ts = kernel["ts"], op = kernel["op"];
  const std::uint32_t ip = kernel.lanes("ip");
  const Strip tiles = {n, ts, op};
  Nest& nest = kernel.nest();
  const Scalar sum = kernel.result("sum");

  std::vector<Stream> parts;
  std::vector<ContextHandle> squares;
  for (std::uint32_t p = 0; p < op; ++p) {
    const Counter tile =
        loop(tiles.trips(), static_cast<std::int32_t>(ts * op), static_cast<std::int32_t>(ts * p));
    Simd square = nest.section().simd("square", {tile, lanes(ts, ip)});
    const Value x = square.compute(RDU_HW_OP_ADD_I32, Simd::counter(0), Simd::counter(1));
    Value term = square.compute(RDU_HW_OP_MUL_I32, x, x);
    if (tiles.trips() * ts * op > n) {
      const Value inside =
          square.compute(RDU_HW_OP_LT_I32, x, Simd::integer(static_cast<std::int32_t>(n)));
      term = square.compute(RDU_HW_OP_SELECT_WORD, inside, term, Simd::integer(0));
    }
    parts.push_back(square.scalar(square.reduce(RDU_HW_FOLD_ADD_I32, 1, term), 1));
    squares.push_back(square);
  }
  const ContextHandle total = nest.total("total", tiles.trips(), parts, sum);
  nest.metapipe({"tiles", 1, {{"square", squares, squares}, {"total", {}, {total}}}});

  std::uint32_t expected = 0;
  for (std::uint32_t x = 0; x < n; ++x) expected += x * x;
  kernel.expect(sum, static_cast<std::int32_t>(expected));
}

}  // namespace chip_apps
