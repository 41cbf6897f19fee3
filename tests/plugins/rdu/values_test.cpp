// Values that are not words on the chip: converted on their way, checked where they would not fit.
#include <cstring>
#include <functional>

#include "tests/plugins/rdu/images.hpp"
#include "tests/plugins/rdu/models.hpp"
#include "tests/plugins/rdu/session.hpp"
#include "tests/support/model_builder.hpp"

using namespace chip_test;
using namespace rdu_hw::image;
using rdu::testing::ModelBuilder;

namespace {

constexpr std::uint32_t kCount = 100'003;  // several pieces of the staging, and a tail
constexpr std::uint64_t kBytes = 4 * std::uint64_t{kCount};

template <class T>
rdu_tensor tensor(std::vector<T>& data, rdu_dtype dtype) {
  rdu_tensor made{};
  made.header = RDU_HEADER(rdu_tensor);
  made.data = data.data();
  made.size_bytes = data.size() * sizeof(T);
  made.dtype = dtype;
  made.rank = 1;
  made.shape[0] = static_cast<std::int64_t>(data.size());
  return made;
}

// One node y = x + x, or y = the sum of x, with a package for it.
Session one_node(rdu_dtype dtype, std::uint32_t count, std::int64_t results,
                 const Package& package) {
  ModelBuilder build;
  const auto x = build.input("x", dtype, {count});
  if (results == count) {
    build.output(build.elementwise("y", RDU_OP_ADD, {x, x}));
  } else {
    build.output(build.reduce_last("y", RDU_COMBINE_ADD, x));
  }
  rdu::artifact::Model model = build.build();
  add_cut(model.signatures[0].variants[0], hash_of("sn40l", {"network.kind=ideal"}),
          {section(0, 1, payload(package))});
  return Session(model, {"rdu:sn40l?network.kind=ideal"});
}

template <class T>
std::string run(Session& session, std::vector<T> x, std::vector<T>& y, rdu_dtype dtype) {
  session.must_load();
  const std::vector<rdu_tensor> inputs = {tensor(x, dtype)};
  std::vector<rdu_tensor> outputs = {tensor(y, dtype)};
  if (y.size() == 1) outputs[0].rank = 0;
  const rdu_run_args call = rdu::test::args(inputs, outputs);
  return rdu::test::words(rdu_run(session.program.get(), &call));
}

Package doubled(std::uint16_t op, std::uint32_t conversion, std::uint32_t tier = 0) {
  Package package;
  package.image = elementwise_image(hash_of("sn40l", {"network.kind=ideal"}), kCount,
                                    {region_argument(RDU_HW_ACCESS_READ, kBytes, tier),
                                     region_argument(RDU_HW_ACCESS_WRITE, kBytes, tier)},
                                    {{op, region(0), region(0), 1, "y"}});
  const std::uint64_t elements = kBytes / rdu_hw_conversion_chip_bytes(conversion);
  package.bindings = {bind_value(0, RDU_HW_MOVE_IN, elements, conversion),
                      bind_value(1, RDU_HW_MOVE_OUT, elements, conversion)};
  return package;
}

}  // namespace

