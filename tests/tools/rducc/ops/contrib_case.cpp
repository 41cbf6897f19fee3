// Compares all outputs of a node with the expected tensors.
#include "tests/tools/rducc/ops/contrib_case.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tools/rducc/ir/element.hpp"

namespace rducc::test {
namespace {

void check_elements(const Tensor& seen, const Tensor& expected, double tolerance) {
  CHECK(seen.dtype == expected.dtype);
  REQUIRE(seen.dims == expected.dims);
  const std::vector<double> a = seen.to_f64(), b = expected.to_f64();
  double largest = 1;
  for (const double element : b) largest = std::max(largest, std::abs(element));
  const bool exact = !ir::is_float(expected.dtype);
  for (std::size_t i = 0; i < b.size(); ++i) {
    INFO("element " << i);
    CHECK(a[i] == Approx(b[i]).margin(exact ? 0 : tolerance * largest).epsilon(0));
  }
}

}  // namespace

void check(const ContribCase& c) {
  INFO(c.name);
  OneOp op = c.op;
  for (std::size_t i = 0; i < c.expected.size(); ++i) {
    if (!c.expected[i]) op.unnamed_outputs.insert(i);
  }
  const OneOpResult result = run(op);
  REQUIRE(result.problem == "");
  std::size_t next = 0;
  for (std::size_t i = 0; i < c.expected.size(); ++i) {
    if (!c.expected[i]) continue;
    INFO("output " << i);
    check_elements(result.outputs.at(next++), *c.expected[i], c.tolerance);
  }
}

}  // namespace rducc::test
