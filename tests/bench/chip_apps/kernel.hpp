// A kernel while it is made: its program, the data that it runs on, and the results that a plain computation expects.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/base/result.hpp"
#include "tests/bench/chip_apps/nest.hpp"
#include "tests/bench/chip_apps/values.hpp"
#include "tools/rducc/target/rdu/flow.hpp"

namespace chip_apps {

using Integers = std::vector<std::int32_t>;
using Reals = std::vector<float>;

// The same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::int32_t integer(std::int32_t least, std::int32_t most);
  float real(float least, float most);
  Integers integers(std::size_t count, std::int32_t least, std::int32_t most);
  Reals reals(std::size_t count, float least, float most);

 private:
  std::uint64_t next();
  std::uint64_t state_;
};

// What an argument holds before the run; regions that are only written hold zeros.
struct Given {
  std::vector<std::uint32_t> words;
};

// What an argument must hold behind the run: integers exactly, reals within `bound` times the largest of them all.
struct Expected {
  std::uint32_t argument;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  double bound = 0;
};

class Kernel {
 public:
  Kernel(const Values& values, const rdu_hw_arch& arch, Overlap overlap, std::uint64_t seed);

  const Values& values() const { return values_; }
  std::uint32_t operator[](const char* name) const { return values_[name]; }
  Nest& nest() { return nest_; }
  Random& random() { return random_; }
  const rdu_hw_arch& arch() const { return arch_; }
  std::uint32_t num_lanes() const { return arch_.pcu.lanes; }
  // A parameter that is not to be more than the chip has lanes.
  std::uint32_t lanes(const char* name);
  // Parameters that contradict each other, or the chip; the first mistake is kept.
  void refuse(std::string mistake);
  const std::string& mistake() const { return mistake_; }

  Region input(const char* name, const Integers& words);
  Region input(const char* name, const Reals& words);
  Region output(const char* name, std::size_t words);
  Scalar result(const char* name);
  void expect(Region region, const Integers& words);
  void expect(Scalar scalar, std::int32_t word);
  void expect(Region region, std::vector<double> reals, double bound);

  const rducc::rdu::Flow& flow() const { return flow_; }
  const std::vector<Given>& given() const { return given_; }
  const std::vector<Expected>& expected() const { return expected_; }

 private:
  Values values_;
  const rdu_hw_arch& arch_;
  rducc::rdu::Flow flow_;
  Nest nest_;
  Random random_;
  std::vector<Given> given_;  // by argument
  std::vector<Expected> expected_;
  std::string mistake_;
};

}  // namespace chip_apps
