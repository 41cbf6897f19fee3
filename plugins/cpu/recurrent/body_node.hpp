// A node of a scan's body, seen as work on rows of a state: its loops are the rows, the units of a row, and for products
// the state that they sum over.
#pragma once

#include <optional>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// An element of a row of a value: number `first` + unit.
struct RowElement {
  std::uint32_t value = RDU_NONE;  // its storage
  std::int64_t first = 0;
  const float* data = nullptr;  // of a constant that all rows share
};

class BodyNode {
 public:
  BodyNode(const BuildContext& context, const rdu_node& node);

  // Are the loops and the one result as said, all of it floats?
  bool valid() const { return valid_; }
  std::int64_t rows() const { return scope_.extents[0]; }
  std::int64_t units() const { return scope_.extents[1]; }
  std::int64_t summed() const { return scope_.extents[2]; }
  const plugin::Graph& graph() const { return context_.graph; }
  const rdu_node& node() const { return node_; }
  std::uint32_t written() const { return written_; }

  // What a read has for a unit, of its own row or the same for all.
  std::optional<RowElement> element(std::uint32_t read) const;
  // Of a product: all of the state's row, and w[unit * unit_step + k * hidden_step] of a constant.
  struct Product {
    std::uint32_t state = RDU_NONE;
    const float* weights = nullptr;
    std::int64_t unit_step = 0, hidden_step = 0;
  };
  std::optional<Product> product() const;

 private:
  bool dense_rows(const Access& access, std::int64_t columns) const;

  const BuildContext& context_;
  const rdu_node& node_;
  const NodeScope scope_;
  std::uint32_t written_ = RDU_NONE;
  bool valid_ = false;
};

// A register of a node's program or epilogue, taken apart from the result backwards.
class Term {
 public:
  Term(const BodyNode& node, const rdu_program_code& program)
      : Term(node, node.graph().instrs(program), node.graph().results(program)[0]) {}

  bool is(std::uint32_t op) const { return in().op == op && in().dtype == RDU_DTYPE_F32; }
  bool is_one() const { return is(RDU_OP_CONST) && in().imm.f == 1.0; }
  Term a() const { return {node_, code_, in().a}; }
  Term b() const { return {node_, code_, in().b}; }
  bool operator==(const Term& other) const { return reg_ == other.reg_; }
  // x of 1 / (1 + exp(-x)).
  std::optional<Term> sigmoid() const;
  std::optional<RowElement> element() const;

  // a op b in either order, where `accepts` takes both.
  template <class F>
  bool either(std::uint32_t op, const F& accepts) const {
    return is(op) && (accepts(a(), b()) || accepts(b(), a()));
  }

 private:
  Term(const BodyNode& node, plugin::View<rdu_instr> code, std::uint32_t reg)
      : node_(node), code_(code), reg_(reg) {}
  const rdu_instr& in() const { return code_[reg_]; }

  const BodyNode& node_;
  plugin::View<rdu_instr> code_;
  std::uint32_t reg_;
};

}  // namespace rdu::cpu