TEST_CASE("integers of 64 bits through a chip of 32") {
  Session session =
      one_node(RDU_DTYPE_I64, kCount, kCount, doubled(RDU_HW_OP_ADD_I32, RDU_HW_CONVERT_I64_I32));
  std::vector<std::int64_t> x(kCount), y(kCount), expected(kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    x[i] = std::int64_t{i} * 10'000 - 500'000'000;
    expected[i] = 2 * x[i];
  }
  REQUIRE(run(session, x, y, RDU_DTYPE_I64) == "OK");
  CHECK(y == expected);
  x[70'000] = std::int64_t{1} << 40;
  const std::string words = run(session, x, y, RDU_DTYPE_I64);
  CHECK(words.find("OUT_OF_RANGE: value 'x': element 70000 is 1099511627776, which the chip's 32 "
                   "bits do not hold") != std::string::npos);
}

TEST_CASE("bytes of 8 bits, of which a sum does not fit on the way back") {
  Session session =
      one_node(RDU_DTYPE_I8, kCount, kCount, doubled(RDU_HW_OP_ADD_I32, RDU_HW_CONVERT_I8_I32));
  std::vector<std::int8_t> x(kCount, -20), y(kCount);
  REQUIRE(run(session, x, y, RDU_DTYPE_I8) == "OK");
  CHECK(y == std::vector<std::int8_t>(kCount, -40));
  x.back() = 100;
  CHECK(run(session, x, y, RDU_DTYPE_I8)
            .find("value 'y': element 100002 is 200, which the value's type does not hold") !=
        std::string::npos);
}

TEST_CASE("regions in the faster tier are copied there and back") {
  Session session = one_node(RDU_DTYPE_F32, kCount, kCount,
                             doubled(RDU_HW_OP_ADD_F32, RDU_HW_CONVERT_NONE, RDU_HW_TIER_HBM));
  std::vector<float> x(kCount), y(kCount), expected(kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) expected[i] = 2 * (x[i] = static_cast<float>(i) / 3);
  REQUIRE(run(session, x, y, RDU_DTYPE_F32) == "OK");
  CHECK(y == expected);
}

TEST_CASE("a scalar that the chip writes becomes a value") {
  Package package;
  package.image = sum_image(hash_of("sn40l", {"network.kind=ideal"}), kCount);
  package.bindings = {bind_value(0, RDU_HW_MOVE_IN, kCount, RDU_HW_CONVERT_I64_I32),
                      bind_value(1, RDU_HW_MOVE_OUT, 1, RDU_HW_CONVERT_I64_I32)};
  Session session = one_node(RDU_DTYPE_I64, kCount, 1, package);
  std::vector<std::int64_t> x(kCount), y(1);
  for (std::uint32_t i = 0; i < kCount; ++i) x[i] = std::int64_t{i % 1000} - 700;
  std::int64_t sum = 0;
  for (const std::int64_t value : x) sum += value;
  REQUIRE(run(session, x, y, RDU_DTYPE_I64) == "OK");
  CHECK(y[0] == sum);
}

TEST_CASE("a run fails where a checked word is not 0") {
  Package package;
  package.image = sum_image(hash_of("sn40l", {"network.kind=ideal"}), kCount);
  package.bindings = {bind_value(0, RDU_HW_MOVE_IN, kCount, RDU_HW_CONVERT_I64_I32),
                      bind_check(0, 0, 5)};
  Session session = one_node(RDU_DTYPE_I64, kCount, 1, package);
  std::vector<std::int64_t> x(kCount), y(1);
  CHECK(run(session, x, y, RDU_DTYPE_I64) == "OK");
  x[70'000] = -7;
  CHECK(
      run(session, x, y, RDU_DTYPE_I64)
          .find("OUT_OF_RANGE: node '', read of 'x', dimension 0: index -7 is outside extent 5") !=
      std::string::npos);
}

TEST_CASE("a check of a dimension that is not there") {
  Package package;
  package.image = sum_image(hash_of("sn40l", {"network.kind=ideal"}), kCount);
  package.bindings = {bind_value(0, RDU_HW_MOVE_IN, kCount, RDU_HW_CONVERT_I64_I32),
                      bind_check(0, 1, 5)};
  Session session = one_node(RDU_DTYPE_I64, kCount, 1, package);
  CHECK(session.load().find("the package names dimension 1 of value 'x', which has 1") !=
        std::string::npos);
}

TEST_CASE("a scalar that the chip reads comes from a value") {
  ModelBuilder build;
  const auto x = build.input("x", RDU_DTYPE_F32, {kCount});
  const auto s = build.input("s", RDU_DTYPE_F32, {});
  build.output(
      build.map("y", RDU_DTYPE_F32, {kCount},
                {rdu::testing::read(x, rdu::testing::identity(1)), rdu::testing::read(s, {})},
                rdu::testing::program({rdu::testing::instr(RDU_OP_LOAD, RDU_DTYPE_F32, 0),
                                       rdu::testing::instr(RDU_OP_LOAD, RDU_DTYPE_F32, 1),
                                       rdu::testing::instr(RDU_OP_MUL, RDU_DTYPE_F32, 0, 1)})));
  rdu::artifact::Model model = build.build();
  const std::uint64_t hash = hash_of("sara20");
  Package package;
  package.image = elementwise_image(
      hash, kCount,
      {region_argument(RDU_HW_ACCESS_READ, kBytes), scalar_argument(RDU_HW_ACCESS_READ),
       region_argument(RDU_HW_ACCESS_WRITE, kBytes)},
      {{RDU_HW_OP_MUL_F32, region(0), scalar(1), 2, "y"}});
  package.bindings = {bind_value(0, RDU_HW_MOVE_IN, kBytes), bind_value(1, RDU_HW_MOVE_IN, 4),
                      bind_value(2, RDU_HW_MOVE_OUT, kBytes)};
  add_cut(model.signatures[0].variants[0], hash, {section(0, 1, payload(package))});
  Session session(model, {"rdu:sara20"});
  session.must_load();
  std::vector<float> values(kCount, 1.5f), factor = {-4}, results(kCount);
  std::vector<rdu_tensor> inputs = {tensor(values, RDU_DTYPE_F32), tensor(factor, RDU_DTYPE_F32)};
  inputs[1].rank = 0;
  std::vector<rdu_tensor> outputs = {tensor(results, RDU_DTYPE_F32)};
  const rdu_run_args call = rdu::test::args(inputs, outputs);
  RDU_OK_(rdu_run(session.program.get(), &call));
  CHECK(results == std::vector<float>(kCount, -6));
}
