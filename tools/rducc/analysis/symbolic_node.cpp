// Evaluates maps, gathers and small sums point by point; each register holds a sum, a number or nothing.
#include "tools/rducc/analysis/symbolic_node.hpp"

#include <algorithm>
#include <array>

#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/analysis/symbolic_ops.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::analysis {
namespace {

using ir::Affine;
using ir::Interval;
using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Scalar;
using rdu::artifact::ValueId;

constexpr std::int64_t kMostPoints = 1024;

// A register: what is known of a number of its dtype.
struct Abstract {
  rdu_dtype dtype = RDU_DTYPE_NONE;
  std::optional<Affine> sum;     // integers and booleans
  std::optional<double> number;  // floats
  Interval range{};              // of an integer that is no sum

  bool is_known() const { return number.has_value() || (sum && sum->is_constant()); }
  Scalar scalar() const { return number ? Scalar{*number, 0} : Scalar{0, sum->constant}; }
};

Abstract from_scalar(rdu_dtype dtype, Scalar value) {
  if (ir::is_float(dtype)) return {dtype, std::nullopt, value.f};
  return {dtype, Affine::of(value.i), std::nullopt};
}

constexpr std::size_t kNumOperands[] = {
#define X(name, number, operands) operands,
    RDU_BODY_OPS(X)
#undef X
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && a < 0); }

class NodeEvaluator {
 public:
  NodeEvaluator(const SymbolicContext& context, const Node& node)
      : context_(context), node_(node), point_(node.loops.size(), 0) {}

  // Only what each point computes by itself, or a small sum or product, over constant extents.
  bool can_evaluate() const {
    const bool pattern = node_.pattern == RDU_PATTERN_MAP || node_.pattern == RDU_PATTERN_GATHER ||
                         node_.pattern == RDU_PATTERN_REDUCE;
    const bool combine = node_.combine == RDU_COMBINE_NONE || node_.combine == RDU_COMBINE_ADD ||
                         node_.combine == RDU_COMBINE_MUL;
    std::int64_t points = 1;
    for (const auto& loop : node_.loops) {
      if (loop.extent_value != kNone || loop.extent > kMostPoints) return false;
      points *= loop.extent;
      if (points > kMostPoints) return false;
    }
    return pattern && combine && points > 0;
  }

  void run(std::size_t write, std::vector<Told>& elements) {
    do {
      const auto position = locate(node_.writes[write].value, node_.writes[write].access);
      const Abstract result = result_at(write);
      if (position && *position >= 0) {
        elements[static_cast<std::size_t>(*position)] = {result.sum, result.range};
      }
    } while (step(0, node_.num_parallel));
  }

 private:
  Abstract result_at(std::size_t write) {
    if (node_.combine == RDU_COMBINE_NONE) return run_program(node_.body, {})[write];
    Abstract total = from_scalar(node_.acc_dtype, identity(node_.combine, node_.acc_dtype));
    const rdu_body_op op = node_.combine == RDU_COMBINE_ADD ? RDU_OP_ADD : RDU_OP_MUL;
    do {
      const Abstract part = run_program(node_.body, {})[0];
      total = apply_op({op, node_.acc_dtype, 0, 0, 0, {}}, total, part, {});
    } while (step(node_.num_parallel, node_.loops.size()));
    return run_program(node_.epilogue, total)[write];
  }

  bool step(std::size_t first, std::size_t last) {
    for (std::size_t i = last; i-- > first;) {
      if (++point_[i] < node_.loops[i].extent) return true;
      point_[i] = 0;
    }
    return false;
  }

  // The row-major element, -1 where the read yields its fill, nothing where it cannot be told.
  std::optional<std::int64_t> locate(ValueId id, const Access& access) const {
    const auto& value = context_.variant.values[id];
    std::int64_t element = 0;
    for (std::size_t d = 0; d < access.size(); ++d) {
      if (!value.dim_values.empty() && value.dim_values[d] != kNone) return std::nullopt;
      auto position = position_of(access[d]);
      if (!position) return std::nullopt;
      if (*position < 0 && access[d].outside == RDU_OUTSIDE_WRAP) *position += value.dims[d];
      if (*position < 0 || *position >= value.dims[d]) {
        return access[d].outside == RDU_OUTSIDE_FILL ? std::optional<std::int64_t>(-1)
                                                     : std::nullopt;
      }
      element = element * value.dims[d] + *position;
    }
    return element;
  }

  std::optional<std::int64_t> position_of(const Index& index) const {
    std::int64_t raw = index.offset;
    for (const auto& term : index.terms) raw += term.coef * point_[term.loop];
    if (index.source != kNone) {
      const auto at = locate(index.source, index.source_access);
      if (!at || *at < 0) return std::nullopt;
      const auto source = context_.element(index.source, *at);
      if (!source || !source->is_constant()) return std::nullopt;
      raw += source->constant;
    }
    if (index.exact && raw % index.div != 0) return std::nullopt;
    const std::int64_t position = floor_div(raw, index.div);
    return index.mod == 0 ? position : position - floor_div(position, index.mod) * index.mod;
  }

