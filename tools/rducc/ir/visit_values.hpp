// Every mention of a value in a variant's nodes, graphs, signatures, variables and encodings.
#pragma once

#include <functional>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// Absent ones are skipped. What values say about each other (storage, dim_values) is not visited.
void visit_values(rdu::artifact::Variant& variant,
                  const std::function<void(rdu::artifact::ValueId&)>& visit);

// The values that tensors of the source model are: they keep none alive.
void visit_origin_tensors(rdu::artifact::Variant& variant,
                          const std::function<void(rdu::artifact::ValueId&)>& visit);

}  // namespace rducc::ir
