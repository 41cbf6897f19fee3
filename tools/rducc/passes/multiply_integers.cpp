// Both operands are looked through; the contraction is rewritten where both are dequantised.
#include "tools/rducc/passes/multiply_integers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "tools/rducc/analysis/dequantised.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::passes {
namespace {

using analysis::Dequantised;
using analysis::Parameter;
using ir::Program;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Read;
using rdu::artifact::Scalar;
using rdu::artifact::Value;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

constexpr double kMostSum = std::numeric_limits<std::int32_t>::max();

// A number of an operand: a constant, or a read over the loops of the contraction.
struct Number {
  Scalar constant;
  std::optional<Read> read;
};

// An operand of the contraction as integers.
struct Operand {
  Read x;
  rdu_dtype dtype = RDU_DTYPE_U8;
  Number zero_point, scale;
};

bool moves_with(const Read& read, std::uint32_t loop) {
  return std::any_of(read.access.begin(), read.access.end(), [loop](const auto& index) {
    return std::any_of(index.terms.begin(), index.terms.end(),
                       [loop](const auto& term) { return term.loop == loop; });
  });
}

bool may_fill(const Read& read) {
  return std::any_of(read.access.begin(), read.access.end(), [](const auto& index) {
    return index.exact || index.outside == RDU_OUTSIDE_FILL;
  });
}

bool is_scalar(const Read& read) {
  return std::all_of(read.access.begin(), read.access.end(), [](const auto& index) {
    return index.terms.empty() && index.source == kNone;
  });
}

double largest_magnitude(const Operand& operand) {
  const double low = operand.dtype == RDU_DTYPE_I8 ? -128 : operand.dtype == RDU_DTYPE_I4 ? -8 : 0;
  const double high = operand.dtype == RDU_DTYPE_I8   ? 127
                      : operand.dtype == RDU_DTYPE_U8 ? 255
                      : operand.dtype == RDU_DTYPE_I4 ? 7
                                                      : 15;
  if (operand.zero_point.read) return high - low;
  const auto zero = static_cast<double>(operand.zero_point.constant.i);
  return std::max(high - zero, zero - low);
}

class Rewriter {
 public:
  Rewriter(Variant& variant, Node& node) : variant_(variant), node_(node) {}

  // One operand of the contraction, where `producer` dequantises it.
  std::optional<Operand> look_through(const Node& producer, std::uint32_t number) const {
    const auto found = analysis::match_dequantised(producer);
    if (!found) return std::nullopt;
    const auto x = over_loops(producer, found->x, number);
    const auto zero_point = over_loops(producer, found->zero_point, number);
    const auto scale = over_loops(producer, found->scale, number);
    if (!x || !zero_point || !scale) return std::nullopt;
    for (std::uint32_t loop = node_.num_parallel; scale->read && loop < node_.loops.size();
         ++loop) {
      if (moves_with(*scale->read, loop)) return std::nullopt;
    }
    Operand operand{*x, variant_.values[x->value].dtype, *zero_point, *scale};
    return fill_with_zero_point(operand, node_.reads[number]) ? std::optional(operand)
                                                              : std::nullopt;
  }

  void rewrite(const Operand& p, const Operand& q) {
    node_.reads[0] = p.x;
    node_.reads[1] = q.x;
    Program body;
    body.results = {centred(body, 0, p), centred(body, 1, q)};
    node_.body = std::move(body);
    node_.acc_dtype = RDU_DTYPE_I32;
    const double most = products() * largest_magnitude(p) * largest_magnitude(q);
    scale_sum(p.scale, q.scale, kMostSum - most);
    ir::compact_reads(node_);
  }

  bool fits(const Operand& p, const Operand& q) const {
    return products() * largest_magnitude(p) * largest_magnitude(q) <= kMostSum;
  }

 private:
  double products() const {
    double count = 1;
    for (std::size_t l = node_.num_parallel; l < node_.loops.size(); ++l) {
      count *= static_cast<double>(node_.loops[l].extent);
    }
    return count;
  }

