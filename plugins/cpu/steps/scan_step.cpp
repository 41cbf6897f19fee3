// Scan: a sub-graph repeated, with carried values, slices in and stacks out. What a step was given and what it wrote for
// a carried value change places between iterations, so that nothing is copied: all values of a sub-graph have storage of
// their own while it repeats.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/access/strided_copy.hpp"
#include "plugins/cpu/recurrent/recurrent_step.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/subgraph.hpp"

namespace rdu::cpu {
namespace {

// Positions along one axis of a value, seen as [before, extent, after].
struct Slab {
  std::int64_t before = 1, after = 1;
  Extent extent;
  std::uint32_t log2_bytes = 0;
};

struct Port {
  std::uint32_t kind = 0;
  Place outer{}, inner_in{}, inner_out{}, result{};
  std::uint64_t bytes = 0;  // of a carried value
  Slab slab{};              // of a slice or a stack
  bool reverse = false;
  bool swaps = false;  // carried: unless another port carries the same inner_out on
};

class ScanStep : public Step {
 public:
  ScanStep(const BuildContext& context, const rdu_node& node)
      : kernels_(context.kernels), body_(context, node.graphs[0]) {
    if (node.condition != RDU_NONE)
      trips_.value = context.places.place_of(node.condition);
    else
      trips_ = nest_of(context, node).extents[0];
    counted_ = node.condition != RDU_NONE;
    for (const rdu_port& port : context.graph.ports(node)) add_port(context, port);
    for (Port& port : ports_) {
      const auto same = [&](const Port& other) {
        return other.kind == RDU_PORT_CARRIED && other.inner_out == port.inner_out;
      };
      port.swaps = std::count_if(ports_.begin(), ports_.end(), same) == 1;
    }
  }

  plugin::Status run(const Run& run) const override {
    std::int64_t trips = trips_.bound;
    if (!trips_.fixed()) trips = std::max<std::int64_t>(run.scalar<std::int64_t>(trips_.value), 0);
    if (!counted_) trips = std::min(trips, trips_.bound);
    if (plugin::Status status = check_room(run, trips); !status.ok()) return status;
    bool keep = begin(run);
    for (std::int64_t i = 0; i < trips && keep; ++i) {
      if (plugin::Status status = may_begin(run, name); !status.ok()) return status;
      enter(run, i);
      if (plugin::Status status = body_.run(run); !status.ok()) return status;
      if (run.fault->seen.load()) return {};
      keep = leave(run, i, trips);
      carry_on(run);
    }
    finish(run);
    return {};
  }

  std::uint64_t workspace_bytes() const override { return body_.workspace_bytes(); }
  std::uint64_t temporary_bytes() const override { return body_.temporary_bytes(); }
  std::uint64_t resident_bytes() const override { return body_.resident_bytes(); }
  void place_temporary(std::uint64_t offset) override { body_.place_temporary(offset); }
  bool parallel() const override { return body_.parallel(); }

 private:
  void add_port(const BuildContext& context, const rdu_port& source) {
    const auto place = [&](std::uint32_t v) {
      return v == RDU_NONE ? Place{} : context.places.place_of(v);
    };
    Port port{source.kind, place(source.outer), place(source.inner_in), place(source.inner_out),
              place(source.result)};
    port.reverse = source.reverse != 0;
    if (source.kind == RDU_PORT_CARRIED) {
      port.bytes = context.graph.value(source.inner_in).bytes;
    }
    if (source.kind == RDU_PORT_SLICE || source.kind == RDU_PORT_STACK) {
      const std::uint32_t whole = source.kind == RDU_PORT_SLICE ? source.outer : source.result;
      port.slab =
          slab_of(context, context.graph.value(whole), static_cast<std::uint32_t>(source.axis));
    }
    ports_.push_back(port);
  }

  static Slab slab_of(const BuildContext& context, const rdu_value& value, std::uint32_t axis) {
    Slab slab;
    for (std::uint32_t d = 0; d < axis; ++d) slab.before *= value.dims[d];
    for (std::uint32_t d = axis + 1; d < value.rank; ++d) slab.after *= value.dims[d];
    slab.extent.bound = value.dims[axis];
    if (value.dim_values[axis] != RDU_NONE) {
      slab.extent.value = context.places.place_of(value.dim_values[axis]);
    }
    slab.log2_bytes = static_cast<std::uint32_t>(std::countr_zero(memory_bytes(value.dtype)));
    return slab;
  }

