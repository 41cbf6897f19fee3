// The grid of units that makes a contraction, as its plan has it.
#pragma once

#include "tools/rducc/target/rdu/lower/contract/plan.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

void emit_units(Emitter& emitter, const artifact::Node& node, const ContractShape& shape,
                const ContractPlan& plan);

}  // namespace rducc::rdu::lower
