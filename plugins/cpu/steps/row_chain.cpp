// Matches programs and accesses of nodes in a row against the forms of softmax and normalisation.
#include "plugins/cpu/steps/row_chain.hpp"

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

using Instrs = plugin::View<rdu_instr>;

// One node, seen as work on rows: its loops are those of the rows, and one along them.
class RowNode {
 public:
  RowNode(const BuildContext& context, const rdu_node& node)
      : graph_(context.graph), node_(node), scope_(scope_of(context, node)) {
    for (std::uint32_t l = 0; l < scope_.num_loops; ++l) {
      if (graph_.loops(node)[l].extent_value != RDU_NONE || scope_.extents[l] == 0) return;
      if (scope_.extents[l] != 1) along_ = l;
    }
    const bool reduces = node.pattern == RDU_PATTERN_REDUCE;
    if (along_ == kMaxLoops || reduces != (along_ >= node.num_parallel)) return;
    if (node.body.num_results != 1 || graph_.writes(node).size() != 1) return;
    if (!reduces && node.pattern != RDU_PATTERN_MAP) return;
    for (std::uint32_t l = 0; l < scope_.num_loops; ++l) {
      if (l == along_) continue;
      if (reduces && l >= node.num_parallel && scope_.extents[l] != 1) return;
      rows_ *= scope_.extents[l];
    }
    valid_ = true;
  }

  bool valid() const { return valid_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return scope_.extents[along_]; }
  const rdu_node& node() const { return node_; }
  Instrs code() const { return graph_.instrs(node_.body); }
  const rdu_instr& at(std::uint32_t reg) const { return code()[reg]; }
  // What is stored, before it is narrowed.
  std::uint32_t result() const {
    const std::uint32_t reg = graph_.results(node_.body)[0];
    const rdu_instr& in = at(reg);
    const bool narrows = node_.pattern == RDU_PATTERN_MAP && in.op == RDU_OP_CAST &&
                         graph_.value(written()).dtype == RDU_DTYPE_BF16 &&
                         at(in.a).dtype == RDU_DTYPE_F32;
    return narrows ? in.a : reg;
  }
  std::uint32_t written() const { return graph_.writes(node_)[0].value; }

  // The value that a register holds as it is read: of each element (widened where it is narrow), of each row, of each
  // column.
  std::uint32_t element(std::uint32_t reg) const { return load(reg, true, true); }
  std::uint32_t of_row(std::uint32_t reg) const { return load(reg, true, false); }
  std::uint32_t of_column(std::uint32_t reg) const { return load(reg, false, true); }

  bool writes_elements() const {
    return walks(lower_write(scope_, graph_.writes(node_)[0]), true, true);
  }
  bool writes_narrowed() const {
    return walks(lower_write(scope_, graph_.writes(node_)[0]), true, true, RDU_DTYPE_BF16);
  }
  bool writes_rows() const {
    return walks(lower_write(scope_, graph_.writes(node_)[0]), true, false);
  }

  // a op b in either order; `a` is what `is_a` accepts.
  template <class IsA>
  bool either(const rdu_instr& in, const IsA& is_a, std::uint32_t& other) const {
    other = in.b;
    if (is_a(in.a)) return true;
    other = in.a;
    return is_a(in.b);
  }

 private:
  std::uint32_t load(std::uint32_t reg, bool by_row, bool by_column) const {
    const rdu_instr* in = &at(reg);
    const bool widens = by_row && by_column && in->op == RDU_OP_CAST &&
                        in->dtype == RDU_DTYPE_F32 && at(in->a).dtype == RDU_DTYPE_BF16;
    if (widens) in = &at(in->a);
    if (in->op != RDU_OP_LOAD) return RDU_NONE;
    const rdu_read& read = graph_.reads(node_)[in->a];
    const std::uint32_t stored = graph_.storage(read.value);
    const rdu_dtype dtype = widens ? RDU_DTYPE_BF16 : RDU_DTYPE_F32;
    const bool found = graph_.value(stored).dtype == dtype &&
                       walks(lower_read(scope_, read), by_row, by_column, dtype);
    return found ? stored : RDU_NONE;
  }

