// Loop, Scan, If and sequences on each device, against closed forms.
#include <rdu/body_ops.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/suite/text_model.hpp"

namespace rdu::suite {
namespace {

using Catch::Contains;
using Shape = std::vector<std::int64_t>;
using Values = std::vector<double>;

// What every device yields, which must be the same.
std::vector<tool::HostTensor> run(const TextModel& model, const std::vector<Given>& inputs) {
  auto expected = model.run("reference:", inputs);
  for (const char* device : {"cpu:?threads=1", "cpu:?threads=2"}) {
    const auto outputs = model.run(device, inputs);
    REQUIRE(outputs.size() == expected.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      INFO(device << ", output " << i);
      CHECK(outputs[i].shape == expected[i].shape);
      CHECK(outputs[i].to_f64() == expected[i].to_f64());
    }
  }
  return expected;
}

bool has(const TextModel& model, std::uint32_t pattern) {
  const auto& all = model.patterns();
  return std::find(all.begin(), all.end(), pattern) != all.end();
}

constexpr const char* kDouble = R"(g (float[1] x, float[1] limit) => (float[1] y) {
  less = Less(x, limit)
  start = Squeeze(less)
  y = Loop(none, start, x)<body = b (int64 i, bool c, float[1] v) => (bool go, float[1] w) {
    w = Add(v, v)
    again = Less(w, limit)
    go = Squeeze(again)
  }>
})";

TEST_CASE("a Loop with a condition alone runs until it is false, or not at all") {
  const TextModel model(kDouble);
  CHECK(has(model, RDU_PATTERN_SCAN));
  CHECK(run(model, {floats({1}, {3}), floats({1}, {100})})[0].to_f64() == Values{192});
  CHECK(run(model, {floats({1}, {300}), floats({1}, {100})})[0].to_f64() == Values{300});
}

TEST_CASE("the trip count of a Loop may be known at run time only") {
  const TextModel model(R"(g (int64 m, float[2] x) => (float[2] y) {
    y = Loop(m, none, x)<body = b (int64 i, bool c, float[2] v) => (bool go, float[2] w) {
      f = Cast<to = 1>(i)
      w = Add(v, f)
      go = Identity(c)
    }>
  })");
  const auto y = [&](double m) {
    return run(model, {integers({}, {m}), floats({2}, {1, 2})})[0].to_f64();
  };
  CHECK(y(5) == Values{11, 12});
  CHECK(y(0) == Values{1, 2});
  CHECK(y(-3) == Values{1, 2});
}

// Sums that grow by one until they reach the limit, stacked.
std::string stack_until(const std::string& trips) {
  return R"(g (float[2] x, float[1] limit) => (float[2] y, float[n, 2] s, float t) {
    )" + (trips.empty() ? "" : "m = Constant<value_int = " + trips + ">()") +
         R"(
    y, s = Loop()" +
         (trips.empty() ? "none" : "m") +
         R"(, none, x)<body = b (int64 i, bool c, float[2] v) => (bool go, float[2] w, float[2] o) {
      one = Constant<value_float = 1.0>()
      w = Add(v, one)
      sum = ReduceSum<keepdims = 0>(w)
      again = Less(sum, limit)
      go = Squeeze(again)
      o = Mul(w, w)
    }>
    t = ReduceSum<keepdims = 0>(s)
  })";
}

TEST_CASE("what a Loop stacks is as long as it ran") {
  const TextModel model(stack_until("1000"));
  const auto outputs = run(model, {floats({2}, {0, 1}), floats({1}, {8})});
  CHECK(outputs[0].to_f64() == Values{4, 5});
  CHECK(outputs[1].shape == Shape{4, 2});
  CHECK(outputs[1].to_f64() == Values{1, 4, 4, 9, 9, 16, 16, 25});
  CHECK(outputs[2].to_f64() == Values{84});
}

TEST_CASE("a Loop without a trip count stacks within a stated bound") {
  CHECK_THAT(complaint(stack_until("")), Contains("--loop-bound"));
  const TextModel model(stack_until(""), {.opset = 16, .loop_bound = 4});
  CHECK(run(model, {floats({2}, {0, 1}), floats({1}, {8})})[1].shape == Shape{4, 2});
  // A fifth iteration has no room: the run fails instead of stopping early.
  for (const char* device : {"reference:", "cpu:"}) {
    CHECK_THROWS_WITH(model.run(device, {floats({2}, {0, 1}), floats({1}, {10})}),
                      Contains("extent 1"));
  }
}

