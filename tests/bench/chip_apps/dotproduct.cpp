// DotProduct of int32 vectors: two streams from memory, one sum.
//
//   Reduce [n] / ts * op { load a, b (ts) in parallel; Reduce [ts] * ip { a · b } } -> argument
#include "tests/bench/chip_apps/apps.hpp"
#include "tests/bench/chip_apps/fold_tiles.hpp"

namespace chip_apps {

void make_dotproduct(Kernel& kernel) {
  const std::uint32_t n = kernel["n"];
  const Integers a = kernel.random().integers(n, -1000, 1000);
  const Integers b = kernel.random().integers(n, -1000, 1000);
  const Region columns[] = {kernel.input("a", a), kernel.input("b", b)};
  const Scalar sum = kernel.result("sum");
  const auto product = [](Simd& simd, const std::vector<Value>& row) {
    return simd.compute(RDU_HW_OP_MUL_I32, row[0], row[1]);
  };
  fold_tiles(kernel, "product", columns, product, sum);

  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < n; ++i) expected += static_cast<std::uint32_t>(a[i] * b[i]);
  kernel.expect(sum, static_cast<std::int32_t>(expected));
}

}  // namespace chip_apps
