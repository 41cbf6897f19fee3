// Builds the pattern graph of one variant, node by node. The IR is the artifact's own model
// (rdu::artifact::Variant): what a pass prints is what the file holds. Where all operands of a
// small node are constants the builder computes it at once, so that shape arithmetic never reaches
// the graph.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/body.hpp"
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

class Builder {
 public:
  explicit Builder(Variant& variant) : variant_(variant) {}

  // Nodes emitted from here on carry this origin and base name, go to this graph.
  void set_origin(std::string origin, std::string base_name);
  void set_graph(std::uint32_t graph) { graph_ = graph; }
  std::uint32_t graph() const { return graph_; }
  std::uint32_t new_graph();

  const rdu::artifact::Value& value(ValueId id) const { return variant_.values[id]; }
  const Dims& dims(ValueId id) const { return variant_.values[id].dims; }
  rdu_dtype dtype(ValueId id) const { return variant_.values[id].dtype; }
  // The content where it is known at compile time (looks through aliases).
  std::optional<Tensor> constant(ValueId id) const;

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
  // map over the broadcast of the operands.
  ValueId elementwise(rdu_dtype dtype, std::initializer_list<ValueId> operands, const BodyFn& body);
  ValueId elementwise(rdu_dtype dtype, std::span<const ValueId> operands, const BodyFn& body);
  ValueId reduce(ReduceSpec spec);
  ValueId contract(ReduceSpec spec);

  // --- layout: views where they can be, maps (which fold_views may fold away) where not ---
  ValueId reshape(ValueId value, Dims dims);  // an alias, never computed
  ValueId transpose(ValueId value, std::span<const std::int64_t> perm);
  ValueId expand(ValueId value, const Dims& dims);
  ValueId slice(ValueId value, std::span<const std::int64_t> starts,
                std::span<const std::int64_t> steps, Dims out_dims);
  ValueId pad(ValueId value, std::span<const std::int64_t> before,
              std::span<const std::int64_t> after, std::uint32_t outside_rule,
              double fill);  // `fill` counts for RDU_OUTSIDE_FILL
  ValueId concat(std::span<const ValueId> values,
                 std::int64_t axis);  // a join: one map per operand
  ValueId cast(ValueId value, rdu_dtype dtype);
  ValueId copy(ValueId value);      // a value of its own with the same content
  ValueId own_copy(ValueId value);  // the same, and never folded: a node writes it at run time
  // The value, or a copy, such that it can be an output of the current graph beside `outputs`:
  // written by a node of the graph, with storage of its own.
  ValueId own(ValueId value, std::span<const ValueId> outputs = {});
  // Reduction over axes (non-negative, sorted); kept as extent 1 or dropped.
  ValueId reduce_axes(ValueId value, std::span<const std::int64_t> axes, bool keep_dims,
                      rdu_combine_op combine, rdu_dtype acc_dtype, rdu_dtype dtype,
                      const std::function<Reg(Body&, Reg)>& body = {},
                      const std::function<Reg(Body&, Reg)>& epilogue = {});

  Variant& variant() { return variant_; }

 private:
  enum class Folding { kWhereKnown, kNever };
  Node& add_node(Node node, Folding folding);
  ValueId reduction(rdu_pattern pattern, ReduceSpec spec);
  rdu::artifact::Program write_body(std::span<const Read> reads, const BodyFn& body,
                                    rdu_dtype dtype) const;  // NONE: results stay as they are
  rdu::artifact::Program write_epilogue(const ReduceSpec& spec, rdu_dtype acc_dtype) const;
  std::vector<ValueId> reshaped_bounds(ValueId from, const Dims& dims) const;
  bool written_here(ValueId value) const;
  Node copy_into(ValueId part, ValueId whole, std::size_t axis, std::int64_t offset) const;

  Variant& variant_;
  std::uint32_t graph_ = 0;
  std::string origin_;
  std::string base_name_;
  std::uint32_t num_named_ = 0;
  Node folded_;
};

}  // namespace rducc::ir
