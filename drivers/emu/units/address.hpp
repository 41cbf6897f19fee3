// Address programs: where the lanes of a firing go in a buffer or a region.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "drivers/emu/units/chain.hpp"
#include "drivers/emu/units/elements.hpp"
#include "drivers/image/view.hpp"

namespace rdu_hw::emu {

// Of one firing. Only lanes that are on mean anything.
struct Addresses {
  std::uint64_t on = 0;  // lanes that are valid and within all bounds
  bool is_line = true;   // lane j at base + j · stride; else at lanes[j]
  std::int64_t base = 0;
  std::int64_t stride = 0;
  std::array<std::int64_t, arith::kMaxLanes> lanes;

  std::int64_t at(int lane) const { return is_line ? base + lane * stride : lanes[lane]; }
  int first() const { return std::countr_zero(on); }
  int last() const { return 63 - std::countl_zero(on); }
  // Whether the lanes 0 … count - 1 are on, and no other.
  bool has_all(std::uint32_t count) const { return on == ~std::uint64_t{0} >> (64 - count); }
};

// Of firings in a row: all valid lanes are on, and lane j of firing k is at base + k · step + j · stride; or none is on.
struct Plane {
  bool on = true;
  std::int64_t base = 0;
  std::int64_t step = 0;
  std::int64_t stride = 0;
};

class AddressProgram {
 public:
  // `inputs` have begun the block where steps take words of ports.
  AddressProgram(const image::ContextView& context, const Chain& chain, const Inputs& inputs);

  bool uses_ports() const { return uses_ports_; }
  // Whether addresses are one sum of counters, without bounds: then base() says all.
  bool is_affine() const { return affine_; }
  // Of lane 0 in the firing at which the chain stands.
  std::int64_t base(const Chain& chain) const;
  std::int64_t lane_stride() const { return lane_stride_; }
  // From firing to firing of a run.
  std::int64_t run_stride() const { return run_stride_; }

  // The next `count` firings of the run, if they lie in a plane. All have as many valid lanes.
  bool find_plane(const Chain& chain, std::int64_t count, Plane& plane) const;
  // Of the firing `later` behind that in its run; number `firing` of the block, as inputs go.
  void evaluate(const Chain& chain, std::int64_t later, std::int64_t firing, Addresses& out) const;

 private:
  struct Step {
    std::uint32_t first_term, last_term;
    std::int64_t offset, divisor, modulus, low, high;
    bool bounded;
  };
  struct Line {
    std::uint64_t base;  // wraps where lanes are off
    std::uint64_t slope;
    std::int64_t at(int lane) const {
      return static_cast<std::int64_t>(base + slope * static_cast<std::uint64_t>(lane));
    }
  };
  // Of a step: a line from lane to lane that moves from firing to firing.
  struct Sheet {
    Line line;
    std::uint64_t step;
    bool is_flat() const { return line.slope == 0 && step == 0; }
  };
  struct Moment {
    const Chain& chain;
    std::int64_t later;
    std::int64_t firing;
  };

  bool as_lines(const Moment& moment, Addresses& out) const;
  bool add_terms(const Step& step, const Moment& moment, std::span<const Line> lines,
                 Line& sum) const;
  Sheet sheet_of(const Step& step, const Chain& chain) const;
  static bool divide(const Step& step, const Addresses& lanes, Line& line);
  static void bound(const Step& step, const Line& line, Addresses& lanes);
  void lane_by_lane(const Moment& moment, Addresses& out) const;
  bool evaluate_lane(const Moment& moment, int lane, std::int64_t& address) const;

  const Inputs& inputs_;
  std::vector<Step> steps_;
  std::vector<rdu_hw_term> terms_;
  std::uint32_t innermost_;  // number of the counter that differs from lane to lane
  bool uses_ports_ = false;
  bool affine_ = false;
  std::int64_t lane_stride_ = 0;
  std::int64_t run_stride_ = 0;
  mutable std::vector<Line> lines_;
  mutable std::vector<Sheet> sheets_;
  mutable std::vector<std::int64_t> values_;
};

}  // namespace rdu_hw::emu
