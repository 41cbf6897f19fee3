// Builds a scan: a sub-graph that is repeated, and how values come into it and leave it.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// While it lives, and until finish(), the builder's nodes go to the scan's graph. Extents that are
// known at run time only come in, and leave, with the values that have them.
class ScanBuilder {
 public:
  // `count`: how often it runs where that is known at run time only, an I64 scalar of at least 0;
  // `trips` is then its bound.
  ScanBuilder(ir::Builder& builder, std::int64_t trips, ir::ValueId count = ir::kNone);
  ~ScanBuilder() { builder_.set_graph(outer_graph_); }
  ScanBuilder(const ScanBuilder&) = delete;
  ScanBuilder& operator=(const ScanBuilder&) = delete;

  // Each returns what the value is inside.
  ir::ValueId capture(ir::ValueId outer);  // a constant is what it is
  ir::ValueId slice(ir::ValueId outer, std::int32_t axis, bool reverse);
  ir::ValueId carry(ir::ValueId initial);
  ir::ValueId index();
  // What the import of an ONNX graph took from outside.
  void add_captures(std::span<const GraphScope::Capture> captures);

  // The next content of the carried value that is `inside`; every one needs it. A dimension whose
  // extent is known at run time only needs such a dimension inside.
  void set_next(ir::ValueId inside, ir::ValueId next);
  void stack(ir::ValueId value, std::int32_t axis, bool reverse);
  // Goes on while `goes_on`, from `starts` on where it is given.
  void keep(ir::ValueId starts, ir::ValueId goes_on);

  struct Results {
    std::vector<ir::ValueId> carried;  // in the order of carry()
    std::vector<ir::ValueId> stacked;  // in the order of stack()
  };
  Results finish();

 private:
  ir::ValueId bring_in(rdu::artifact::Port port, rdu_dtype dtype, ir::Dims dims,
                       std::vector<ir::ValueId> extents);
  ir::ValueId bring_in(rdu::artifact::Port port);  // as it is outside
  ir::ValueId carry_value(ir::ValueId initial);
  ir::ValueId output(ir::ValueId value);  // as one of the graph's outputs, each listed once
  ir::ValueId count_iterations();
  rdu::artifact::Port& port_of(ir::ValueId inside);
  ir::ValueId after(ir::ValueId inside);  // what an extent inside is outside, when all is over
  void add_result(rdu::artifact::Port& port, ir::Node& node);

  ir::Builder& builder_;
  std::uint32_t outer_graph_;
  std::uint32_t graph_;
  std::int64_t trips_;
  ir::ValueId count_;
  ir::ValueId stack_count_ = ir::kNone;  // the carried value that is the number of iterations
  std::vector<rdu::artifact::Port> ports_;
  std::vector<ir::ValueId> carried_;  // inside
};

}  // namespace rducc::import_onnx
