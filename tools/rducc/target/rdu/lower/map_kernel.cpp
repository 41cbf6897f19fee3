// Map: a program at each point, the innermost loop over the lanes.
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/loop_order.hpp"
#include "tools/rducc/target/rdu/lower/program_context.hpp"

namespace rducc::rdu::lower {

void emit_map(Emitter& emitter, const artifact::Node& node, Nest nest) {
  simplify_in_pace(emitter, nest);
  if (nest.parallel.empty()) nest.parallel.push_back(nest.add_loop(1, false));
  ProgramContext body(emitter, "map", nest, nest.parallel, Across::kLanes);
  const std::vector<Value> results = body.run_to_store(node.body);
  for (std::size_t i = 0; i < nest.writes.size(); ++i) body.store(nest.writes[i], results[i]);
}

}  // namespace rducc::rdu::lower
