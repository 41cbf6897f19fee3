// Where an access lands: from the position in the domain to an element of a tensor, by the rules of rdu_index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <vector>

#include "plugins/reference/domain.hpp"
#include "plugins/reference/scalar.hpp"

namespace rdu::reference {

// A dimension that has to be looked at for each point. The others are summed up once, in AccessPlan.
struct JudgedDim {
  std::uint32_t dimension = 0;
  std::int64_t offset = 0, div = 1, mod = 0;
  std::int64_t coefs[RDU_MAX_LOOPS] = {};
  std::int64_t stride = 1;
  std::int64_t bound = 0;
  std::uint32_t extent_value = RDU_NONE;  // the actual extent, where it differs from the bound
  std::uint32_t outside = RDU_OUTSIDE_NEVER;
  std::uint32_t source = RDU_NONE;  // number of the access that reads the source
  bool exact = false;
};

// An access of a node: a read, a write, or the source of an indirect index.
struct AccessPlan {
  std::uint32_t value = RDU_NONE;
  rdu_dtype dtype = RDU_DTYPE_NONE;
  const char* what = "read";
  std::uint32_t number = 0;
  std::int64_t base =
      0;  // element, and elements per step of each loop, of the dimensions that are never outside
  std::int64_t coefs[RDU_MAX_LOOPS] = {};
  std::vector<JudgedDim> judged;
  Scalar fill{};
  std::uint32_t fill_value = RDU_NONE;
};

// An access that the data made impossible: the run fails. The first one is kept.
struct Failure {
  const AccessPlan* access = nullptr;
  std::uint32_t dimension = 0;
  std::int64_t index = 0, extent = 0;
};

struct Location {
  std::int64_t element = 0;
  bool inside = true;   // before the outside rule
  bool filled = false;  // there is no element: read the fill, write nothing
};

// An access that follows the walk over a domain. Every number it needs moves by a constant when a loop moves on, so a
// step costs additions only.
class Cursor {
 public:
  // At the first point of loops [0, end). `extents[j]` is the actual extent of judged dimension j; `cursors` are those
  // of all accesses of the node.
  void start(const AccessPlan& plan, std::byte* data, Scalar fill, const std::int64_t* extents,
             const Domain& domain, std::uint32_t end, const Cursor* cursors, Failure* failure);

  // The domain's walk moved on in this loop.
  void advance(int loop) {
    element_ += element_steps_[loop];
    for (std::uint32_t j = 0; j < num_judged_; ++j) numerators_[j] += steps_[j][loop];
  }

  // As many steps along `loop`, in which everything after it has one position, as lead to the last of `count` points.
  void skip_to_last(std::uint32_t loop, std::int64_t count) {
    element_ += (count - 1) * element_steps_[loop];
    for (std::uint32_t j = 0; j < num_judged_; ++j) numerators_[j] += (count - 1) * steps_[j][loop];
  }

  Location locate() const {
    Location location{element_, true, false};
    for (std::uint32_t j = 0; j < num_judged_; ++j) judge(j, location);
    return location;
  }

  Scalar read() const;
  bool inside() const { return locate().inside; }
  const AccessPlan& plan() const { return *plan_; }
  std::byte* data() const { return data_; }

  // Do the `count` points from here along `loop` form a line of elements without outside ones? Then `step` is the
  // distance of neighbours.
  bool line(std::uint32_t loop, std::int64_t count, std::int64_t& element,
            std::int64_t& step) const;

 private:
  void judge(std::uint32_t j, Location& location) const;
  void apply_outside(std::uint32_t j, std::int64_t index, Location& location) const;
  void fail(std::uint32_t j, std::int64_t index, Location& location) const;

  const AccessPlan* plan_ = nullptr;
  const Cursor* cursors_ = nullptr;
  Failure* failure_ = nullptr;
  std::byte* data_ = nullptr;
  Scalar fill_{};
  std::uint32_t num_judged_ = 0;
  std::int64_t element_ = 0;
  std::int64_t element_steps_[RDU_MAX_LOOPS] = {};
  std::int64_t numerators_[RDU_MAX_RANK] = {};
  std::int64_t steps_[RDU_MAX_RANK][RDU_MAX_LOOPS] = {};
  std::int64_t extents_[RDU_MAX_RANK] = {};
};

}  // namespace rdu::reference
