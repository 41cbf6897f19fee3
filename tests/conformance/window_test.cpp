// Windowed reductions: strides, dilations and borders, as they stand alone and between convolutions; and channels that move
// between values that convolutions read and write.
#include <algorithm>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K;

struct Pool {
  int channels = 1, height = 1, width = 1;
  int taps = 3, stride = 1, dilation = 1, pad = 0;
  rdu_combine_op combine = RDU_COMBINE_MAX;

  int out(int in) const { return (in + 2 * pad - (taps - 1) * dilation - 1) / stride + 1; }
  Dims from() const { return {1, channels, height, width}; }
  Dims to() const { return {1, channels, out(height), out(width)}; }
  Number outside() const { return combine == RDU_COMBINE_MAX ? -100 : 0; }
};

Numbers small(int count, int seed) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back((i * 7 + seed * 5 + i / 11) % 9 - 4);
  return numbers;
}

Number at(const Numbers& numbers, int i) { return numbers[static_cast<std::size_t>(i)]; }

Number window(const Pool& p, const Numbers& x, int channel, int oy, int ox) {
  Number result = p.outside();
  for (int ky = 0; ky < p.taps; ++ky)
    for (int kx = 0; kx < p.taps; ++kx) {
      const int y = oy * p.stride + ky * p.dilation - p.pad;
      const int at_x = ox * p.stride + kx * p.dilation - p.pad;
      if (y < 0 || y >= p.height || at_x < 0 || at_x >= p.width) continue;
      const Number v = at(x, (channel * p.height + y) * p.width + at_x);
      result = p.combine == RDU_COMBINE_MAX ? std::max(result, v) : result + v;
    }
  return result;
}

Numbers pooled(const Pool& p, const Numbers& x) {
  Numbers y;
  for (int c = 0; c < p.channels; ++c)
    for (int oy = 0; oy < p.out(p.height); ++oy)
      for (int ox = 0; ox < p.out(p.width); ++ox) y.push_back(window(p, x, c, oy, ox));
  return y;
}

