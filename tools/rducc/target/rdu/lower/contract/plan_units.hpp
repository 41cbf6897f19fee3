// What a contraction's plan takes of the chip: buffers of results, compute and memory units, transfers.
#pragma once

#include "tools/rducc/target/rdu/lower/contract/planned_nest.hpp"

namespace rducc::rdu::lower {

// Lets as many units write into one buffer of results as its scratchpad has counters, doors and bytes for. False where not even one fits.
bool share_results(const ContractTask& task, ContractPlan& plan);

// Whether the plan's units are within the budget; the smallest grid always is.
bool has_units(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned);

}  // namespace rducc::rdu::lower
