// BlackScholes: prices of European options, fp32, one straight line of operations between FIFOs.
//
//   [n] / ts * op { load 6 columns into FIFOs of ts words; [ts] * ip { price }; store from a FIFO }
//
// exp and log are Taylor series, the square root is a polynomial, as the kernel has them; the expected prices are those of the closed form.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>

#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

// Straight-line fp32 expressions of one context.
class Real {
 public:
  Real(Simd& simd, Value value) : simd_(&simd), value_(value) {}
  Value value() const { return value_; }
  Real constant(float x) const { return {*simd_, Simd::real(x)}; }
  Real apply(rdu_hw_op op, Value b = {}, Value c = {}) const {
    return {*simd_, simd_->compute(op, value_, b, c)};
  }

  friend Real operator+(Real a, Real b) { return a.apply(RDU_HW_OP_ADD_F32, b.value_); }
  friend Real operator-(Real a, Real b) { return a.apply(RDU_HW_OP_SUB_F32, b.value_); }
  friend Real operator*(Real a, Real b) { return a.apply(RDU_HW_OP_MUL_F32, b.value_); }
  friend Real operator/(Real a, Real b) { return a.apply(RDU_HW_OP_DIV_F32, b.value_); }
  friend Real operator+(Real a, float b) { return a + a.constant(b); }
  friend Real operator-(Real a, float b) { return a - a.constant(b); }
  friend Real operator*(Real a, float b) { return a * a.constant(b); }
  friend Real operator-(float a, Real b) { return b.constant(a) - b; }
  friend Real operator/(float a, Real b) { return b.constant(a) / b; }
  friend Real fma(Real a, Real b, Real c) { return a.apply(RDU_HW_OP_FMA_F32, b.value_, c.value_); }

 private:
  Simd* simd_;
  Value value_;
};

// Coefficients from that of the highest power down.
Real polynomial(Real x, std::initializer_list<float> coefficients) {
  Real sum = x.constant(*coefficients.begin());
  for (const float* next = coefficients.begin() + 1; next != coefficients.end(); ++next) {
    sum = fma(sum, x, x.constant(*next));
  }
  return sum;
}

// For x ≤ 0: the series of x / 16, squared four times; what is below e⁻¹⁶ counts as that.
Real exp_taylor(Real x) {
  const Real part = x.apply(RDU_HW_OP_MAX_F32, Simd::real(-16)) * 0.0625f;
  Real power = polynomial(part, {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f});
  for (int i = 0; i < 4; ++i) power = power * power;
  return power;
}

// For x near 1: 2 artanh((x - 1) / (x + 1)).
Real log_taylor(Real x) {
  const Real z = (x - 1.0f) / (x + 1.0f);
  return z * polynomial(z * z, {2.0f / 9, 2.0f / 7, 2.0f / 5, 2.0f / 3, 2.0f});
}

// On 0.25 … 1, to 1.5e-5.
Real sqrt_polynomial(Real x) {
  return polynomial(x, {-0.463865722f, 2.0881477f, -3.99066153f, 4.27755377f, -2.95717276f,
                        1.88576889f, 0.16022136f});
}

// The normal distribution, Abramowitz and Stegun 26.2.17.
Real distribution(Simd& simd, Real x) {
  const Real k = 1.0f / fma(x.apply(RDU_HW_OP_ABS_F32), x.constant(0.2316419f), x.constant(1));
  const Real series =
      k * polynomial(k, {1.330274429f, -1.821255978f, 1.781477937f, -0.356563782f, 0.319381530f});
  const Real density = exp_taylor(x * x * -0.5f) * 0.39894228f;
  const Real tail = density * series;
  const Value negative = simd.compute(RDU_HW_OP_LT_F32, x.value(), Simd::real(0));
  return {simd, simd.compute(RDU_HW_OP_SELECT_WORD, negative, tail.value(), (1.0f - tail).value())};
}

struct Option {
  Value is_put;
  Real spot, strike, rate, volatility, time;
};

