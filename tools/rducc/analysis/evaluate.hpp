// The compile-time evaluator: nodes whose operands are known, computed exactly as the graph says.
// It folds constants, and tests compare graphs before and after a pass with it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::analysis {

// The bytes of every value known so far. Values that share storage share their bytes.
class Memory {
 public:
  explicit Memory(const rdu::artifact::Variant& variant) : variant_(variant) {}

  const rdu::artifact::Variant& variant() const { return variant_; }
  bool known(rdu::artifact::ValueId id) const;
  std::span<const std::byte> bytes(rdu::artifact::ValueId id) const;  // throws where not known
  std::span<std::byte> writable(rdu::artifact::ValueId id);           // zeros at first
  void set(rdu::artifact::ValueId id, const ir::Tensor& tensor);
  // With the actual extents where dimensions are bounded.
  ir::Tensor tensor(rdu::artifact::ValueId id) const;
  ir::Dims extents(rdu::artifact::ValueId id) const;
  std::int64_t scalar(rdu::artifact::ValueId id) const;
  void forget(rdu::artifact::ValueId id) { buffers_.erase(owner(id)); }

 private:
  rdu::artifact::ValueId owner(rdu::artifact::ValueId id) const;
  const rdu::artifact::Variant& variant_;
  std::map<rdu::artifact::ValueId, std::vector<std::byte>> buffers_;
};

// Throws CompileError where the graph says that the run fails (an index outside).
void evaluate_node(const rdu::artifact::Node& node, Memory& memory);
void evaluate_graph(std::uint32_t graph, Memory& memory);

// Points of the domain times instructions and indices at each: what evaluating costs.
double evaluation_cost(const rdu::artifact::Node& node);
// Everything the node reads is a constant, and nothing in it is random.
bool is_foldable(const rdu::artifact::Variant& variant, const rdu::artifact::Node& node);

}  // namespace rducc::analysis