Node pool_node(const Pool& p, ValueId x, ValueId y, double outside) {
  Node n =
      reduce({1, p.channels, p.out(p.height), p.out(p.width), p.taps, p.taps}, 4, p.combine, F32);
  const auto position = [&](std::uint32_t l) {
    return with(RDU_OUTSIDE_FILL, p.stride * loop(l) + p.dilation * loop(l + 2) - p.pad);
  };
  n.reads = {read(x, {loop(0), loop(1), position(2), position(3)}, outside)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  return n;
}

// y[first + o] = sum_c x[c] w[o, c]
Node mix(const Dims& x_dims, int outputs, int first, ValueId x, ValueId w, ValueId y) {
  Node n = contract({1, outputs, x_dims[2], x_dims[3], x_dims[1]}, 4, {M, N, M, M, K}, F32, F32);
  n.reads = {read(x, {loop(0), loop(4), loop(2), loop(3)}), read(w, {loop(1), loop(4)})};
  n.writes = {{y, {loop(0), loop(1) + first, loop(2), loop(3)}}};
  return n;
}

Numbers mixed(const Numbers& x, const Numbers& w, int channels, int outputs, int points) {
  Numbers y;
  for (int o = 0; o < outputs; ++o)
    for (int p = 0; p < points; ++p) {
      Number sum = 0;
      for (int c = 0; c < channels; ++c) sum += at(x, c * points + p) * at(w, o * channels + c);
      y.push_back(sum);
    }
  return y;
}

void check_alone(const Pool& p) {
  INFO(p.channels << "x" << p.height << "x" << p.width << ", " << p.taps << " taps, stride "
                  << p.stride << ", dilation " << p.dilation << ", pad " << p.pad);
  const Numbers numbers = small(p.channels * p.height * p.width, 1);
  Case c;
  const ValueId x = c.input(F32, p.from(), numbers), y = c.output(F32, p.to());
  const double lowest = -std::numeric_limits<double>::infinity();
  c.add(pool_node(p, x, y, p.combine == RDU_COMBINE_MAX ? lowest : 0));
  c.run();
  CHECK_SAME(c.get(y), pooled(p, numbers));
}

void check_between(const Pool& p) {
  INFO(p.channels << " channels between convolutions, stride " << p.stride);
  const int points = p.height * p.width, out_points = p.out(p.height) * p.out(p.width);
  const Numbers numbers = small(p.channels * points, 1), w = small(p.channels * p.channels, 2);
  Case c;
  const ValueId x = c.input(F32, p.from(), numbers), before = c.inner(F32, p.from()),
                after = c.inner(F32, p.to()), y = c.output(F32, p.to());
  const ValueId weights = c.constant(F32, {p.channels, p.channels}, w);
  c.add(mix(p.from(), p.channels, 0, x, weights, before));
  const double lowest = -std::numeric_limits<double>::infinity();
  c.add(pool_node(p, before, after, p.combine == RDU_COMBINE_MAX ? lowest : 0));
  c.add(mix(p.to(), p.channels, 0, after, weights, y));
  c.run();
  Pool exact = p;
  const Numbers middle = pooled(exact, mixed(numbers, w, p.channels, p.channels, points));
  CHECK_SAME(c.get(y), mixed(middle, w, p.channels, p.channels, out_points));
}

// Two convolutions write the halves of a value; its channels, shuffled in two groups, go through a third.
void check_shuffle(int half, bool through_view) {
  INFO(half << " channels in each half, view " << through_view);
  const int points = 6, all = 2 * half;
  const Dims narrow{1, half, 2, 3}, wide{1, all, 2, 3};
  const Numbers numbers = small(half * points, 3), w = small(half * half, 4),
                v = small(half * half, 5), last = small(all * all, 6);
  Case c;
  const ValueId x = c.input(F32, narrow, numbers), joined = c.inner(F32, wide),
                shuffled = c.inner(F32, wide), y = c.output(F32, wide);
  c.add(mix(narrow, half, 0, x, c.constant(F32, {half, half}, w), joined));
  c.add(mix(narrow, half, half, x, c.constant(F32, {half, half}, v), joined));
  Node shuffle = map(wide);
  if (through_view) {
    const ValueId view = c.alias(joined, {1, 2, half, 2, 3});
    shuffle.reads = {read(view, {fixed(0), loop(1) % 2, loop(1) / 2, loop(2), loop(3)})};
  } else {
    shuffle.reads = {read(joined, {loop(0), loop(1), loop(2), loop(3)})};
  }
  shuffle.body = copy_of(F32);
  shuffle.writes = {{shuffled, {}}};
  c.add(shuffle);
  c.add(mix(wide, all, 0, shuffled, c.constant(F32, {all, all}, last), y));
  c.run();
  Numbers whole = mixed(numbers, w, half, half, points);
  const Numbers second = mixed(numbers, v, half, half, points);
  whole.insert(whole.end(), second.begin(), second.end());
  Numbers turned;
  for (int channel = 0; channel < all; ++channel) {
    const int from = through_view ? channel % 2 * half + channel / 2 : channel;
    for (int p = 0; p < points; ++p) turned.push_back(at(whole, from * points + p));
  }
  CHECK_SAME(c.get(y), mixed(turned, last, all, all, points));
}

}  // namespace

CONFORMANCE_CASE("windows: strides, dilations and borders") {
  for (const rdu_combine_op combine : {RDU_COMBINE_MAX, RDU_COMBINE_ADD}) {
    for (const int width : {5, 16, 37}) {
      check_alone({2, 9, width, 3, 1, 1, 1, combine});
      check_alone({2, 9, width, 3, 2, 1, 1, combine});
      check_alone({1, 11, width, 2, 2, 1, 0, combine});
      check_alone({3, 9, width, 2, 1, 3, 0, combine});
      check_alone({1, 13, width, 5, 3, 1, 2, combine});
    }
    check_alone({1, 13, 13, 13, 1, 1, 6, combine});
  }
}

CONFORMANCE_CASE("windows: between convolutions") {
  for (const int channels : {8, 16, 24, 40}) {
    check_between({channels, 7, 9, 3, 2, 1, 1, RDU_COMBINE_MAX});
    check_between({channels, 7, 9, 3, 1, 1, 1, RDU_COMBINE_ADD});
  }
}

CONFORMANCE_CASE("channels: joined, shuffled and read again by convolutions") {
  for (const int half : {8, 16, 24, 48}) {
    check_shuffle(half, false);
    check_shuffle(half, true);
  }
}

}  // namespace conformance
