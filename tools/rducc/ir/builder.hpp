// Builds the pattern graph of one variant, node by node. The IR is the artifact's own model
// (rdu::artifact::Variant): what a pass prints is what the file holds. Where all operands of a
// small node are constants the builder computes it at once, so that shape arithmetic never reaches
// the graph.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/analysis/symbols.hpp"
#include "tools/rducc/ir/body.hpp"
#include "tools/rducc/ir/extent.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::ir {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::kNone;
using rdu::artifact::Loop;
using rdu::artifact::Node;
using rdu::artifact::Read;
using rdu::artifact::Scalar;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;
using rdu::artifact::Write;

// --- accesses
// ---------------------------------------------------------------------------------------------------

Index at(std::int64_t offset);  // a fixed position
Index along(std::uint32_t loop, std::int64_t coef = 1,
            std::int64_t offset = 0);            // coef * loop + offset
Index outside(Index index, std::uint32_t rule);  // the same with another outside rule
Access identity_access(std::size_t rank, std::uint32_t first_loop = 0);
// numpy's broadcasting of a tensor of `dims` to the loops of `out_dims` (aligned right; extent 1
// reads position 0).
Access broadcast_access(std::span<const std::int64_t> dims, std::span<const std::int64_t> out_dims);
Dims broadcast_dims(std::span<const std::int64_t> a,
                    std::span<const std::int64_t> b);  // throws CompileError

// What a body or an epilogue is written by: one register per read in, results out.
using BodyFn = std::function<void(Body&, std::span<const Reg> reads)>;
// An epilogue sees the combined value first.
using EpilogueFn = std::function<void(Body&, Reg acc, std::span<const Reg> reads)>;

// A reduction or a contraction in one struct, so that call sites name what they set.
struct ReduceSpec {
  std::vector<Loop> loops;
  std::uint32_t num_parallel = 0;
  std::vector<Read> reads;  // seen by the body
  BodyFn body;              // reduce: one result; contract: two, p and q
  rdu_combine_op combine = RDU_COMBINE_ADD;
  rdu_dtype acc_dtype = RDU_DTYPE_F32;
  std::vector<Read> epilogue_reads;  // over parallel loops only
  EpilogueFn epilogue;               // unset: the combined value, cast to the result's dtype
  rdu_dtype dtype = RDU_DTYPE_F32;   // of the result
  Dims dims;     // of the result; identity write over the parallel loops when ranks agree
  Access write;  // set where the write is not the identity
};

// A cache that runs append to: what is in use of `past` along `axis` is `length` long. The first
// concat of it with new positions writes them in place and yields `present`.
struct GrowingInput {
  ValueId past = kNone;
  std::size_t axis = 0;
  ValueId length = kNone;   // an I64 scalar
  ValueId present = kNone;  // where something appends
  ValueId total = kNone;    // its length
  std::int64_t grows_by = 0;
};

class Builder {
 public:
  explicit Builder(Variant& variant) : variant_(variant), symbols_(variant) {}

  // What nodes emitted from here on are called, and whose work they do.
  struct Naming {
    std::uint32_t origin = kNone;  // of the variant's origins
    std::string base_name;
    std::uint32_t num_named = 0;
  };
  void set_origin(std::uint32_t origin, std::string base_name) {
    naming_ = {origin, std::move(base_name), 0};
  }
  const Naming& naming() const { return naming_; }
  void set_naming(Naming naming) { naming_ = std::move(naming); }
  // The graph that they go to.
  void set_graph(std::uint32_t graph) { graph_ = graph; }
  std::uint32_t graph() const { return graph_; }
  std::uint32_t new_graph();

  const rdu::artifact::Value& value(ValueId id) const { return variant_.values[id]; }
  const Dims& dims(ValueId id) const { return variant_.values[id].dims; }
  rdu_dtype dtype(ValueId id) const { return variant_.values[id].dtype; }
  // The content where it is known at compile time (looks through aliases).
  std::optional<Tensor> constant(ValueId id) const;

  // --- extents and integers that a run decides ---
  // One scalar stands for all extents that are known to be equal.
  Shape shape(ValueId id);
  // The elements of a small integer value as sums of run-time scalars; see analysis::Symbols.
  std::optional<std::vector<Affine>> integers(ValueId id) { return symbols_.elements(id); }
  Affine affine(const Extent& extent);
  Interval range(const Affine& sum) const { return symbols_.range(sum); }
  void limit(ValueId scalar, Interval interval) { symbols_.limit(scalar, interval); }
  // A constant, or a scalar of the current graph that is computed once. Throws where the sum is a
  // negative constant or nothing bounds it.
  Extent extent(const Affine& size);
  ValueId integer(const Affine& sum);                      // an I64 scalar
  ValueId element_count(std::span<const Extent> extents);  // their product, an I64 scalar
  void add_growing(GrowingInput input) { growing_.push_back(input); }
  const std::vector<GrowingInput>& growing() const { return growing_; }
  // For an import that is taken back: the nodes that wrote values from `first` on are gone.
  void forget_values(ValueId first);