  // What the producer reads, at the loops of the contraction.
  std::optional<Read> over_loops(const Node& producer, std::uint32_t read,
                                 std::uint32_t number) const {
    Node view = producer;
    view.reads = {producer.reads[read]};
    const rdu_dtype dtype = variant_.values[view.reads[0].value].dtype;
    view.body = {{{RDU_OP_LOAD, dtype, 0, 0, 0, {}}}, {0}};
    const auto fused = ir::inline_map(variant_, view, node_, number);
    return fused ? std::optional(fused->reads[number]) : std::nullopt;
  }

  std::optional<Number> over_loops(const Node& producer, const Parameter& parameter,
                                   std::uint32_t number) const {
    if (parameter.is_constant()) return Number{parameter.constant, {}};
    if (const auto known = uniform(producer.reads[parameter.read])) return Number{*known, {}};
    if (is_scalar(producer.reads[parameter.read])) {
      return Number{{}, producer.reads[parameter.read]};
    }
    const auto read = over_loops(producer, parameter.read, number);
    return read ? std::optional(Number{{}, *read}) : std::nullopt;
  }

  // Outside of the dequantised tensor was a real 0.
  bool fill_with_zero_point(Operand& operand, const Read& real) const {
    if (!may_fill(operand.x)) return true;
    if (real.fill.f != 0 || real.fill_value != kNone) return false;
    const auto& zero = operand.zero_point;
    operand.x.fill = {};
    if (!zero.read) {
      operand.x.fill.i = zero.constant.i;
      return true;
    }
    if (!zero.read->access.empty()) return false;
    operand.x.fill_value = zero.read->value;
    return true;
  }

  std::uint32_t add_read(const Read& read) {
    node_.reads.push_back(read);
    return static_cast<std::uint32_t>(node_.reads.size() - 1);
  }

  static std::uint32_t append(std::vector<Instr>& code, Instr instr) {
    code.push_back(instr);
    return static_cast<std::uint32_t>(code.size() - 1);
  }

  std::uint32_t load(std::vector<Instr>& code, const Read& read, rdu_dtype dtype) {
    const rdu_dtype stored = variant_.values[read.value].dtype;
    const std::uint32_t loaded = append(code, {RDU_OP_LOAD, stored, add_read(read), 0, 0, {}});
    return stored == dtype ? loaded : append(code, {RDU_OP_CAST, dtype, loaded, 0, 0, {}});
  }

  // cast(x, I32) - zero_point.
  std::uint32_t centred(Program& body, std::uint32_t number, const Operand& operand) {
    auto& code = body.code;
    const std::uint32_t x = append(code, {RDU_OP_LOAD, operand.dtype, number, 0, 0, {}});
    const std::uint32_t wide = append(code, {RDU_OP_CAST, RDU_DTYPE_I32, x, 0, 0, {}});
    const auto& zero = operand.zero_point;
    if (!zero.read && zero.constant.i == 0) return wide;
    const std::uint32_t less =
        zero.read ? load(code, *zero.read, RDU_DTYPE_I32)
                  : append(code, {RDU_OP_CONST, RDU_DTYPE_I32, 0, 0, 0, {0, zero.constant.i}});
    return append(code, {RDU_OP_SUB, RDU_DTYPE_I32, wide, less, 0, {}});
  }

  // The one number that all elements of a constant are, such as the zero points of weights.
  std::optional<Scalar> uniform(const Read& read) const {
    if (!ir::is_constant(variant_, read.value)) return std::nullopt;
    const ir::Tensor tensor = constant_of(read);
    if (tensor.data.bytes.empty()) return std::nullopt;
    const auto bytes = tensor.data.bytes;
    const std::size_t size = ir::storage_bytes(tensor.dtype, 1);
    if (rdu::base::dtype_bits(tensor.dtype) < 8 ||
        !std::equal(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(size),
                    bytes.begin() + static_cast<std::ptrdiff_t>(size))) {
      return std::nullopt;
    }
    return ir::load_element(bytes, tensor.dtype, 0);
  }

