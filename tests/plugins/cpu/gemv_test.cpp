// Products of a vector and a matrix on every instruction set: the sums are right for any shape, and a column or row has
// the same bits in whatever company it is computed.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "plugins/cpu/simd/kernels.hpp"

using rdu::cpu::Kernels;

namespace {

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all;
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    if (const Kernels* kernels = rdu::cpu::select_kernels(isa)) all.push_back(kernels);
  }
  return all;
}

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& v : values) v = uniform(random);
  return values;
}

struct Product {
  std::size_t n, k, pad;  // matrix of leading dimension inner extent + pad
  std::vector<float> x = random_floats(2 * k, 1);
  std::vector<float> w = random_floats((n + pad) * (k + pad), 2);

  double expected(std::size_t column, std::int64_t w_n, std::int64_t w_k, std::size_t x_k) const {
    double sum = 0;
    for (std::size_t i = 0; i < k; ++i) {
      sum += static_cast<double>(x[i * x_k]) *
             static_cast<double>(
                 w[column * static_cast<std::size_t>(w_n) + i * static_cast<std::size_t>(w_k)]);
    }
    return sum;
  }
};

// Of sums of k products of values below 1.
float tolerance(std::size_t k) { return 1e-6f * static_cast<float>(k + 1); }

}  // namespace

TEST_CASE("gemv by columns", "[cpu]") {
  const std::size_t n = GENERATE(1u, 15u, 64u, 65u, 127u, 200u, 4100u);
  const std::size_t k = GENERATE(1u, 3u, 4u, 77u);
  const Product p{n, k, 5};
  const auto ld = static_cast<std::int64_t>(n + p.pad);
  for (const Kernels* kernels : all_kernels()) {
    for (const std::size_t x_step : {1u, 2u}) {
      std::vector<float> y(n + 1, 7.0f);
      kernels->gemv.columns(y.data(), p.w.data(), ld, p.x.data(), static_cast<std::int64_t>(x_step),
                            n, k);
      INFO(kernels->isa << " " << n << " columns, " << k << " steps");
      CHECK(y[n] == 7.0f);
      for (std::size_t c = 0; c < n; ++c) {
        REQUIRE(std::abs(y[c] - p.expected(c, 1, ld, x_step)) <= tolerance(k));
      }
      const std::size_t half = n / 2;
      std::vector<float> parts(n);
      kernels->gemv.columns(parts.data(), p.w.data(), ld, p.x.data(),
                            static_cast<std::int64_t>(x_step), half, k);
      kernels->gemv.columns(parts.data() + half, p.w.data() + half, ld, p.x.data(),
                            static_cast<std::int64_t>(x_step), n - half, k);
      CHECK(std::memcmp(parts.data(), y.data(), n * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("gemv by rows", "[cpu]") {
  const std::size_t n = GENERATE(1u, 3u, 4u, 33u);
  const std::size_t k = GENERATE(1u, 31u, 32u, 100u, 1025u);
  const Product p{n, k, 3};
  const auto ld = static_cast<std::int64_t>(k + p.pad);
  for (const Kernels* kernels : all_kernels()) {
    std::vector<float> y(n + 1, 7.0f);
    kernels->gemv.rows(y.data(), p.w.data(), ld, p.x.data(), n, k);
    INFO(kernels->isa << " " << n << " rows of " << k);
    CHECK(y[n] == 7.0f);
    for (std::size_t r = 0; r < n; ++r) {
      REQUIRE(std::abs(y[r] - p.expected(r, ld, 1, 1)) <= tolerance(k));
      float alone = 0;
      kernels->gemv.rows(&alone, p.w.data() + r * static_cast<std::size_t>(ld), ld, p.x.data(), 1,
                         k);
      CHECK(std::memcmp(&alone, &y[r], sizeof(float)) == 0);
    }
  }
}