TEST_CASE("a Loop of known trips stacks all of them") {
  const TextModel model(R"(g (float[2] x) => (float[2] y, float[n, 2] s, int64[n] k) {
    m = Constant<value_int = 200>()
    y, s, k = Loop(m, none, x)<
        body = b (int64 i, bool c, float[2] v) => (bool go, float[2] w, float[2] o, int64 j) {
      one = Constant<value_float = 1.0>()
      w = Add(v, one)
      o = Identity(w)
      j = Add(i, i)
      go = Identity(c)
    }>
  })");
  CHECK(has(model, RDU_PATTERN_SCAN));
  const auto outputs = run(model, {floats({2}, {0, 1})});
  CHECK(outputs[0].to_f64() == Values{200, 201});
  CHECK(outputs[1].shape == Shape{200, 2});
  CHECK(outputs[1].to_f64()[399] == 201);
  CHECK(outputs[2].to_f64()[199] == 398);
}

TEST_CASE("a step reads the row of its iteration") {
  const TextModel model(R"(g (float[100, 2] x, float[2] z) => (float[2] y) {
    m = Constant<value_int = 100>()
    y = Loop(m, none, z)<body = b (int64 i, bool c, float[2] v) => (bool go, float[2] w) {
      row = Gather(x, i)
      w = Add(v, row)
      go = Identity(c)
    }>
  })");
  CHECK(has(model, RDU_PATTERN_SCAN));
  std::vector<double> rows;
  for (int i = 0; i < 200; ++i) rows.push_back(i);
  CHECK(run(model, {floats({100, 2}, rows), floats({2}, {0, 0})})[0].to_f64() ==
        Values{9900, 10000});
}

TEST_CASE("carried values may change places, and one that nothing changes is seen as it is") {
  const TextModel model(
      R"(g (float[2] p, float[2] q, float[2] r) => (float[2] y, float[2] z, float[2] t) {
    m = Constant<value_int = 101>()
    y, z, t = Loop(m, none, p, q, r)<
        body = b (int64 i, bool c, float[2] v, float[2] u, float[2] k) =>
               (bool go, float[2] w, float[2] x, float[2] l) {
      w = Add(u, k)
      x = Identity(v)
      l = Identity(k)
      go = Identity(c)
    }>
  })");
  const auto outputs = run(model, {floats({2}, {1, 2}), floats({2}, {3, 4}), floats({2}, {1, 0})});
  CHECK(outputs[0].to_f64() == Values{54, 4});
  CHECK(outputs[1].to_f64() == Values{51, 2});
  CHECK(outputs[2].to_f64() == Values{1, 0});
}

TEST_CASE("a value that a step makes longer is unrolled where the trips are known") {
  const auto grow = [](const std::string& head) {
    return "g (" + head + R"( float[1] x) => (float[n] y) {
      )" + (head.empty() ? "m = Constant<value_int = 5>()" : "") +
           R"(
      y = Loop(m, none, x)<body = b (int64 i, bool c, float[n] v) => (bool go, float[k] w) {
        f = Cast<to = 1>(i)
        axis = Constant<value_ints = [0]>()
        u = Unsqueeze(f, axis)
        w = Concat<axis = 0>(v, u)
        go = Identity(c)
      }>
    })";
  };
  const TextModel model(grow(""));
  CHECK(run(model, {floats({1}, {9})})[0].to_f64() == Values{9, 0, 1, 2, 3, 4});
  const std::string why = complaint(grow("int64 m,"));
  CHECK_THAT(why, Contains("changes the shape of carried value 0 from [1] to [2]"));
  CHECK_THAT(why, Contains("--fix m"));
}

TEST_CASE("branches may yield different extents") {
  const TextModel model(R"(g (bool c, float[6] x) => (float[n] y, float z) {
    y = If(c)<then_branch = t () => (float[a] p) {
                first = Constant<value_ints = [0]>()
                end = Constant<value_ints = [2]>()
                p = Slice(x, first, end)
              },
              else_branch = e () => (float[b] q) { q = Mul(x, x) }>
    z = ReduceSum<keepdims = 0>(y)
  })");
  CHECK(has(model, RDU_PATTERN_CONTROL));
  const auto x = floats({6}, {1, 2, 3, 4, 5, 6});
  auto yes = run(model, {flag(true), x});
  CHECK(yes[0].to_f64() == Values{1, 2});
  CHECK(yes[1].to_f64() == Values{3});
  auto no = run(model, {flag(false), x});
  CHECK(no[0].to_f64() == Values{1, 4, 9, 16, 25, 36});
  CHECK(no[1].to_f64() == Values{91});
}

