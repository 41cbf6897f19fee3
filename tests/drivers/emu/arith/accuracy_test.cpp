// Accuracy of the elementary functions in units of the last place, against the C library in binary64: a stratified
// sample, a denser one with RDU_FULL=1, every input there is with RDU_ARITH_EXHAUSTIVE=1.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "tests/drivers/emu/arith/ulp.hpp"

namespace rdu_hw::arith {
namespace {

struct Function {
  Op op;
  double (*exact)(double);
  double most_ulp;
};

const Function kFunctions[] = {
    {Op::exp_f32, [](double x) { return std::exp(x); }, 0.501},
    {Op::log_f32, [](double x) { return std::log(x); }, 0.501},
    {Op::sigmoid_f32, [](double x) { return 1 / (1 + std::exp(-x)); }, 0.501},
    {Op::tanh_f32, [](double x) { return std::tanh(x); }, 0.501},
    {Op::sinh_f32, [](double x) { return std::sinh(x); }, 0.501},
    {Op::cosh_f32, [](double x) { return std::cosh(x); }, 0.501},
    {Op::asinh_f32, [](double x) { return std::asinh(x); }, 0.501},
    {Op::acosh_f32, [](double x) { return std::acosh(x); }, 0.501},
    {Op::atanh_f32, [](double x) { return std::atanh(x); }, 0.501},
    {Op::erf_f32, [](double x) { return std::erf(x); }, 0.502},
    {Op::sin_f32, [](double x) { return std::sin(x); }, 0.502},
    {Op::cos_f32, [](double x) { return std::cos(x); }, 0.502},
    {Op::tan_f32, [](double x) { return std::tan(x); }, 0.502},
    {Op::asin_f32, [](double x) { return std::asin(x); }, 0.501},
    {Op::acos_f32, [](double x) { return std::acos(x); }, 0.501},
    {Op::atan_f32, [](double x) { return std::atan(x); }, 0.501},
    {Op::rsqrt_f32, [](double x) { return 1 / std::sqrt(x); }, 0.501},
};

struct Worst {
  double ulp = 0;
  Word at = 0;
};

// Every stride-th word from `first`.
Worst measure(const Function& f, std::uint64_t first, std::uint64_t stride) {
  constexpr std::size_t kChunk = 4096;
  Worst worst;
  std::vector<Word> in(kChunk), out(kChunk);
  for (std::uint64_t w = first; w <= 0xffffffffu;) {
    std::size_t n = 0;
    for (; n < kChunk && w <= 0xffffffffu; w += stride) in[n++] = static_cast<Word>(w);
    forms()[f.op](out.data(), in.data(), nullptr, nullptr, n);
    for (std::size_t i = 0; i < n; ++i) {
      const double ulp = error_ulp(out[i], f.exact(fp32(in[i])));
      if (ulp > worst.ulp) worst = {ulp, in[i]};
    }
  }
  return worst;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '1';
}

// All but the exhaustive one, which takes a minute or two per function, are prime: they meet every exponent and every
// pattern of low bits.
std::uint64_t sample_stride() {
  if (is_set("RDU_ARITH_EXHAUSTIVE")) return 1;
  return is_set("RDU_FULL") ? 619 : 32749;
}

TEST_CASE("elementary functions are within their stated error") {
  const std::uint64_t stride = sample_stride();
  for (const Function& f : kFunctions) {
    const char* name = op_name(static_cast<std::size_t>(f.op));
    DYNAMIC_SECTION(name) {
      const Worst worst = measure(f, stride / 3, stride);
      if (stride == 1) std::printf("%-12s %.7f ulp at 0x%08x\n", name, worst.ulp, worst.at);
      CAPTURE(worst.at, fp32(worst.at));
      CHECK(worst.ulp <= f.most_ulp);
    }
  }
}

}  // namespace
}  // namespace rdu_hw::arith
