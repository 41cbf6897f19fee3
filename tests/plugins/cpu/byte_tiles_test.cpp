// Products of bytes on AMX tiles, which are emulated where the processor has none: sums are exact.
#include <catch2/catch.hpp>

#include "plugins/cpu/simd/kernels.hpp"
#include "tests/plugins/cpu/byte_chain.hpp"
#include "tests/support/amx_emulator.hpp"

namespace cpu_test {
namespace {

const rdu::cpu::Kernels* tiles() {
  rdu::testing::emulate_amx();
  const rdu::cpu::Kernels* kernels = rdu::cpu::select_kernels("amx");
  if (kernels == nullptr) WARN("no AVX-512: tiles were not tested");
  return kernels;
}

template <class T>
std::vector<T> random_values(Random& random, std::size_t count, std::int64_t low,
                             std::int64_t high) {
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(pick(random, low, high));
  return values;
}

// Words of four: the lanes' are unsigned, the rows' signed.
void check_product(Random& random, const rdu::cpu::IntegerKernels& kernels) {
  const auto some = [&](std::int64_t most) {
    return static_cast<std::size_t>(pick(random, 1, most));
  };
  const std::size_t rows = some(40), lanes = some(70), groups = some(40);
  const std::size_t panel_lanes = (lanes + 15) / 16 * 16;
  const auto panel = random_values<std::uint8_t>(random, groups * panel_lanes * 4, 0, 255);
  const auto words = random_values<std::int8_t>(random, rows * groups * 4, -128, 127);
  const auto start = random_values<std::int32_t>(random, rows, -1000, 1000);
  std::vector<std::int32_t> sums(rows * lanes + 64), expected(rows * lanes);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t l = 0; l < lanes; ++l) {
      std::int32_t& sum = expected[r * lanes + l];
      sum = start[r];
      for (std::size_t k = 0; k < groups * 4; ++k) {
        sum += panel[(k / 4 * panel_lanes + l) * 4 + k % 4] * words[r * groups * 4 + k];
      }
    }
  }
  kernels.multiply(
      {sums.data(), panel.data(), words.data(), start.data(), lanes, panel_lanes, rows, groups});
  sums.resize(rows * lanes);
  CAPTURE(rows, lanes, groups);
  CHECK(sums == expected);
}

}  // namespace

TEST_CASE("byte tiles: products of any size") {
  const rdu::cpu::Kernels* kernels = tiles();
  if (kernels == nullptr) return;
  Random random(5);
  const std::uint64_t before = rdu::testing::emulated_instructions();
  for (int i = 0; i < 60; ++i) check_product(random, rdu::cpu::select_integers(*kernels));
  INFO(rdu::testing::emulated_instructions() - before << " instructions were emulated");
  CHECK(rdu::cpu::select_integers(*kernels).bytes.whole_blocks);
}

TEST_CASE("byte tiles: chains of quantised convolutions have the bits of the reference") {
  if (tiles() == nullptr) return;
  static Device devices[] = {Device("cpu:?threads=1&isa=amx"), Device("cpu:?threads=2&isa=amx")};
  check_chains(devices, std::size(devices), 40);
}

}  // namespace cpu_test
