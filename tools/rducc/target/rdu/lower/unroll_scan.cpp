// Iterations of a scan as nodes: slices and stacks are accesses at a fixed position, what is carried goes from value to value.
#include <algorithm>
#include <map>

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/expand.hpp"
#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Access;
using artifact::Index;
using artifact::kNone;
using artifact::Node;
using artifact::Port;
using artifact::ValueId;

// Where a value of the sub-graph is in an iteration: a value, or a part of one at a position of an axis.
struct Place {
  ValueId value = kNone;
  std::int32_t axis = -1;
  std::int64_t position = 0;
};

Access at_place(const Place& place, Access access) {
  if (place.axis < 0) return access;
  Index fixed;
  fixed.offset = place.position;
  access.insert(access.begin() + place.axis, fixed);
  return access;
}

class Unroller {
 public:
  Unroller(artifact::Variant& variant, const Node& scan) : variant_(variant), scan_(scan) {}

  std::vector<Node> run() {
    check();
    for (std::int64_t t = 0; t < trips_; ++t) iterate(t);
    return std::move(nodes_);
  }

 private:
  const artifact::Graph& graph() const { return variant_.graphs[scan_.graphs[0]]; }

  void check() {
    if (scan_.condition != kNone || scan_.loops[0].extent_value != kNone) {
      decline(RDU_REASON_BOUNDED_EXTENT, "a scan whose length a run decides");
    }
    trips_ = scan_.loops[0].extent;
    for (const Port& port : scan_.ports) {
      if (port.kind == RDU_PORT_INDEX || port.kind == RDU_PORT_KEEP) {
        decline(RDU_REASON_PATTERN, "a scan that counts or stops itself");
      }
    }
    if (trips_ < 1) decline(RDU_REASON_PATTERN, "a scan of no iterations");
  }

  std::int64_t position(const Port& port, std::int64_t t) const {
    return port.reverse ? trips_ - 1 - t : t;
  }

  void iterate(std::int64_t t) {
    places_.clear();
    for (const Port& port : scan_.ports) {
      if (port.kind == RDU_PORT_CAPTURE) places_[port.inner_in] = {port.outer};
      if (port.kind == RDU_PORT_SLICE) {
        places_[port.inner_in] = {port.outer, port.axis, position(port, t)};
      }
      if (port.kind == RDU_PORT_CARRIED) {
        places_[port.inner_in] = {t == 0 ? port.outer : carried_.at(port.inner_in)};
      }
    }
    std::map<ValueId, ValueId> next;
    const std::size_t first = nodes_.size();
    const std::vector<Node> inner = graph().nodes;  // values are appended meanwhile
    for (const Node& node : inner) add(node, t);
    for (const Port& port : scan_.ports) {
      if (port.kind == RDU_PORT_STACK) {
        write_too(port.inner_out, {port.result, port.axis, position(port, t)}, first);
      }
      if (port.kind == RDU_PORT_CARRIED) {
        next[port.inner_in] = place_of(port.inner_out).value;
        if (t + 1 == trips_ && port.result != kNone)
          write_too(port.inner_out, {port.result}, first);
      }
    }
    carried_ = std::move(next);
  }

  // Values that share an input's storage have the input's place only where that is a whole value.
  Place place_of(ValueId value) {
    const auto known = places_.find(value);
    if (known != places_.end()) return known->second;
    const artifact::Value& old = variant_.values[value];
    if (old.role == RDU_ROLE_PARAMETER || old.role == RDU_ROLE_CONSTANT) return {value};
    artifact::Value copy = old;
    copy.role = RDU_ROLE_INTERMEDIATE;
    if (copy.storage != kNone && copy.storage != value) {
      const Place owner = place_of(copy.storage);
      if (owner.axis >= 0) decline(RDU_REASON_ACCESS, "another shape of a scan's slice");
      copy.storage = storage_of(variant_, owner.value);
    } else {
      copy.storage = kNone;
    }
    const auto id = static_cast<ValueId>(variant_.values.size());
    variant_.values.push_back(std::move(copy));
    return places_[value] = {id};
  }

  void relocate(Access& access) {
    for (Index& index : access) {
      if (index.source == kNone) continue;
      relocate(index.source_access);
      const Place place = place_of(index.source);
      index.source = place.value;
      index.source_access = at_place(place, std::move(index.source_access));
    }
  }

  void add(const Node& node, std::int64_t t) {
    Node copy = node;
    copy.name = scan_.name + "/" + std::to_string(t) + "/" + node.name;
    for (artifact::Read& read : copy.reads) {
      relocate(read.access);
      const Place place = place_of(read.value);
      read.value = place.value;
      read.access = at_place(place, std::move(read.access));
    }
    for (artifact::Write& write : copy.writes) write.value = place_of(write.value).value;
    if (!copy.ports.empty()) decline(RDU_REASON_PATTERN, "a scan within a scan");
    nodes_.push_back(std::move(copy));
  }

  // Who writes the inner value writes it there as well.
  void write_too(ValueId inner, const Place& there, std::size_t first) {
    const ValueId value = place_of(inner).value;
    bool written = false;
    for (std::size_t n = first; n < nodes_.size(); ++n) {
      Node& node = nodes_[n];
      artifact::Program& program = node.combine == RDU_COMBINE_NONE ? node.body : node.epilogue;
      const std::size_t num_writes = node.writes.size();
      for (std::size_t w = 0; w < num_writes; ++w) {
        if (node.writes[w].value != value) continue;
        node.writes.push_back({there.value, at_place(there, node.writes[w].access)});
        program.results.push_back(program.results[w]);
        written = true;
      }
    }
    if (!written) decline(RDU_REASON_PATTERN, "a scan that yields what it did not compute");
  }

  artifact::Variant& variant_;
  const Node& scan_;
  std::int64_t trips_ = 0;
  std::vector<Node> nodes_;
  std::map<ValueId, Place> places_;     // of the sub-graph's values, in this iteration
  std::map<ValueId, ValueId> carried_;  // inner_in → what it is in the next one
};

}  // namespace

std::vector<Node> unroll_scan(artifact::Variant& variant, const Node& node) {
  return Unroller(variant, node).run();
}

}  // namespace rducc::rdu::lower
