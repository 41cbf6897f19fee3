// How much of a model multiplies in bf16.
#pragma once

#include <rdu/graph.h>

#include <span>
#include <string>

namespace rdu::tool {

// A line, or nothing where no contraction does. `operations`: of each node.
std::string narrow_products_text(const rdu_graph& graph, std::span<const double> operations);

}  // namespace rdu::tool
