// Accuracy of the elementary functions on every instruction set of this machine, in units of the last place, against the
// C library in double.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {
namespace {

using Exact = double (*)(double);

struct Function {
  std::uint32_t op;
  const char* name;
  Exact exact;
  double low, high;
  double most_ulp;
};

double rsqrt(double x) { return 1 / std::sqrt(x); }
double exp(double x) { return std::exp(x); }
double log(double x) { return std::log(x); }
double tanh(double x) { return std::tanh(x); }
double erf(double x) { return std::erf(x); }
double sin(double x) { return std::sin(x); }
double cos(double x) { return std::cos(x); }
double tan(double x) { return std::tan(x); }
double asin(double x) { return std::asin(x); }
double acos(double x) { return std::acos(x); }
double atan(double x) { return std::atan(x); }
double sinh(double x) { return std::sinh(x); }
double cosh(double x) { return std::cosh(x); }
double asinh(double x) { return std::asinh(x); }
double acosh(double x) { return std::acosh(x); }
double atanh(double x) { return std::atanh(x); }

constexpr Function kFunctions[] = {
    {RDU_OP_EXP, "exp", exp, -104, 89, 2},
    {RDU_OP_LOG, "log", log, 1e-44, 3e38, 2},
    {RDU_OP_TANH, "tanh", tanh, -12, 12, 3},
    {RDU_OP_ERF, "erf", erf, -5, 5, 3},
    {RDU_OP_SIN, "sin", sin, -2000, 2000, 1},
    {RDU_OP_COS, "cos", cos, -2000, 2000, 1},
    {RDU_OP_TAN, "tan", tan, -200, 200, 1},
    {RDU_OP_ASIN, "asin", asin, -1, 1, 1},
    {RDU_OP_ACOS, "acos", acos, -1, 1, 1},
    {RDU_OP_ATAN, "atan", atan, -1e4, 1e4, 1},
    {RDU_OP_SINH, "sinh", sinh, -89, 89, 1},
    {RDU_OP_COSH, "cosh", cosh, -89, 89, 1},
    {RDU_OP_ASINH, "asinh", asinh, -1e6, 1e6, 1},
    {RDU_OP_ACOSH, "acosh", acosh, 1, 1e6, 1},
    {RDU_OP_ATANH, "atanh", atanh, -0.999999, 0.999999, 1},
    {RDU_OP_RSQRT, "rsqrt", rsqrt, 1e-30, 1e30, 2},
};

// Even steps over the range, and points that crowd at zero from both sides.
std::vector<float> samples(const Function& f) {
  std::vector<float> x;
  for (int i = 0; i <= 20000; ++i) {
    x.push_back(static_cast<float>(f.low + (f.high - f.low) * i / 20000));
  }
  for (double tiny = 1e-44; tiny < f.high; tiny *= 1.31) {
    if (tiny >= f.low) x.push_back(static_cast<float>(tiny));
    if (-tiny >= f.low) x.push_back(static_cast<float>(-tiny));
  }
  return x;
}

double ulp_of(double value) {
  const auto f = static_cast<float>(std::fabs(value));
  if (!std::isfinite(f)) return std::numeric_limits<float>::infinity();
  return static_cast<double>(std::nextafter(f, std::numeric_limits<float>::infinity())) -
         static_cast<double>(f);
}

double error_in_ulp(float actual, double exact) {
  if (actual == static_cast<float>(exact)) return 0;
  return std::fabs(static_cast<double>(actual) - exact) / ulp_of(exact);
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> found;
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    if (const Kernels* kernels = select_kernels(isa)) found.push_back(kernels);
  }
  return found;
}

float one(const Kernels& kernels, std::uint32_t op, float a, float b = 0) {
  float result = 0;
  kernels.op[op][RDU_DTYPE_F32](&result, &a, &b, nullptr, 1);
  return result;
}

}  // namespace

TEST_CASE("elementary functions are right to the last places") {
  for (const Kernels* kernels : all_kernels()) {
    for (const Function& f : kFunctions) {
      const std::vector<float> x = samples(f);
      std::vector<float> y(x.size());
      kernels->op[f.op][RDU_DTYPE_F32](y.data(), x.data(), nullptr, nullptr, x.size());
      double worst = 0;
      float at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = error_in_ulp(y[i], f.exact(x[i]));
        if (!(error <= worst)) {
          worst = error;
          at = x[i];
        }
      }
      INFO(kernels->isa << ": " << f.name << " is " << worst << " ulp off at " << at);
      CHECK(worst <= f.most_ulp);
    }
  }
}

TEST_CASE("elementary functions at the ends of the line") {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Kernels* kernels : all_kernels()) {
    INFO(kernels->isa);
    for (const Function& f : kFunctions) {
      INFO(f.name);
      CHECK(std::isnan(one(*kernels, f.op, nan)));
      for (const float x : {kInf, -kInf, 0.0f, -0.0f}) {
        const auto expected = static_cast<float>(f.exact(x));
        const float actual = one(*kernels, f.op, x);
        INFO(x);
        CHECK((std::isnan(expected) ? std::isnan(actual) : actual == expected));
      }
    }
    for (const float x : {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, -2.0f, 3.0f, kInf, -kInf, nan}) {
      for (const float y : {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 2.0f, 3.0f, -3.0f, kInf, -kInf, nan}) {
        INFO(x << " and " << y);
        const float power = std::pow(x, y), angle = std::atan2(x, y);
        const float actual = one(*kernels, RDU_OP_POW, x, y);
        CHECK((std::isnan(power) ? std::isnan(actual) : actual == power));
        const float turned = one(*kernels, RDU_OP_ATAN2, x, y);
        CHECK((std::isnan(angle) ? std::isnan(turned) : turned == Approx(angle)));
      }
    }
  }
}

TEST_CASE("a block's last elements get the same bits as its first") {
  for (const Kernels* kernels : all_kernels()) {
    for (const Function& f : kFunctions) {
      const std::vector<float> x(67, static_cast<float>(f.low + (f.high - f.low) * 0.37));
      std::vector<float> y(x.size());
      kernels->op[f.op][RDU_DTYPE_F32](y.data(), x.data(), nullptr, nullptr, x.size());
      INFO(kernels->isa << ": " << f.name);
      CHECK(y == std::vector<float>(y.size(), y[0]));
    }
  }
}

}  // namespace rdu::cpu
