// A run of one node: its domain, cursors and registers, and the walk that keeps them together.
#pragma once

#include <cstdint>
#include <rdu/plugin/status.hpp>

#include "plugins/reference/frame.hpp"

namespace rdu::reference {

class NodeRun {
 public:
  NodeRun(const NodePlan& plan, Frame& frame) : plan_(plan), frame_(frame) {}

  // Reads the actual extents and puts every cursor at the first point.
  plugin::Status start();

  // Calls `visit` at each point of loops [first, end) in row-major order, until an access fails. The cursors are left
  // at the last point: a walk over the loops before `first` takes them on from there.
  template <class Visit>
  void walk(std::uint32_t first, std::uint32_t end, Visit visit) {
    if (domain_.empty(first, end)) return;
    for (;;) {
      visit();
      if (failure_.access != nullptr) return;
      const int loop = domain_.advance(first, end);
      if (loop == kEnd) return;
      follow(loop);
    }
  }

  // The body at this point; its registers stay until the next call.
  const Scalar* evaluate_body();
  const Scalar* evaluate_epilogue(Scalar accumulated);

  // Stores into the k-th write at this point, where that is inside.
  void write(std::uint32_t k, rdu_dtype dtype, Scalar value);

  // The failure of an access, if there was one.
  plugin::Status finish() const;
  plugin::Status fail(rdu_code code, const std::string& words) const;

  const NodePlan& plan() const { return plan_; }
  Frame& frame() { return frame_; }
  const Domain& domain() const { return domain_; }
  Cursor& read(std::uint32_t k) { return cursors_[k]; }
  Cursor& write_cursor(std::uint32_t k) { return cursors_[plan_.num_reads + k]; }

 private:
  plugin::Status extent(std::uint32_t value, std::int64_t bound, std::int64_t& out) const;
  plugin::Status start_cursor(std::uint32_t access, std::uint32_t end);
  void follow(int loop);

  const NodePlan& plan_;
  Frame& frame_;
  Domain domain_;
  Cursor* cursors_ = nullptr;
  Scalar* body_registers_ = nullptr;
  Scalar* epilogue_registers_ = nullptr;
  Failure failure_;
};

}  // namespace rdu::reference
