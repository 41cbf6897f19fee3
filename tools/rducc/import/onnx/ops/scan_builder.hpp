// Builds a scan: a sub-graph that is repeated, and how values come into it and leave it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// While it lives, and until finish(), the builder's nodes go to the scan's graph.
class ScanBuilder {
 public:
  ScanBuilder(ir::Builder& builder, std::int64_t trips);
  ~ScanBuilder() { builder_.set_graph(outer_graph_); }
  ScanBuilder(const ScanBuilder&) = delete;
  ScanBuilder& operator=(const ScanBuilder&) = delete;

  // Each returns what the value is inside.
  ir::ValueId capture(ir::ValueId outer);  // a constant is what it is
  ir::ValueId slice(ir::ValueId outer, std::int32_t axis, bool reverse);
  ir::ValueId carry(ir::ValueId initial);
  ir::ValueId index();

  // The next content of the carried value that is `inside`; every one needs it.
  void set_next(ir::ValueId inside, ir::ValueId next);
  void stack(ir::ValueId value, std::int32_t axis, bool reverse);

  struct Results {
    std::vector<ir::ValueId> carried;  // in the order of carry()
    std::vector<ir::ValueId> stacked;  // in the order of stack()
  };
  Results finish();

 private:
  ir::ValueId bring_in(ir::ValueId outer, ir::Dims dims, rdu::artifact::Port port);
  ir::ValueId output(ir::ValueId value);  // as one of the graph's outputs, each listed once

  ir::Builder& builder_;
  std::uint32_t outer_graph_;
  std::uint32_t graph_;
  std::int64_t trips_;
  std::vector<rdu::artifact::Port> ports_;
};

}  // namespace rducc::import_onnx