  bool walks(const Access& access, bool by_row, bool by_column,
             rdu_dtype dtype = RDU_DTYPE_F32) const {
    if (!access.affine() || access.base != 0 || access.dtype != dtype) return false;
    std::int64_t expected = 1;
    if (access.stride[along_] != (by_column ? 1 : 0)) return false;
    if (by_column) expected = columns();
    for (std::uint32_t l = scope_.num_loops; l-- > 0;) {
      if (l == along_ || scope_.extents[l] == 1) continue;
      if (access.stride[l] != (by_row ? expected : 0)) return false;
      expected *= scope_.extents[l];
    }
    return true;
  }

  const plugin::Graph graph_;
  const rdu_node& node_;
  const NodeScope scope_;
  std::uint32_t along_ = kMaxLoops;
  std::int64_t rows_ = 1;
  bool valid_ = false;
};

class Matcher {
 public:
  Matcher(const BuildContext& context, const StoragePlan& storage, std::uint32_t first,
          std::uint32_t end, std::uint32_t plan_first)
      : context_(context),
        storage_(storage),
        first_(first),
        left_(end - first),
        plan_first_(plan_first) {}

  std::optional<RowChain> match() {
    if (context_.graph.nodes()[first_].pattern != RDU_PATTERN_REDUCE) return {};
    if (softmax() || norm()) return chain_;
    return {};
  }

 private:
  RowNode node(std::uint32_t i) const { return {context_, context_.graph.nodes()[first_ + i]}; }

