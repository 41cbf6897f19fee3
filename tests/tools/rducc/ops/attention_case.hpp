// Inputs that a line of arithmetic gives, and the comparison with what another runtime made of them.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "tests/tools/rducc/ops/one_op.hpp"

namespace rducc::test {

// Element i is ((7 i + 5 seed) mod 23 - 11) / 8.
inline Tensor ramp(Dims dims, std::int64_t seed) {
  std::vector<double> elements(static_cast<std::size_t>(ir::num_elements(dims)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto step = (7 * static_cast<std::int64_t>(i) + 5 * seed) % 23 - 11;
    elements[i] = static_cast<double>(step) / 8;
  }
  return f32(std::move(dims), std::move(elements));
}

// A tensor of these dims and, within a few units of the last place of F32, these elements.
class Holds : public Catch::MatcherBase<Tensor> {
 public:
  Holds(Dims dims, std::vector<double> elements)
      : dims_(std::move(dims)), elements_(std::move(elements)) {}

  bool match(const Tensor& tensor) const override {
    const std::vector<double> seen = tensor.to_f64();
    if (tensor.dims != dims_ || seen.size() != elements_.size()) return false;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const bool both_nan = std::isnan(seen[i]) && std::isnan(elements_[i]);
      if (!both_nan && seen[i] != Approx(elements_[i]).epsilon(1e-5).margin(1e-6)) return false;
    }
    return true;
  }

  std::string describe() const override { return "holds " + Catch::Detail::stringify(elements_); }

 private:
  Dims dims_;
  std::vector<double> elements_;
};

}  // namespace rducc::test

template <>
struct Catch::StringMaker<rducc::test::Tensor> {
  static std::string convert(const rducc::test::Tensor& tensor) {
    return Catch::Detail::stringify(tensor.dims) + " " + Catch::Detail::stringify(tensor.to_f64());
  }
};