TEST_CASE("branches may yield captured values and constants as they are") {
  const TextModel model(R"(g (bool c, float[2] x) => (float[2] y) {
    y = If(c)<then_branch = t () => (float[2] p) { p = Identity(x) },
              else_branch = e () => (float[2] q) { q = Constant<value_floats = [7.0, 8.0]>() }>
  })");
  CHECK(run(model, {flag(true), floats({2}, {1, 2})})[0].to_f64() == Values{1, 2});
  CHECK(run(model, {flag(false), floats({2}, {1, 2})})[0].to_f64() == Values{7, 8});
}

TEST_CASE("graphs are nested, and see the values of all that enclose them") {
  const TextModel model(R"(g (bool c, float[2] x, float[1] k) => (float[2] y) {
    y = If(c)<then_branch = t () => (float[2] p) {
        m = Constant<value_int = 100>()
        p = Loop(m, none, x)<body = b (int64 i, bool cc, float[2] v) => (bool go, float[2] w) {
          two = Constant<value_int = 2>()
          zero = Constant<value_int = 0>()
          rest = Mod(i, two)
          even = Equal(rest, zero)
          w = If(even)<then_branch = u () => (float[2] a) { a = Add(v, k) },
                       else_branch = o () => (float[2] b) { b = Sub(v, x) }>
          go = Identity(cc)
        }>
      },
      else_branch = e () => (float[2] q) { q = Mul(x, k) }>
  })");
  CHECK(run(model, {flag(true), floats({2}, {1, 2}), floats({1}, {3})})[0].to_f64() ==
        Values{101, 52});
  CHECK(run(model, {flag(false), floats({2}, {1, 2}), floats({1}, {3})})[0].to_f64() ==
        Values{3, 6});
}

TEST_CASE("loops in loops begin with what the outer one carries") {
  // u = u / 2 + v / 4 converges to v / 2, so that v = v / 2 + 1 converges to 2.
  const TextModel model(R"(g (float[2] x, float[2] z) => (float[2] y, float[2] t) {
    m = Constant<value_int = 51>()
    y, t = Loop(m, none, x, z)<
        body = b (int64 i, bool c, float[2] v, float[2] a) => (bool go, float[2] w, float[2] d) {
      k = Constant<value_int = 101>()
      u = Loop(k, none, v)<body = e (int64 j, bool f, float[2] p) => (bool g, float[2] q) {
        half = Constant<value_float = 0.5>()
        quarter = Constant<value_float = 0.25>()
        r = Mul(p, half)
        s = Mul(v, quarter)
        q = Add(r, s)
        g = Identity(f)
      }>
      one = Constant<value_float = 1.0>()
      w = Add(u, one)
      d = Add(a, one)
      go = Identity(c)
    }>
  })");
  const auto outputs = run(model, {floats({2}, {1, 64}), floats({2}, {0, 1})});
  for (const double v : outputs[0].to_f64()) CHECK(v == Approx(2));
  CHECK(outputs[1].to_f64() == Values{51, 52});
}

TEST_CASE("one value may be carried on twice, and stacked") {
  const TextModel model(R"(g (float[2] x, float[2] z) => (float[2] y, float[2] t, float[n, 2] s) {
    m = Constant<value_int = 77>()
    y, t, s = Loop(m, none, x, z)<
        body = b (int64 i, bool c, float[2] v, float[2] a) =>
               (bool go, float[2] w, float[2] w, float[2] w) {
      q = Sub(v, a)
      one = Constant<value_float = 1.0>()
      p = Add(a, one)
      w = Add(q, p)
      go = Identity(c)
    }>
  })");
  const auto outputs = run(model, {floats({2}, {1, 2}), floats({2}, {0, 5})});
  CHECK(outputs[0].to_f64() == Values{78, 79});
  CHECK(outputs[1].to_f64() == Values{78, 79});
  CHECK(outputs[2].to_f64()[153] == 79);
}

TEST_CASE("a carried value may shrink, its extent is carried with it") {
  const std::string head = "g (float[6] x) => (float[n] y) { m = Constant<value_int = 70>()";
  const TextModel model(head + R"(
    y = Loop(m, none, x)<body = b (int64 i, bool c, float[n] v) => (bool go, float[k] w) {
      most = ReduceMax<keepdims = 0>(v)
      ten = Constant<value_float = 10.0>()
      large = Greater(most, ten)
      w = If(large)<then_branch = t () => (float[a] p) {
          one = Constant<value_float = 1.0>()
          d = Sub(v, one)
          zero = Constant<value_float = 0.0>()
          positive = Greater(d, zero)
          p = Compress<axis = 0>(d, positive)
        },
        else_branch = l () => (float[b] q) { q = Identity(v) }>
      go = Identity(c)
    }>
  })");
  const auto y = run(model, {floats({6}, {1, 40, 3, 35, 5, 31})});
  CHECK(y[0].shape == Shape{3});
  CHECK(y[0].to_f64() == Values{10, 5, 1});
}

