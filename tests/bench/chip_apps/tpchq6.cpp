// TPC-H query 6 on int32 columns: the revenue of items of one year, with a discount near 6 %, in small quantities.
//
//   Reduce [n] / ts * op { load 4 columns (ts) in parallel; Reduce [ts] * ip { five compares ? price · discount : 0 } } -> argument
#include "tests/bench/chip_apps/apps.hpp"
#include "tests/bench/chip_apps/fold_tiles.hpp"

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
  const std::uint32_t n = kernel["n"];
  Random& random = kernel.random();
  const Integers dates = random_dates(random, n), quantities = random.integers(n, 1, 50),
                 discounts = random.integers(n, 0, 10), prices = random.integers(n, 1, 100000);
  const Region columns[] = {kernel.input("dates", dates), kernel.input("quantities", quantities),
                            kernel.input("discounts", discounts), kernel.input("prices", prices)};
  const Scalar sum = kernel.result("revenue");
  const auto term = [](Simd& simd, const std::vector<Value>& row) {
    return revenue(simd, {row[0], row[1], row[2], row[3]});
  };
  fold_tiles(kernel, "filter", columns, term, sum);

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
