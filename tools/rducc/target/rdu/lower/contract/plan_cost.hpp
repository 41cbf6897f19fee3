// What a contraction's plan is expected to take.
#pragma once

#include "tools/rducc/target/rdu/lower/contract/planned_nest.hpp"

namespace rducc::rdu::lower {

struct ContractCost {
  double cycles = 0;
  double working = 0;    // cycles of a unit, at all its blocks
  double judgement = 0;  // cycles, and what others of the section pay for it: the least is the best
};

ContractCost cost_of(const ContractTask& task, const ContractPlan& plan,
                     const PlannedNest& planned);

}  // namespace rducc::rdu::lower
