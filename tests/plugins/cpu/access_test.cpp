// Lowering: what a folded reshape did is undone, padding stays a clip, the rest becomes tables.
#include <catch2/catch.hpp>

#include "plugins/cpu/access/index_form.hpp"
#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/access/nest.hpp"

namespace rdu::cpu {
namespace {

IndexForm form(std::initializer_list<std::int64_t> coef, std::int64_t div, std::int64_t mod,
               std::int64_t extent, std::int64_t weight) {
  IndexForm index;
  std::size_t l = 0;
  for (const std::int64_t c : coef) index.coef[l++] = c;
  index.div = div;
  index.mod = mod;
  index.extent.bound = extent;
  index.weight = weight;
  return index;
}

}  // namespace

TEST_CASE("floor division and Euclidean remainder") {
  CHECK(floor_div(-1, 3) == -1);
  CHECK(floor_div(-3, 3) == -1);
  CHECK(floor_mod(-1, 3) == 2);
  CHECK(ceil_div(-1, 3) == 0);
  CHECK(ceil_div(4, 3) == 2);
  CHECK(reflect(-1, 4) == 1);
  CHECK(reflect(4, 4) == 2);
  CHECK(reflect(7, 4) == 1);
  CHECK(reflect(-5, 1) == 0);
}

TEST_CASE("a quotient of loops that divide evenly is affine") {
  const LoopArray extents{4, 6};
  IndexForm rows = form({6, 1}, 6, 0, 4, 6), columns = form({6, 1}, 1, 6, 6, 1);
  simplify(rows, extents, 2);
  simplify(columns, extents, 2);
  CHECK(rows.affine());
  CHECK(rows.coef[0] == 1);
  CHECK(rows.coef[1] == 0);
  CHECK(columns.affine());
  CHECK(columns.coef[0] == 0);
  CHECK(columns.coef[1] == 1);
}

TEST_CASE("quotient and remainder of one number are that number") {
  // 24 elements seen as [4, 6] by the loops, as [8, 3] by the tensor: no loop divides evenly.
  const LoopArray extents{4, 6};
  std::vector<IndexForm> indices{form({6, 1}, 3, 0, 8, 3), form({6, 1}, 1, 3, 3, 1)};
  for (IndexForm& index : indices) simplify(index, extents, 2);
  recombine(indices, extents, 2);
  REQUIRE(indices.size() == 1);
  CHECK(indices[0].affine());
  CHECK(indices[0].weight == 1);
  CHECK(indices[0].coef[0] == 6);
  CHECK(indices[0].coef[1] == 1);
}

TEST_CASE("three digits of one number are that number; digits of another are not") {
  const LoopArray extents{5, 12};
  std::vector<IndexForm> indices{form({12, 1}, 12, 0, 5, 12), form({12, 1}, 4, 3, 3, 4),
                                 form({12, 1}, 1, 4, 4, 1)};
  std::vector<IndexForm> others = indices;
  recombine(indices, extents, 2);
  CHECK(indices.size() == 1);
  others[1].offset = 1;
  recombine(others, extents, 2);
  CHECK(others.size() == 3);
}

TEST_CASE("a rule that cannot apply is dropped") {
  const LoopArray extents{4};
  IndexForm inside = form({2}, 1, 0, 8, 1), outside = form({2}, 1, 0, 6, 1);
  inside.outside = outside.outside = RDU_OUTSIDE_FILL;
  simplify(inside, extents, 1);
  simplify(outside, extents, 1);
  CHECK(inside.outside == RDU_OUTSIDE_NEVER);
  CHECK(outside.outside == RDU_OUTSIDE_FILL);
}

TEST_CASE("neighbouring loops merge where every access walks them as one") {
  Nest nest;
  nest.num_loops = 3;
  for (std::uint32_t l = 0; l < 3; ++l) nest.extents[l].bound = 4;
  Access dense, broadcast;
  dense.stride = {16, 4, 1};
  broadcast.stride = {0, 4, 1};
  const std::uint32_t order[] = {0, 1, 2};
  LoopUsers users;
  users.accesses = {&dense, &broadcast};
  reshape(nest, order, users);
  CHECK(nest.num_loops == 2);
  CHECK(nest.extents[1].bound == 16);
  CHECK(dense.stride[0] == 16);
  CHECK(dense.stride[1] == 1);
  CHECK(broadcast.stride[0] == 0);
  CHECK(broadcast.stride[1] == 1);
}

TEST_CASE("loops that reduce never merge with loops that do not") {
  Nest nest;
  nest.num_loops = 2;
  nest.extents[0].bound = nest.extents[1].bound = 8;
  nest.reduction = 2;
  Access dense;
  dense.stride = {8, 1};
  const std::uint32_t order[] = {0, 1};
  LoopUsers users;
  users.accesses = {&dense};
  reshape(nest, order, users);
  CHECK(nest.num_loops == 2);
}

}  // namespace rdu::cpu