  static std::int64_t current(const Run& run, const Extent& extent) {
    if (extent.fixed()) return extent.bound;
    return std::clamp<std::int64_t>(run.scalar<std::int64_t>(extent.value), 0, extent.bound);
  }

  plugin::Status check_room(const Run& run, std::int64_t trips) const {
    for (const Port& port : ports_) {
      if (port.kind != RDU_PORT_SLICE && port.kind != RDU_PORT_STACK) continue;
      const std::int64_t room =
          port.kind == RDU_PORT_SLICE ? current(run, port.slab.extent) : port.slab.extent.bound;
      if (trips > room) {
        return plugin::fail(RDU_ERR_OUT_OF_RANGE, "node '", name, "' runs ", trips,
                            " times over an axis of extent ", room);
      }
    }
    return {};
  }

  // Is there a first iteration?
  bool begin(const Run& run) const {
    bool keep = true;
    for (const Port& port : ports_) {
      if (port.kind == RDU_PORT_CAPTURE) run.addresses[port.inner_in.slot] = run.at(port.outer);
      if (port.kind == RDU_PORT_KEEP && !port.outer.none())
        keep = run.scalar<std::uint8_t>(port.outer) != 0;
      if (port.kind == RDU_PORT_CARRIED) {
        move(run.at(port.outer), run.at(port.inner_in), port.bytes);
      }
    }
    return keep;
  }

  void enter(const Run& run, std::int64_t i) const {
    for (const Port& port : ports_) {
      if (port.kind == RDU_PORT_INDEX) std::memcpy(run.at(port.inner_in), &i, sizeof(i));
      if (port.kind == RDU_PORT_KEEP && !port.inner_in.none())
        *run.at(port.inner_in) = std::byte{1};
      if (port.kind != RDU_PORT_SLICE) continue;
      const std::int64_t at = port.reverse ? current(run, port.slab.extent) - 1 - i : i;
      copy_slab(port.slab, run.at(port.inner_in), port.slab.after,
                run.at(port.outer) + (at * port.slab.after << port.slab.log2_bytes),
                port.slab.extent.bound * port.slab.after);
    }
  }

  // Is there another iteration?
  bool leave(const Run& run, std::int64_t i, std::int64_t trips) const {
    bool keep = true;
    for (const Port& port : ports_) {
      if (port.kind == RDU_PORT_KEEP) keep = run.scalar<std::uint8_t>(port.inner_out) != 0;
      if (port.kind != RDU_PORT_STACK) continue;
      const std::int64_t length = port.slab.extent.fixed() ? port.slab.extent.bound : trips;
      const std::int64_t at = port.reverse ? length - 1 - i : i;
      copy_slab(port.slab, run.at(port.result) + (at * port.slab.after << port.slab.log2_bytes),
                port.slab.extent.bound * port.slab.after, run.at(port.inner_out), port.slab.after);
    }
    return keep;
  }

  void carry_on(const Run& run) const {
    for (const Port& port : ports_) {
      if (port.kind != RDU_PORT_CARRIED) continue;
      if (port.swaps) {
        std::swap(run.addresses[port.inner_in.slot], run.addresses[port.inner_out.slot]);
      } else {
        move(run.at(port.inner_out), run.at(port.inner_in), port.bytes);
      }
    }
  }

  void finish(const Run& run) const {
    for (const Port& port : ports_) {
      if (port.kind == RDU_PORT_CARRIED && !port.result.none()) {
        move(run.at(port.inner_in), run.at(port.result), port.bytes);
      }
    }
  }

  static void move(const std::byte* from, std::byte* to, std::uint64_t bytes) {
    if (from != to && bytes != 0) std::memmove(to, from, bytes);
  }

  void copy_slab(const Slab& slab, std::byte* dst, std::int64_t dst_stride, const std::byte* src,
                 std::int64_t src_stride) const {
    StridedCopy copy;
    copy.num_loops = 2;
    copy.count[0] = slab.before;
    copy.count[1] = slab.after;
    copy.dst_stride[0] = dst_stride;
    copy.src_stride[0] = src_stride;
    copy.dst_stride[1] = copy.src_stride[1] = 1;
    strided_copy(kernels_, slab.log2_bytes, copy, dst, src);
  }

  const Kernels& kernels_;
  Subgraph body_;
  Extent trips_;
  bool counted_ = false;
  std::vector<Port> ports_;
};

}  // namespace

std::unique_ptr<Step> make_scan_step(const BuildContext& context, const rdu_node& node) {
  if (auto step = make_recurrent_step(context, node)) return step;
  return std::make_unique<ScanStep>(context, node);
}

}  // namespace rdu::cpu
