// Who keeps the variables of a signature: the host, or the one device that alone uses them.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <span>

#include "sdk/src/runtime/placement.hpp"

namespace rdu::runtime {

// The last step, where it alone uses the variables and writes all of them; else RDU_NO_INDEX. Nothing that could still
// fail a run comes after it, and so the device may let the new content count when it has done its part.
std::uint32_t sole_user_of_variables(const rdu_graph& graph, std::span<const StepPlacement> steps);

// The device, by number, that keeps the variables in every variant of the signature; RDU_NO_INDEX: the host does.
std::uint32_t state_device(const SignatureSpec& signature,
                           std::span<const VariantPlacement* const> variants,
                           const Devices& devices);

}  // namespace rdu::runtime