TEST_CASE("what steps stack must have one shape") {
  CHECK_THAT(complaint(R"(g (float[2] x) => (float[2] y, float[n, k] s) {
    m = Constant<value_int = 20>()
    y, s = Loop(m, none, x)<body = b (int64 i, bool c, float[2] v) => (bool go, float[2] w, float[k] o) {
      zero = Constant<value_float = 0.0>()
      positive = Greater(v, zero)
      o = Compress<axis = 0>(v, positive)
      w = Sub(v, x)
      go = Identity(c)
    }>
  })"),
             Contains("that stack shapes"));
}

TEST_CASE("a Scan may run backwards and along other axes") {
  const TextModel model(
      R"(g (float[2] a, float[2, 3] x, float[2] bias) => (float[2] s, float[2, 3] y) {
    s, y = Scan<num_scan_inputs = 1, scan_input_axes = [1], scan_input_directions = [1],
                scan_output_axes = [-1], scan_output_directions = [1],
                body = b (float[2] p, float[2] q) => (float[2] r, float[2] t) {
                  u = Add(p, q)
                  r = Add(u, bias)
                  t = Identity(r)
                }>(a, x)
  })");
  const auto outputs =
      run(model, {floats({2}, {0, 0}), floats({2, 3}, {1, 2, 3, 4, 5, 6}), floats({2}, {1, 0})});
  CHECK(outputs[0].to_f64() == Values{9, 15});
  CHECK(outputs[1].to_f64() == Values{9, 7, 4, 15, 11, 6});
}

TEST_CASE("a Scan of opset 8 has a batch, each sample with a length of its own") {
  const TextModel model(
      R"(g (int64[2] lens, float[2, 1] a, float[2, 3, 1] x) => (float[2, 1] s, float[2, 3, 1] y) {
    s, y = Scan<num_scan_inputs = 1, directions = [1],
                body = b (float[1] p, float[1] q) => (float[1] r, float[1] t) {
                  r = Add(p, q)
                  t = Identity(r)
                }>(lens, a, x)
  })",
      {.opset = 8});
  const auto outputs = run(model, {integers({2}, {2, 3}), floats({2, 1}, {0, 10}),
                                   floats({2, 3, 1}, {1, 2, 3, 4, 5, 6})});
  CHECK(outputs[0].to_f64() == Values{3, 25});
  CHECK(outputs[1].to_f64() == Values{2, 3, 0, 16, 21, 25});
}

TEST_CASE("a sequence is carried through a Loop of known trips") {
  const TextModel model(R"(g (float[2] x) => (float[n, 2] y, int64 k) {
    m = Constant<value_int = 3>()
    e = SequenceEmpty<dtype = 1>()
    s, z = Loop(m, none, e, x)<
        body = b (int64 i, bool c, float[2] v, float[2] u) => (bool go, float[2] w, float[2] t) {
      t = Add(u, u)
      w = SequenceInsert(v, t)
      go = Identity(c)
    }>
    y = ConcatFromSequence<axis = 0, new_axis = 1>(s)
    k = SequenceLength(s)
  })");
  const auto outputs = run(model, {floats({2}, {1, 2})});
  CHECK(outputs[0].to_f64() == Values{2, 4, 4, 8, 8, 16});
  CHECK(outputs[1].to_f64() == Values{3});
}

TEST_CASE("a position in a sequence must be known at compile time") {
  const std::string why = complaint(R"(g (int64 at, float[2] x, float[2] z) => (float[2] y) {
    s = SequenceConstruct(x, z)
    y = SequenceAt(s, at)
  })");
  CHECK_THAT(why, Contains("the position in the sequence must be known at compile time"));
  CHECK_THAT(why, Contains("--fix at"));
}

TEST_CASE("a hundred thousand iterations are no matter") {
  const TextModel model(R"(g (float[4] x) => (float[4] y) {
    m = Constant<value_int = 100000>()
    y = Loop(m, none, x)<body = b (int64 i, bool c, float[4] v) => (bool go, float[4] w) {
      half = Constant<value_float = 0.5>()
      one = Constant<value_float = 1.0>()
      s = Mul(v, half)
      w = Add(s, one)
      go = Identity(c)
    }>
  })");
  CHECK(run(model, {floats({4}, {0, 1, 2, 3})})[0].to_f64() == Values{2, 2, 2, 2});
}

}  // namespace
}  // namespace rdu::suite
