// scan: a sub-graph repeated, with carried values, slices in and stacks out.
#include <algorithm>
#include <cstring>

#include "plugins/reference/patterns.hpp"

namespace rdu::reference {
namespace {

using plugin::Graph;
using plugin::Status;

// Position `at` of `axis` of a value, seen as [before, extent, after].
struct Slab {
  std::int64_t before = 1, extent = 1, after = 1;

  Slab(const rdu_value& value, std::int32_t axis) : extent(value.dims[axis]) {
    for (std::int32_t d = 0; d < axis; ++d) before *= value.dims[d];
    for (std::uint32_t d = static_cast<std::uint32_t>(axis) + 1; d < value.rank; ++d)
      after *= value.dims[d];
  }
};

class Scan {
 public:
  explicit Scan(NodeRun& run)
      : run_(run),
        frame_(run.frame()),
        graph_(frame_.graph),
        node_(*run.plan().node),
        ports_(run.plan().ports) {}

  Status operator()() {
    trips_ = node_.condition != RDU_NONE
                 ? std::max<std::int64_t>(frame_.integer(node_.condition), 0)
                 : run_.domain().extents[0];
    if (Status s = check_room(); !s.ok()) return s;
    begin();
    const rdu_subgraph& body = graph_.graphs()[node_.graphs[0]];
    for (std::int64_t i = 0; i < trips_ && keep_; ++i) {
      enter(i);
      if (Status s = run_nodes(frame_, body.first_node, body.first_node + body.num_nodes); !s.ok())
        return s;
      leave(i);
    }
    return {};
  }

 private:
  // The extent of `axis` at run time.
  std::int64_t extent(const rdu_value& value, std::int32_t axis) const {
    const std::uint32_t actual = value.dim_values[axis];
    return actual == RDU_NONE ? value.dims[axis]
                              : std::min(frame_.integer(actual), value.dims[axis]);
  }

  Status check_room() const {
    for (const rdu_port& port : ports_) {
      if (port.kind != RDU_PORT_SLICE && port.kind != RDU_PORT_STACK) continue;
      const rdu_value& value = graph_.value(port.kind == RDU_PORT_SLICE ? port.outer : port.result);
      const std::int64_t room =
          port.kind == RDU_PORT_SLICE ? extent(value, port.axis) : value.dims[port.axis];
      if (trips_ <= room) continue;
      return run_.fail(RDU_ERR_OUT_OF_RANGE,
                       plugin::concat("runs ", trips_, " times, dimension ", port.axis, " of '",
                                      value.name, "' has extent ", room));
    }
    return {};
  }

  // Carried values live, between iterations, where the last of them is wanted.
  void begin() {
    state_ = frame_.workspace.take<std::byte*>(ports_.size());
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      const rdu_port& port = ports_[p];
      if (port.kind == RDU_PORT_CAPTURE) frame_.data[port.inner_in] = frame_.at(port.outer);
      if (port.kind == RDU_PORT_KEEP && port.outer != RDU_NONE) keep_ = frame_.boolean(port.outer);
      if (port.kind != RDU_PORT_CARRIED) continue;
      const std::uint64_t bytes = graph_.value(port.inner_in).bytes;
      state_[p] = port.result != RDU_NONE ? frame_.at(port.result)
                                          : frame_.workspace.take<std::byte>(bytes);
      copy(frame_.at(port.outer), state_[p], bytes);
    }
  }

  void enter(std::int64_t i) {
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      const rdu_port& port = ports_[p];
      if (port.kind == RDU_PORT_CARRIED)
        copy(state_[p], frame_.at(port.inner_in), graph_.value(port.inner_in).bytes);
      if (port.kind == RDU_PORT_INDEX) put(frame_.at(port.inner_in), 0, i);
      if (port.kind == RDU_PORT_SLICE) slice(port, i);
      if (port.kind == RDU_PORT_KEEP && port.inner_in != RDU_NONE)
        put<std::uint8_t>(frame_.at(port.inner_in), 0, 1);
    }
  }

  void leave(std::int64_t i) {
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      const rdu_port& port = ports_[p];
      if (port.kind == RDU_PORT_CARRIED)
        copy(frame_.at(port.inner_out), state_[p], graph_.value(port.inner_in).bytes);
      if (port.kind == RDU_PORT_STACK) stack(port, i);
      if (port.kind == RDU_PORT_KEEP) keep_ = frame_.boolean(port.inner_out);
    }
  }

  void slice(const rdu_port& port, std::int64_t i) {
    const rdu_value& outer = graph_.value(port.outer);
    const Slab slab(outer, port.axis);
    const std::int64_t at = port.reverse != 0 ? extent(outer, port.axis) - 1 - i : i;
    for (std::int64_t b = 0; b < slab.before; ++b) {
      copy_elements(outer.dtype, frame_.at(port.outer), (b * slab.extent + at) * slab.after,
                    frame_.at(port.inner_in), b * slab.after, slab.after);
    }
  }

  void stack(const rdu_port& port, std::int64_t i) {
    const rdu_value& result = graph_.value(port.result);
    const Slab slab(result, port.axis);
    const std::int64_t length = result.dim_values[port.axis] == RDU_NONE ? slab.extent : trips_;
    const std::int64_t at = port.reverse != 0 ? length - 1 - i : i;
    for (std::int64_t b = 0; b < slab.before; ++b) {
      copy_elements(result.dtype, frame_.at(port.inner_out), b * slab.after, frame_.at(port.result),
                    (b * slab.extent + at) * slab.after, slab.after);
    }
  }

  static void copy(const std::byte* from, std::byte* to, std::uint64_t bytes) {
    if (from != to && bytes != 0) std::memmove(to, from, bytes);
  }

  NodeRun& run_;
  Frame& frame_;
  const Graph& graph_;
  const rdu_node& node_;
  const std::vector<rdu_port>& ports_;
  std::int64_t trips_ = 0;
  bool keep_ = true;
  std::byte** state_ = nullptr;  // by port
};

}  // namespace

Status run_scan(NodeRun& run) { return Scan(run)(); }

}  // namespace rdu::reference