  ir::Tensor constant_of(const Read& read) const {
    const Value& value = variant_.values[read.value];
    return {value.dtype, value.dims, variant_.values[ir::owner(variant_, read.value)].data};
  }

  // The product of both scales: one number where it is known.
  Number factor(const Number& a, const Number& b) {
    if (!a.read && !b.read) {
      return {{ir::round_to(RDU_DTYPE_F32, a.constant.f * b.constant.f), 0}, {}};
    }
    if (a.read && b.read) return {};
    const Number& moving = a.read ? a : b;
    if (!ir::is_constant(variant_, moving.read->value)) return {};
    const double other = (a.read ? b : a).constant.f;
    const ir::Tensor scales = constant_of(*moving.read);
    std::vector<double> products = scales.to_f64();
    for (double& product : products) product *= other;
    Number result{{}, moving.read};
    result.read->value =
        add_parameter(node_.name + ".scale", ir::make_tensor(RDU_DTYPE_F32, scales.dims, products));
    return result;
  }

  ValueId add_parameter(const std::string& name, ir::Tensor tensor) {
    Value value;
    value.name = name;
    value.dtype = tensor.dtype;
    value.role = RDU_ROLE_PARAMETER;
    value.dims = std::move(tensor.dims);
    value.data = std::move(tensor.data);
    variant_.values.push_back(std::move(value));
    return static_cast<ValueId>(variant_.values.size() - 1);
  }

  // ACC of the epilogue becomes cast(ACC [+ bias]) · factor.
  void scale_sum(const Number& a, const Number& b, double room) {
    const Number known = factor(a, b);
    const bool is_known = known.read || known.constant.f != 0;
    std::optional<std::uint32_t> joined;
    std::optional<Read> bias;
    if (is_known) bias = integer_bias(known, room, joined);
    const auto scale = [&](std::vector<Instr>& code, bool with_bias) {
      std::uint32_t sum = append(code, {RDU_OP_ACC, RDU_DTYPE_I32, 0, 0, 0, {}});
      if (with_bias) {
        const std::uint32_t summand = load(code, *bias, RDU_DTYPE_I32);
        sum = append(code, {RDU_OP_ADD, RDU_DTYPE_I32, sum, summand, 0, {}});
      }
      const std::uint32_t real = append(code, {RDU_OP_CAST, RDU_DTYPE_F32, sum, 0, 0, {}});
      if (is_known) return multiplied(code, real, number(code, known));
      // Neither scale is known here, or both move: their product first, as for known ones.
      const std::uint32_t left = number(code, a), right = number(code, b);
      return multiplied(code, real, multiplied(code, left, right));
    };
    std::uint32_t next = 0;
    node_.epilogue = ir::rewrite(node_.epilogue, [&](const Instr& instr) -> ir::Expand {
      const std::uint32_t reg = next++;
      const bool sums = joined && reg == *joined;
      if (!sums && instr.op != RDU_OP_ACC) return {};
      return [&scale, sums](std::vector<Instr>& code) { return scale(code, sums); };
    });
  }

  std::uint32_t number(std::vector<Instr>& code, const Number& number) {
    if (number.read) return load(code, *number.read, RDU_DTYPE_F32);
    return append(code, {RDU_OP_CONST, RDU_DTYPE_F32, 0, 0, 0, number.constant});
  }

  static std::uint32_t multiplied(std::vector<Instr>& code, std::uint32_t a, std::uint32_t b) {
    return append(code, {RDU_OP_MUL, RDU_DTYPE_F32, a, b, 0, {}});
  }

