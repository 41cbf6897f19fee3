// Scan repeats a sub-graph, control picks one; both move whole values through ports.
#include <algorithm>

#include "tools/rducc/analysis/evaluate_ordered.hpp"
#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/ir/element.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Port;
using rdu::artifact::ValueId;

void copy_value(Memory& memory, ValueId from, ValueId to) {
  const auto source = memory.bytes(from);
  const std::vector<std::byte> bytes(source.begin(), source.end());
  const auto target = memory.writable(to);
  std::copy_n(bytes.begin(), std::min(bytes.size(), target.size()), target.begin());
}

// Where the elements of one position along an axis lie.
struct Slab {
  std::int64_t outer, extent, inner;
};

Slab slab(const ir::Dims& dims, std::int32_t axis) {
  Slab result{1, dims[axis], 1};
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(dims.size()); ++i) {
    if (i < axis) result.outer *= dims[i];
    if (i > axis) result.inner *= dims[i];
  }
  return result;
}

enum class Direction { kTake, kPut };

// Moves between position `at` of `whole` along the axis and the value `part`.
void move_slab(Memory& memory, ValueId whole, ValueId part, std::int32_t axis, std::int64_t at,
               Direction direction) {
  const auto& value = memory.variant().values[whole];
  const Slab shape = slab(value.dims, axis);
  const ValueId from = direction == Direction::kTake ? whole : part;
  const ValueId to = direction == Direction::kTake ? part : whole;
  const auto target = memory.writable(to);
  const auto source = memory.bytes(from);
  for (std::int64_t o = 0; o < shape.outer; ++o) {
    for (std::int64_t i = 0; i < shape.inner; ++i) {
      const std::int64_t in_whole = (o * shape.extent + at) * shape.inner + i;
      const std::int64_t in_part = o * shape.inner + i;
      const bool take = direction == Direction::kTake;
      ir::store_element(target, value.dtype, take ? in_part : in_whole,
                        ir::load_element(source, value.dtype, take ? in_whole : in_part));
    }
  }
}

std::int64_t trip_count(const Node& node, const Memory& memory) {
  if (node.condition != kNone) return memory.scalar(node.condition);
  const auto& loop = node.loops[0];
  return loop.extent_value == kNone ? loop.extent : memory.scalar(loop.extent_value);
}

void begin_iteration(const Node& node, Memory& memory, std::int64_t i, std::int64_t trips) {
  for (const Port& port : node.ports) {
    const std::int64_t at = port.reverse ? trips - 1 - i : i;
    if (port.kind == RDU_PORT_SLICE) {
      move_slab(memory, port.outer, port.inner_in, port.axis, at, Direction::kTake);
    } else if (port.kind == RDU_PORT_INDEX) {
      ir::store_element(memory.writable(port.inner_in), RDU_DTYPE_I64, 0, {0, i});
    }
  }
}

// False where a KEEP port says to stop. New carried values are read before any is replaced.
bool end_iteration(const Node& node, Memory& memory, std::int64_t i, std::int64_t trips) {
  bool go_on = true;
  std::vector<std::pair<ValueId, ir::Tensor>> carried;
  for (const Port& port : node.ports) {
    const std::int64_t at = port.reverse ? trips - 1 - i : i;
    if (port.kind == RDU_PORT_STACK) {
      move_slab(memory, port.result, port.inner_out, port.axis, at, Direction::kPut);
    } else if (port.kind == RDU_PORT_CARRIED) {
      carried.emplace_back(port.inner_in, memory.tensor(port.inner_out));
    } else if (port.kind == RDU_PORT_KEEP && port.inner_out != kNone) {
      go_on = memory.scalar(port.inner_out) != 0;
      if (port.inner_in != kNone)
        carried.emplace_back(port.inner_in, memory.tensor(port.inner_out));
    }
  }
  for (const auto& [id, tensor] : carried) memory.set(id, tensor);
  return go_on;
}

}  // namespace

void evaluate_scan(const Node& node, Memory& memory) {
  const std::int64_t trips = trip_count(node, memory);
  bool go_on = true;
  for (const Port& port : node.ports) {
    if (port.kind == RDU_PORT_CAPTURE || port.kind == RDU_PORT_CARRIED) {
      copy_value(memory, port.outer, port.inner_in);
    } else if (port.kind == RDU_PORT_STACK) {
      memory.writable(port.result);
    } else if (port.kind == RDU_PORT_KEEP && port.outer != kNone) {
      go_on = memory.scalar(port.outer) != 0;
      if (port.inner_in != kNone) copy_value(memory, port.outer, port.inner_in);
    }
  }
  for (std::int64_t i = 0; go_on && i < trips; ++i) {
    begin_iteration(node, memory, i, trips);
    evaluate_graph(node.graphs[0], memory);
    go_on = end_iteration(node, memory, i, trips);
  }
  for (const Port& port : node.ports) {
    if (port.kind == RDU_PORT_CARRIED && port.result != kNone) {
      copy_value(memory, port.inner_in, port.result);
    }
  }
}

void evaluate_control(const Node& node, Memory& memory) {
  const std::uint32_t slot = node.condition == kNone || memory.scalar(node.condition) != 0 ? 0 : 1;
  for (const Port& port : node.ports) {
    if (port.slot == slot && port.kind == RDU_PORT_CAPTURE) {
      copy_value(memory, port.outer, port.inner_in);
    }
  }
  evaluate_graph(node.graphs[slot], memory);
  for (const Port& port : node.ports) {
    if (port.slot == slot && port.kind == RDU_PORT_RESULT) {
      copy_value(memory, port.inner_out, port.result);
    }
  }
}

}  // namespace rducc::analysis