  Abstract load(std::uint32_t number) const {
    const auto& read = node_.reads[number];
    const auto& value = context_.variant.values[read.value];
    const auto at = locate(read.value, read.access);
    if (!at) return {value.dtype, {}, {}};
    if (*at < 0) {
      return read.fill_value == kNone ? from_scalar(value.dtype, read.fill)
                                      : Abstract{value.dtype, {}, {}};
    }
    const auto& owner = value.storage == kNone ? value : context_.variant.values[value.storage];
    if (owner.data.owner && value.encoding == RDU_NONE) {
      return from_scalar(value.dtype, ir::load_element(owner.data.bytes, value.dtype,
                                                       static_cast<std::size_t>(*at)));
    }
    return {value.dtype, context_.element(read.value, *at), {}};
  }

  std::vector<Abstract> run_program(const Program& program, const Abstract& acc) const {
    std::vector<Abstract> registers;
    for (const Instr& instr : program.code) {
      switch (instr.op) {
        case RDU_OP_LOAD:
          registers.push_back(load(instr.a));
          break;
        case RDU_OP_INDEX:
          registers.push_back({RDU_DTYPE_I64, Affine::of(point_[instr.a]), {}});
          break;
        case RDU_OP_ACC:
          registers.push_back(acc);
          break;
        case RDU_OP_INSIDE:
        case RDU_OP_RNG:
          registers.push_back({instr.dtype, {}, {}});
          break;
        default:
          registers.push_back(apply_op(instr, operand(registers, instr.a),
                                       operand(registers, instr.b), operand(registers, instr.c)));
      }
    }
    std::vector<Abstract> results;
    for (const std::uint32_t result : program.results) results.push_back(registers[result]);
    return results;
  }

  static Abstract operand(const std::vector<Abstract>& registers, std::uint32_t number) {
    return number < registers.size() ? registers[number] : Abstract{};
  }

  Abstract apply_op(const Instr& instr, const Abstract& a, const Abstract& b,
                    const Abstract& c) const {
    if (const auto known = apply_to_known(instr, a, b, c)) return *known;
    if (instr.op == RDU_OP_SELECT) return select(instr, a, b, c);
    Abstract result{instr.dtype, {}, {}};
    if (ir::is_float(instr.dtype)) return result;
    const bool logic = instr.op == RDU_OP_AND || instr.op == RDU_OP_OR;
    if (logic) {
      result.sum = apply_logic(instr, a, b);
    } else if (a.sum) {
      result.sum = apply_to_sums(instr, *a.sum, b.sum, context_.range);
    }
    if (!result.sum) result.range = range_after(instr.op, range_of(a), range_of(b));
    // A sum that could leave its dtype would wrap around, and so would what is no sum.
    if (result.sum && instr.dtype != RDU_DTYPE_I64) {
      const Interval range = context_.range(*result.sum);
      const bool fits = ir::wrap_to(instr.dtype, range.low) == range.low &&
                        ir::wrap_to(instr.dtype, range.high) == range.high;
      if (!fits) result.sum.reset();
    }
    if (!result.sum && instr.dtype != RDU_DTYPE_I64) result.range = {};
    return result;
  }

  std::optional<Abstract> apply_to_known(const Instr& instr, const Abstract& a, const Abstract& b,
                                         const Abstract& c) const {
    const std::array<const Abstract*, 3> operands{&a, &b, &c};
    const std::size_t count = kNumOperands[instr.op];
    for (std::size_t i = 0; i < count; ++i) {
      if (!operands[i]->is_known()) return std::nullopt;
    }
    const auto scalar = [&](std::size_t i) { return i < count ? operands[i]->scalar() : Scalar{}; };
    const bool of_operand =
        instr.op == RDU_OP_CAST || (instr.op >= RDU_OP_EQ && instr.op <= RDU_OP_GE);
    return from_scalar(instr.dtype, analysis::apply(instr, of_operand ? a.dtype : instr.dtype,
                                                    scalar(0), scalar(1), scalar(2)));
  }

  Abstract select(const Instr& instr, const Abstract& condition, const Abstract& yes,
                  const Abstract& no) const {
    if (condition.is_known()) return condition.sum->constant != 0 ? yes : no;
    const bool same = yes.sum && no.sum && *yes.sum == *no.sum;
    if (same) return yes;
    const Interval a = range_of(yes), b = range_of(no);
    return {instr.dtype, {}, {}, {std::min(a.low, b.low), std::max(a.high, b.high)}};
  }

  Interval range_of(const Abstract& a) const { return a.sum ? context_.range(*a.sum) : a.range; }

  // One known operand may decide.
  static std::optional<Affine> apply_logic(const Instr& instr, const Abstract& a,
                                           const Abstract& b) {
    if (instr.dtype != RDU_DTYPE_BOOL) return std::nullopt;
    const std::int64_t deciding = instr.op == RDU_OP_OR ? 1 : 0;
    for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      if (one->is_known()) {
        return one->sum->constant == deciding ? Affine::of(deciding) : other->sum;
      }
    }
    return std::nullopt;
  }

  const SymbolicContext& context_;
  const Node& node_;
  std::vector<std::int64_t> point_;
};

}  // namespace

void evaluate_symbolically(const SymbolicContext& context, const Node& node, std::size_t write,
                           std::vector<Told>& elements) {
  NodeEvaluator evaluator(context, node);
  if (evaluator.can_evaluate()) evaluator.run(write, elements);
}

}  // namespace rducc::analysis
