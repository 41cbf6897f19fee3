// TPC-H query 6 on int32 columns: the revenue of items of one year, with a discount near 6 %, in small quantities.
//
//   Reduce [n] / ts * op { load 4 columns (ts) in parallel; Reduce [ts] * ip { five compares ? price · discount : 0 } } -> argument
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

constexpr std::int32_t kFirstDate = 19940101, kEndDate = 19950101;
constexpr std::int32_t kLeastDiscount = 5, kMostDiscount = 7, kEndQuantity = 24;

struct Row {
  Value date, quantity, discount, price;
};

Value revenue(Simd& simd, const Row& row) {
  const Value tests[] = {
      simd.compute(RDU_HW_OP_GE_I32, row.date, Simd::integer(kFirstDate)),
      simd.compute(RDU_HW_OP_LT_I32, row.date, Simd::integer(kEndDate)),
      simd.compute(RDU_HW_OP_GE_I32, row.discount, Simd::integer(kLeastDiscount)),
      simd.compute(RDU_HW_OP_LE_I32, row.discount, Simd::integer(kMostDiscount)),
      simd.compute(RDU_HW_OP_LT_I32, row.quantity, Simd::integer(kEndQuantity))};
  const Value passes = combine(simd, RDU_HW_OP_AND_WORD, {std::begin(tests), std::end(tests)});
  const Value product = simd.compute(RDU_HW_OP_MUL_I32, row.price, row.discount);
  return simd.compute(RDU_HW_OP_SELECT_WORD, passes, product, Simd::integer(0));
}

// Dates with a day and a month that exist, around the year in question.
Integers random_dates(Random& random, std::uint32_t n) {
  Integers dates(n);
  for (std::int32_t& date : dates) {
    date = random.integer(1993, 1995) * 10000 + random.integer(1, 12) * 100 + random.integer(1, 28);
  }
  return dates;
}

}  // namespace

void make_tpchq6(Kernel& kernel) {
  const std::uint32_t n = kernel["n"], ts = kernel["ts"], op = kernel["op"];
  const std::uint32_t ip = kernel.lanes("ip");
  const Strip tiles = {n, ts, op};
  Nest& nest = kernel.nest();
  Random& random = kernel.random();
  const Integers dates = random_dates(random, n), quantities = random.integers(n, 1, 50),
                 discounts = random.integers(n, 0, 10), prices = random.integers(n, 1, 100000);
  const Region regions[] = {kernel.input("dates", dates), kernel.input("quantities", quantities),
                            kernel.input("discounts", discounts), kernel.input("prices", prices)};
  const Scalar sum = kernel.result("revenue");

  const Chain words = {loop(tiles.trips()), lanes(ts, ip)};
  std::vector<Stream> parts;
  Stage load = {"load", {}, {}};
  Stage reduce = {"reduce", {}, {}};
  for (std::uint32_t p = 0; p < op; ++p) {
    const Affine index = tiles.index(0, p) + at(1, 1);
    Simd filter = nest.section().simd("filter", words);
    std::vector<Value> columns;
    for (const Region& region : regions) {
      const Memory loaded = nest.load("load", words, region, n, {index});
      const Tile tile =
          nest.tile("tile", ts, 1, {{words, {at(1, 1)}, loaded.data()}}, {words, {at(1, 1)}});
      columns.push_back(filter.input(tile.data()));
      load.first.push_back(loaded);
      load.last.push_back(tile.writes.front());
    }
    const Value term = revenue(filter, {columns[0], columns[1], columns[2], columns[3]});
    parts.push_back(filter.scalar(filter.reduce(RDU_HW_FOLD_ADD_I32, 1, term), 1));
  }
  reduce.last = {nest.total("total", tiles.trips(), parts, sum)};
  nest.metapipe({"tiles", 1, {load, reduce}});

  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const bool passes = dates[i] >= kFirstDate && dates[i] < kEndDate &&
                        discounts[i] >= kLeastDiscount && discounts[i] <= kMostDiscount &&
                        quantities[i] < kEndQuantity;
    if (passes) expected += static_cast<std::uint32_t>(prices[i] * discounts[i]);
  }
  kernel.expect(sum, static_cast<std::int32_t>(expected));
}

}  // namespace chip_apps