  // Starts over with a chain of `count` nodes, all on rows of the same shape.
  bool start(RowChain::Kind kind, std::uint32_t count) {
    if (left_ < count) return false;
    chain_ = {};
    chain_.kind = kind;
    chain_.first_node = first_;
    chain_.end_node = first_ + count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const RowNode n = node(i);
      if (!n.valid()) return false;
      if (i == 0) {
        chain_.rows = n.rows();
        chain_.columns = n.columns();
      }
      if (n.rows() != chain_.rows || n.columns() != chain_.columns) return false;
    }
    return true;
  }

  static bool reduction(const RowNode& n, std::uint32_t combine) {
    return n.node().pattern == RDU_PATTERN_REDUCE && n.node().combine == combine &&
           n.node().acc_dtype == RDU_DTYPE_F32 && n.writes_rows();
  }

  std::uint32_t owner(std::uint32_t value) const { return context_.graph.storage(value); }

  // Does nobody but the chain look at it?
  bool inside(std::uint32_t value) const {
    const Slot& slot = storage_.slots()[storage_.place_of(value).slot];
    return slot.kind == Slot::Kind::kScratch && slot.first + plan_first_ >= chain_.first_node &&
           slot.last + plan_first_ < chain_.end_node;
  }

  bool plain(std::uint32_t value) const { return !context_.places.blocked(value); }

  bool softmax() {
    if (context_.graph.nodes()[first_].combine != RDU_COMBINE_MAX) return false;
    if (!start(RowChain::Kind::kSoftmax, 4)) return false;
    const RowNode top = node(0), power = node(1), sum = node(2), last = node(3);
    chain_.source = top.element(top.result());
    if (!reduction(top, RDU_COMBINE_MAX) || chain_.source == RDU_NONE) return false;
    const rdu_instr& exp = power.at(power.result());
    if (power.node().pattern != RDU_PATTERN_MAP || exp.op != RDU_OP_EXP) return false;
    const rdu_instr& less = power.at(exp.a);
    if (less.op != RDU_OP_SUB || power.element(less.a) != chain_.source ||
        power.of_row(less.b) != owner(top.written()) || !power.writes_elements()) {
      return false;
    }
    const std::uint32_t powers = owner(power.written());
    if (!reduction(sum, RDU_COMBINE_ADD) || sum.element(sum.result()) != powers) return false;
    if (last.node().pattern != RDU_PATTERN_MAP || !stores(last)) return false;
    if (!scaled(last, last.result(), owner(sum.written()),
                [&](std::uint32_t reg) { return last.element(reg) == powers; })) {
      return false;
    }
    return finish(&top, sum, last) && inside(power.written());
  }

  bool stores(const RowNode& last) {
    chain_.narrow_result = last.writes_narrowed();
    return chain_.narrow_result || last.writes_elements();
  }

  // Is the register value `what` times or by the second statistic?
  template <class What>
  bool scaled(const RowNode& n, std::uint32_t reg, std::uint32_t statistic, const What& what) {
    const rdu_instr& in = n.at(reg);
    std::uint32_t rest = 0;
    const auto is_scale = [&](std::uint32_t r) { return n.of_row(r) == statistic; };
    chain_.divides = in.op == RDU_OP_DIV;
    if (chain_.divides) return is_scale(in.b) && what(in.a);
    return in.op == RDU_OP_MUL && n.either(in, is_scale, rest) && what(rest);
  }

  bool norm() {
    if (context_.graph.nodes()[first_].combine != RDU_COMBINE_ADD) return false;
    const bool centred = start(RowChain::Kind::kNorm, 3) && norm_of(true);
    return centred || (start(RowChain::Kind::kNorm, 2) && norm_of(false));
  }

  bool norm_of(bool centred) {
    const RowNode mean = node(0), squares = node(centred ? 1 : 0), last = node(centred ? 2 : 1);
    if (!reduction(squares, RDU_COMBINE_ADD) || last.node().pattern != RDU_PATTERN_MAP)
      return false;
    const std::uint32_t means = centred ? owner(mean.written()) : RDU_NONE;
    if (centred) {
      chain_.source = mean.element(mean.result());
      if (!reduction(mean, RDU_COMBINE_ADD) || chain_.source == RDU_NONE) return false;
    }
    const rdu_instr& square = squares.at(squares.result());
    if (square.op != RDU_OP_MUL || !same(squares, square.a, square.b)) return false;
    if (!centred) chain_.source = squares.element(square.a);
    const auto is_difference = [&](const RowNode& n, std::uint32_t reg) {
      if (!centred) return chain_.source != RDU_NONE && n.element(reg) == chain_.source;
      const rdu_instr& in = n.at(reg);
      return in.op == RDU_OP_SUB && n.element(in.a) == chain_.source && n.of_row(in.b) == means;
    };
    if (!is_difference(squares, square.a) || !stores(last)) return false;
    const std::uint32_t reg = peel_columns(last);
    if (!scaled(last, reg, owner(squares.written()),
                [&](std::uint32_t r) { return is_difference(last, r); })) {
      return false;
    }
    return finish(centred ? &mean : nullptr, squares, last);
  }

  static bool same(const RowNode& n, std::uint32_t a, std::uint32_t b) {
    const bool loads = n.at(a).op == RDU_OP_LOAD && n.at(b).op == RDU_OP_LOAD;
    return a == b || (loads && n.at(a).a == n.at(b).a);
  }

  // Takes + bias and then * weight, each one for a column, off the result.
  std::uint32_t peel_columns(const RowNode& n) {
    std::uint32_t reg = n.result();
    const auto peel = [&](std::uint32_t op, std::uint32_t& value) {
      std::uint32_t rest = 0;
      const auto is_column = [&](std::uint32_t r) {
        const std::uint32_t v = n.of_column(r);
        if (v != RDU_NONE) value = v;
        return v != RDU_NONE;
      };
      if (n.at(reg).op == op && n.either(n.at(reg), is_column, rest)) reg = rest;
    };
    peel(RDU_OP_ADD, chain_.biases);
    peel(RDU_OP_MUL, chain_.weights);
    return reg;
  }

  bool finish(const RowNode* first, const RowNode& second, const RowNode& last) {
    chain_.first_statistic = first == nullptr ? nullptr : &first->node();
    chain_.second_statistic = &second.node();
    chain_.result = last.written();
    chain_.narrow_source = context_.graph.value(chain_.source).dtype == RDU_DTYPE_BF16;
    const bool alone = (first == nullptr || inside(first->written())) && inside(second.written());
    const bool alike = (first == nullptr || of_statistic_alone(first->node())) &&
                       of_statistic_alone(second.node());
    return alone && alike && plain(chain_.source) && plain(chain_.result);
  }

  // Does what follows the reduction know nothing but its sum or maximum?
  bool of_statistic_alone(const rdu_node& node) const {
    for (const rdu_instr& in : context_.graph.instrs(node.epilogue)) {
      const bool other = in.op == RDU_OP_LOAD || in.op == RDU_OP_INSIDE || in.op == RDU_OP_INDEX ||
                         in.op == RDU_OP_RNG;
      if (other) return false;
    }
    return true;
  }

  const BuildContext& context_;
  const StoragePlan& storage_;
  const std::uint32_t first_, left_, plan_first_;
  RowChain chain_;
};

}  // namespace

std::optional<RowChain> match_row_chain(const BuildContext& context, const StoragePlan& storage,
                                        std::uint32_t first, std::uint32_t end,
                                        std::uint32_t plan_first) {
  return Matcher(context, storage, first, end, plan_first).match();
}

}  // namespace rdu::cpu
