// Starting a node on actual extents, moving its cursors along, and naming the place where a run failed.
#include "plugins/reference/node_run.hpp"

#include <algorithm>

namespace rdu::reference {

using plugin::concat;
using plugin::Status;

Status NodeRun::fail(rdu_code code, const std::string& words) const {
  return plugin::fail(code, "node '", plan_.node->name, "': ", words);
}

Status NodeRun::extent(std::uint32_t value, std::int64_t bound, std::int64_t& out) const {
  out = bound;
  if (value == RDU_NONE) return {};
  out = frame_.integer(value);
  if (out >= 0 && out <= bound) return {};
  return fail(RDU_ERR_OUT_OF_RANGE, concat("extent '", frame_.graph.value(value).name, "' is ", out,
                                           ", outside [0, ", bound, "]"));
}

Status NodeRun::start_cursor(std::uint32_t access, std::uint32_t end) {
  const AccessPlan& plan = plan_.accesses[access];
  std::int64_t extents[RDU_MAX_RANK] = {};
  for (std::size_t j = 0; j < plan.judged.size(); ++j) {
    if (Status s = extent(plan.judged[j].extent_value, plan.judged[j].bound, extents[j]); !s.ok())
      return s;
  }
  const Scalar fill =
      plan.fill_value == RDU_NONE ? plan.fill : load(plan.dtype, frame_.at(plan.fill_value), 0);
  cursors_[access].start(plan, frame_.at(plan.value), fill, extents, domain_, end, cursors_,
                         &failure_);
  return {};
}

Status NodeRun::start() {
  const std::uint32_t loops = plan_.num_loops();
  domain_.num_loops = loops;
  std::int64_t stride = 1;
  for (std::uint32_t l = loops; l-- > 0;) {
    if (Status s = extent(plan_.loops[l].extent_value, plan_.loops[l].bound, domain_.extents[l]);
        !s.ok())
      return s;
    domain_.strides[l] = stride;
    stride *= std::max<std::int64_t>(plan_.loops[l].bound, 1);
  }
  cursors_ = frame_.workspace.take<Cursor>(plan_.accesses.size());
  body_registers_ = frame_.workspace.take<Scalar>(plan_.body.code.size());
  epilogue_registers_ = frame_.workspace.take<Scalar>(plan_.epilogue.code.size());
  for (const std::uint32_t access : plan_.over_all_loops) {
    if (Status s = start_cursor(access, loops); !s.ok()) return s;
  }
  for (const std::uint32_t access : plan_.over_parallel_loops) {
    if (Status s = start_cursor(access, plan_.num_parallel); !s.ok()) return s;
  }
  return {};
}

void NodeRun::follow(int loop) {
  for (const std::uint32_t access : plan_.over_all_loops) cursors_[access].advance(loop);
  if (loop >= static_cast<int>(plan_.num_parallel)) return;
  for (const std::uint32_t access : plan_.over_parallel_loops) cursors_[access].advance(loop);
}

const Scalar* NodeRun::evaluate_body() {
  evaluate(plan_.body, {cursors_, &domain_, plan_.num_loops(), Scalar{}}, body_registers_);
  return body_registers_;
}

const Scalar* NodeRun::evaluate_epilogue(Scalar accumulated) {
  evaluate(plan_.epilogue, {cursors_, &domain_, plan_.num_parallel, accumulated},
           epilogue_registers_);
  return epilogue_registers_;
}

void NodeRun::write(std::uint32_t k, rdu_dtype dtype, Scalar value) {
  const Cursor& cursor = write_cursor(k);
  const Location location = cursor.locate();
  if (location.filled) return;
  const rdu_dtype stored = cursor.plan().dtype;
  store(stored, cursor.data(), location.element, cast(dtype, stored, value));
}

Status NodeRun::finish() const {
  if (failure_.access == nullptr) return {};
  const AccessPlan& access = *failure_.access;
  return fail(RDU_ERR_OUT_OF_RANGE,
              concat(access.what, ' ', access.number, " of '",
                     frame_.graph.value(access.value).name, "', dimension ", failure_.dimension,
                     ": index ", failure_.index, " is outside extent ", failure_.extent));
}

}  // namespace rdu::reference