  // The bias as integers, where the epilogue adds it to ACC at register `sum` and every element is
  // exactly an integer times the factor of its channel.
  std::optional<Read> integer_bias(const Number& factor, double room,
                                   std::optional<std::uint32_t>& sum) {
    const auto& code = node_.epilogue.code;
    const auto is_op = [&](std::uint32_t reg, rdu_body_op op) { return code[reg].op == op; };
    const auto add = std::find_if(code.begin(), code.end(), [&](const Instr& instr) {
      return instr.op == RDU_OP_ADD && instr.dtype == RDU_DTYPE_F32 &&
             (is_op(instr.a, RDU_OP_ACC) || is_op(instr.b, RDU_OP_ACC));
    });
    if (add == code.end()) return std::nullopt;
    const Instr& other = code[is_op(add->a, RDU_OP_ACC) ? add->b : add->a];
    if (other.op != RDU_OP_LOAD || other.dtype != RDU_DTYPE_F32) return std::nullopt;
    Read read = node_.reads[other.a];
    if (!ir::is_constant(variant_, read.value)) return std::nullopt;
    const bool same_channels = !factor.read || (factor.read->access == read.access &&
                                                variant_.values[factor.read->value].dims ==
                                                    variant_.values[read.value].dims);
    if (!same_channels) return std::nullopt;
    const ir::Tensor bias = constant_of(read);
    std::vector<double> multiples = bias.to_f64();
    const auto factors = factor.read ? constant_of(*factor.read).to_f64()
                                     : std::vector<double>(multiples.size(), factor.constant.f);
    for (std::size_t i = 0; i < multiples.size(); ++i) {
      const double real = multiples[i], whole = std::nearbyint(real / factors[i]);
      const double back =
          ir::round_to(RDU_DTYPE_F32, ir::round_to(RDU_DTYPE_F32, whole) * factors[i]);
      if (!(std::fabs(whole) <= room) || back != real) return std::nullopt;
      multiples[i] = whole;
    }
    read.value =
        add_parameter(node_.name + ".bias", ir::make_tensor(RDU_DTYPE_I32, bias.dims, multiples));
    sum = static_cast<std::uint32_t>(add - code.begin());
    return read;
  }

  Variant& variant_;
  Node& node_;
};

// p and q are what reads 0 and 1 yield, in F32.
bool is_plain_product(const Node& node) {
  if (node.pattern != RDU_PATTERN_CONTRACT || node.acc_dtype != RDU_DTYPE_F32) return false;
  for (std::uint32_t i = 0; i < 2; ++i) {
    const Instr* instr = &node.body.code[node.body.results[i]];
    if (instr->op == RDU_OP_CAST) instr = &node.body.code[instr->a];
    if (instr->op != RDU_OP_LOAD || instr->a != i) return false;
  }
  return true;
}

void rewrite_graph(Variant& variant, std::uint32_t graph) {
  const auto uses = ir::find_uses(variant, graph);
  auto& nodes = variant.graphs[graph].nodes;
  const auto producer = [&](const Node& node, std::uint32_t read) -> const Node* {
    const auto& writers = uses.writers[ir::owner(variant, node.reads[read].value)];
    if (writers.size() != 1 || !ir::is_pointwise(variant, nodes[writers[0]])) return nullptr;
    return &nodes[writers[0]];
  };
  for (Node& node : nodes) {
    if (!is_plain_product(node)) continue;
    const Node *first = producer(node, 0), *second = producer(node, 1);
    if (first == nullptr || second == nullptr) continue;
    Rewriter rewriter(variant, node);
    const auto p = rewriter.look_through(*first, 0);
    const auto q = rewriter.look_through(*second, 1);
    if (!p || !q || !rewriter.fits(*p, *q)) continue;
    rewriter.rewrite(*p, *q);
    ir::unite_origins(node, *first);
    ir::unite_origins(node, *second);
  }
}

}  // namespace

void multiply_integers(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    rewrite_graph(variant, graph);
  }
}

}  // namespace rducc::passes
