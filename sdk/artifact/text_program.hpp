// Vector programs as expressions.
#pragma once

#include <rdu/graph.h>

#include <string>

namespace rdu::artifact {

// "i0" for a parallel loop, "r0" for a reduction loop.
std::string loop_name(const rdu_node& node, std::uint32_t loop);

// A constant of the dtype, exact: floats with as many digits as it takes.
std::string number_text(rdu_dtype dtype, double f, std::int64_t i);

// `t2 = in0 - in1; exp(t2), t2 * t2`: what is used more than once has a name; in0 is read 0.
std::string program_text(const rdu_graph& graph, const rdu_node& node,
                         const rdu_program_code& code);

}  // namespace rdu::artifact