Value price(Simd& simd, const Option& option) {
  const Real volatility = option.volatility;
  const Real spread = volatility * sqrt_polynomial(option.time);
  const Real drift = fma(volatility * volatility, volatility.constant(0.5f), option.rate);
  const Real d1 = fma(drift, option.time, log_taylor(option.spot / option.strike)) / spread;
  const Real n1 = distribution(simd, d1);
  const Real n2 = distribution(simd, d1 - spread);
  const Real discounted = option.strike * exp_taylor(0.0f - option.rate * option.time);
  const Real call = option.spot * n1 - discounted * n2;
  const Real put = discounted * (1.0f - n2) - option.spot * (1.0f - n1);
  return simd.compute(RDU_HW_OP_SELECT_WORD, option.is_put, put.value(), call.value());
}

struct Columns {
  Integers is_put;
  Reals reals[5];  // spot, strike, rate, volatility, time
};

std::vector<double> closed_form(const Columns& options) {
  const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); };
  std::vector<double> prices;
  for (std::size_t i = 0; i < options.is_put.size(); ++i) {
    const double spot = options.reals[0][i], strike = options.reals[1][i],
                 rate = options.reals[2][i], volatility = options.reals[3][i],
                 time = options.reals[4][i];
    const double spread = volatility * std::sqrt(time);
    const double d1 =
        (std::log(spot / strike) + (rate + volatility * volatility / 2) * time) / spread;
    const double discounted = strike * std::exp(-rate * time);
    const double call = spot * normal(d1) - discounted * normal(d1 - spread);
    prices.push_back(options.is_put[i] != 0 ? call - spot + discounted : call);
  }
  return prices;
}

Columns random_options(Random& random, std::uint32_t n) {
  return {random.integers(n, 0, 1),
          {random.reals(n, 80, 120), random.reals(n, 80, 120), random.reals(n, 0.01f, 0.1f),
           random.reals(n, 0.1f, 0.5f), random.reals(n, 0.25f, 1)}};
}

// Vectors of ip words that go through a memory of ts words, or of as many as tokens can count, one after another.
class Fifo {
 public:
  Fifo(Nest& nest, const Strip& tiles, std::uint32_t ip, std::uint32_t most_tokens)
      : nest_(nest),
        width_(ip),
        depth_(std::clamp(tiles.step / ip, 2u, std::max(most_tokens, 2u))),
        vectors_{loop(tiles.trips()), loop((tiles.step + ip - 1) / ip), lanes(ip, ip)} {}

  Tile through(const std::string& name, Stream data) const {
    const Place place = {at(2, 1)};
    return nest_.tile(name, width_, 2, {{vectors_, place, data}}, {vectors_, place}, depth_);
  }

 private:
  Nest& nest_;
  std::uint32_t width_, depth_;
  Chain vectors_;
};

}  // namespace

void make_blackscholes(Kernel& kernel) {
  const std::uint32_t n = kernel["n"], ts = kernel["ts"], op = kernel["op"];
  const std::uint32_t ip = kernel.lanes("ip");
  const Strip tiles = {n, ts, op};
  Nest& nest = kernel.nest();
  const Columns options = random_options(kernel.random(), n);
  std::vector<Region> regions = {kernel.input("is put", options.is_put)};
  const char* const names[] = {"spot", "strike", "rate", "volatility", "time"};
  for (std::size_t i = 0; i < 5; ++i) regions.push_back(kernel.input(names[i], options.reals[i]));
  const Region prices = kernel.output("prices", n);

  const Chain words = {loop(tiles.trips()), lanes(ts, ip)};
  const Fifo fifo(nest, tiles, ip, kernel.arch().pmu.ports.control_fifo_depth);
  for (std::uint32_t p = 0; p < op; ++p) {
    const Affine index = tiles.index(0, p) + at(1, 1);
    Simd simd = nest.section().simd("price", words);
    Stage load = {"load", {}, {}};
    std::vector<Real> columns;
    for (const Region& region : regions) {
      const Memory loaded = nest.load("load", words, region, n, {index});
      load.first.push_back(loaded);
      const Tile column = fifo.through("column", loaded.data());
      load.last.push_back(column.writes.front());
      columns.emplace_back(simd, simd.input(column.data()));
    }
    const Value result = price(
        simd, {columns[0].value(), columns[1], columns[2], columns[3], columns[4], columns[5]});
    const Tile priced = fifo.through("prices", simd.vector(result));
    const Memory store = nest.store("store", words, prices, n, priced.data(), {index});
    nest.metapipe(
        {"tiles", 1, {load, {"price", {}, {priced.writes.front()}}, {"store", {}, {store}}}});
  }
  kernel.expect(prices, closed_form(options), 1e-4);
}

}  // namespace chip_apps
