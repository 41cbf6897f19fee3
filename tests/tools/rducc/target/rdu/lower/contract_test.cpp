// Contractions on chips: matrices and convolutions of odd sizes, padding, strides, batches, epilogues.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;

TEST_CASE("a product of matrices") {
  TestGraph g;
  const ValueId a = g.input({19, 23});
  g.output(matmul(g.b(), a, g.weights({23, 29}, 1)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a matrix and a single row") {
  TestGraph g;
  const ValueId a = g.input({1, 40});
  g.output(matmul(g.b(), a, g.weights({40, 27}, 1)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a padded convolution") {
  TestGraph g;
  const ValueId x = g.input({1, 3, 9, 9});
  g.output(conv(g.b(), x, g.weights({8, 3, 3, 3}, 2), 1));
  require_same_on_chips(g.variant());
}

TEST_CASE("convolutions of a batch, 1 by 1") {
  TestGraph g;
  const ValueId x = g.input({2, 7, 5, 5});
  g.output(conv(g.b(), x, g.weights({10, 7, 1, 1}, 2), 0));
  require_same_on_chips(g.variant());
}