  ValueId add_input(std::string name, rdu_dtype dtype, Dims dims);
  ValueId add_constant(Tensor tensor, std::string name = {},
                       std::uint32_t role = RDU_ROLE_CONSTANT);
  ValueId scalar(rdu_dtype dtype, double value);
  ValueId add_value(rdu_dtype dtype, Dims dims, std::vector<ValueId> dim_values = {},
                    std::string name = {});
  // Names the node; for patterns without a helper below. Where all it reads is known the values it
  // writes become constants at once (a filter's rows get their actual extent) and the node is not
  // part of the graph: the reference is good until the next call.
  Node& add_node(Node node) { return add_node(std::move(node), Folding::kWhereKnown); }

  Read read(ValueId value, Access access) const;
  Read read_fill(ValueId value, Access access, double fill) const;  // what FILL dimensions yield

  // map over out_dims; `reads` have accesses over its loops.
  ValueId map(rdu_dtype dtype, Dims out_dims, std::vector<Read> reads, const BodyFn& body);
  // The same where an extent is known at run time only (Loop::extent_value).
  ValueId map(rdu_dtype dtype, std::vector<Loop> loops, std::vector<Read> reads,
              const BodyFn& body);
  ValueId map(rdu_dtype dtype, std::span<const Extent> shape, std::vector<Read> reads,
              const BodyFn& body);
  // map over the broadcast of the operands.
  ValueId elementwise(rdu_dtype dtype, std::initializer_list<ValueId> operands, const BodyFn& body);
  ValueId elementwise(rdu_dtype dtype, std::span<const ValueId> operands, const BodyFn& body);
  ValueId reduce(ReduceSpec spec);
  ValueId contract(ReduceSpec spec);

  // --- layout: views where they can be, maps (which fold_views may fold away) where not ---
  ValueId reshape(ValueId value, Dims dims);  // an alias, never computed
  // The same where extents are known at run time only: those stay whole, and the result is a view.
  ValueId reshape_to(ValueId value, const Shape& shape);
  ValueId transpose(ValueId value, std::span<const std::int64_t> perm);
  ValueId expand(ValueId value, const Dims& dims);
  ValueId expand_to(ValueId value, const Shape& shape);
  ValueId slice(ValueId value, std::span<const std::int64_t> starts,
                std::span<const std::int64_t> steps, Dims out_dims);
  // `extent` positions along an axis from `start` on, every `step`th; a run fails where one is outside.
  ValueId slice_axis(ValueId value, std::size_t axis, const Affine& start, std::int64_t step,
                     const Extent& extent);
  ValueId pad(ValueId value, std::span<const std::int64_t> before,
              std::span<const std::int64_t> after, std::uint32_t outside_rule,
              double fill);  // `fill` counts for RDU_OUTSIDE_FILL
  // A join: one map per operand. One map that picks where the axis has run-time extents; a scatter
  // into the first operand where that is growing.
  ValueId concat(std::span<const ValueId> values, std::int64_t axis);
  ValueId cast(ValueId value, rdu_dtype dtype);
  ValueId copy(ValueId value);      // a value of its own with the same content
  ValueId own_copy(ValueId value);  // the same, and never folded: a node writes it at run time
  // The same in a value of these bounds; `extents` are its dim_values.
  ValueId own_copy(ValueId value, const Dims& bounds, std::vector<ValueId> extents);
  // The value, or a copy, such that it can be an output of the current graph beside `outputs`:
  // written by a node of the graph, with storage of its own.
  ValueId own(ValueId value, std::span<const ValueId> outputs = {});
  // Reduction over axes (non-negative, sorted); kept as extent 1 or dropped.
  ValueId reduce_axes(ValueId value, std::span<const std::int64_t> axes, bool keep_dims,
                      rdu_combine_op combine, rdu_dtype acc_dtype, rdu_dtype dtype,
                      const std::function<Reg(Body&, Reg)>& body = {},
                      const std::function<Reg(Body&, Reg)>& epilogue = {});

  Variant& variant() { return variant_; }
  const Variant& variant() const { return variant_; }

 private:
  enum class Folding { kWhereKnown, kNever };
  Node& add_node(Node node, Folding folding);
  ValueId reduction(rdu_pattern pattern, ReduceSpec spec);
  rdu::artifact::Program write_body(std::span<const Read> reads, const BodyFn& body,
                                    rdu_dtype dtype) const;  // NONE: results stay as they are
  rdu::artifact::Program write_epilogue(const ReduceSpec& spec, rdu_dtype acc_dtype) const;
  static Shape reshaped(const Shape& from, const Dims& dims);
  bool written_here(ValueId value) const;
  // Where a part lies along one axis of a whole.
  struct Box {
    std::size_t axis = 0;
    std::int64_t offset = 0;
  };
  Node copy_into(ValueId part, ValueId whole, std::optional<Box> box);
  ValueId join(std::span<const ValueId> values, std::size_t axis, const Shape& shape);
  ValueId pick(std::span<const ValueId> values, std::size_t axis, const Shape& shape);
  GrowingInput* growing_at(ValueId value, std::size_t axis);
  ValueId append(GrowingInput& cache, ValueId rows);
  Index from_position(const Affine& start);

  Variant& variant_;
  analysis::Symbols symbols_;
  std::map<std::pair<std::uint32_t, Affine>, ValueId> integers_;  // by graph
  std::vector<GrowingInput> growing_;
  std::uint32_t graph_ = 0;
  Naming naming_;
  Node folded_;
};

}  // namespace rducc::ir
