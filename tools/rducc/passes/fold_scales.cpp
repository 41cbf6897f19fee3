// Follows the accumulator through the epilogue while what happens to it is affine and constant.
#include "tools/rducc/passes/fold_scales.hpp"

#include <algorithm>
#include <optional>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Read;
using rdu::artifact::Value;
using rdu::artifact::Variant;

constexpr std::size_t kNoDim = ~std::size_t{0};

// A constant per channel, or one for all.
using Coefficients = std::vector<double>;

double at(const Coefficients& c, std::size_t channel) { return c.size() == 1 ? c[0] : c[channel]; }

template <typename Op>
Coefficients combine(const Coefficients& a, const Coefficients& b, Op op) {
  Coefficients result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = op(at(a, i), at(b, i));
  return result;
}

ir::Tensor tensor_of(const Variant& variant, rdu::artifact::ValueId id) {
  const Value& value = variant.values[id];
  return {value.dtype, value.dims, variant.values[ir::owner(variant, id)].data};
}

// acc·scale + shift up to register `end` of the epilogue.
struct Chain {
  Coefficients scale{1.0}, shift{0.0};
  std::size_t channel_dim = kNoDim;  // of the weights
  std::uint32_t end = 0;
  bool scales = false;
};

class ChainFinder {
 public:
  ChainFinder(const Variant& variant, const Node& node) : variant_(variant), node_(node) {}

  std::optional<Chain> find() {
    const auto& code = node_.epilogue.code;
    const auto acc = std::find_if(code.begin(), code.end(),
                                  [](const Instr& instr) { return instr.op == RDU_OP_ACC; });
    if (acc == code.end()) return std::nullopt;
    chain_.end = static_cast<std::uint32_t>(acc - code.begin());
    while (extend()) {
    }
    return chain_.scales ? std::optional(chain_) : std::nullopt;
  }

 private:
  // The only instruction that uses the end of the chain, where nothing else does.
  std::optional<std::uint32_t> sole_user() const {
    std::optional<std::uint32_t> user;
    const auto& code = node_.epilogue.code;
    for (std::uint32_t i = 0; i < code.size(); ++i) {
      Instr instr = code[i];
      std::size_t uses = 0;
      ir::for_each_operand(instr, [&](std::uint32_t& operand) { uses += operand == chain_.end; });
      if (uses > 1 || (uses == 1 && user)) return std::nullopt;
      if (uses == 1) user = i;
    }
    for (const std::uint32_t result : node_.epilogue.results) {
      if (result == chain_.end) return std::nullopt;
    }
    return user;
  }

  bool extend() {
    const auto user = sole_user();
    if (!user) return false;
    const Instr& instr = node_.epilogue.code[*user];
    if (!ir::is_float(instr.dtype)) return false;
    const bool chain_first = instr.a == chain_.end;
    const auto other = coefficients(chain_first ? instr.b : instr.a, instr.op);
    if (!other || !apply(instr.op, chain_first, *other)) return false;
    chain_.end = *user;
    return true;
  }

  bool apply(rdu_body_op op, bool chain_first, const Coefficients& other) {
    const auto multiply = [&](const Coefficients& factor) {
      chain_.scale = combine(chain_.scale, factor, std::multiplies<>());
      chain_.shift = combine(chain_.shift, factor, std::multiplies<>());
      chain_.scales = true;
    };
    switch (op) {
      case RDU_OP_MUL:
        multiply(other);
        return true;
      case RDU_OP_DIV:
        if (!chain_first) return false;
        multiply(combine(Coefficients{1.0}, other, std::divides<>()));
        return true;
      case RDU_OP_ADD:
        chain_.shift = combine(chain_.shift, other, std::plus<>());
        return true;
      case RDU_OP_SUB:
        if (!chain_first) return false;
        chain_.shift = combine(chain_.shift, other, std::minus<>());
        return true;
      default:
        return false;
    }
  }

  std::optional<Coefficients> coefficients(std::uint32_t operand, rdu_body_op op) {
    if (op < RDU_OP_ADD || op > RDU_OP_DIV) return std::nullopt;
    const Instr& instr = node_.epilogue.code[operand];
    if (instr.op == RDU_OP_CONST) return Coefficients{instr.imm.f};
    if (instr.op != RDU_OP_LOAD) return std::nullopt;
    const Read& read = node_.reads[instr.a];
    if (!ir::is_constant(variant_, read.value) || !analysis::is_plain(read.access)) {
      return std::nullopt;
    }
    return along_channels(read);
  }

  // What is read where only the channel moves the access.
  std::optional<Coefficients> along_channels(const Read& read) {
    const ir::Tensor tensor = tensor_of(variant_, read.value);
    std::optional<std::size_t> moving;
    for (std::size_t i = 0; i < read.access.size(); ++i) {
      if (tensor.dims[i] == 1) continue;
      if (moving) return std::nullopt;
      moving = i;
    }
    if (!moving) return tensor.to_f64();
    const auto channel = channel_of(read.access[*moving], tensor.dims[*moving]);
    if (!channel || (chain_.channel_dim != kNoDim && chain_.channel_dim != *channel)) {
      return std::nullopt;
    }
    chain_.channel_dim = *channel;
    return tensor.to_f64();
  }

  // The dimension of the weights that is read at the same index.
  std::optional<std::size_t> channel_of(const Index& index, std::int64_t extent) const {
    const Read& weights = node_.reads[1];
    const auto& dims = variant_.values[weights.value].dims;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] == extent && weights.access[i] == index) return i;
    }
    return std::nullopt;
  }

  const Variant& variant_;
  const Node& node_;
  Chain chain_;
};

rdu::artifact::ValueId add_parameter(Variant& variant, const std::string& name, ir::Tensor tensor) {
  Value value;
  value.name = name;
  value.dtype = tensor.dtype;
  value.role = RDU_ROLE_PARAMETER;
  value.dims = std::move(tensor.dims);
  value.data = std::move(tensor.data);
  variant.values.push_back(std::move(value));
  return static_cast<rdu::artifact::ValueId>(variant.values.size() - 1);
}

ir::Tensor scaled(const ir::Tensor& weights, const Chain& chain) {
  std::int64_t inner = 1;
  if (chain.channel_dim != kNoDim) {
    for (std::size_t i = chain.channel_dim + 1; i < weights.dims.size(); ++i) {
      inner *= weights.dims[i];
    }
  }
  const std::int64_t channels = chain.channel_dim == kNoDim ? 1 : weights.dims[chain.channel_dim];
  std::vector<double> elements = weights.to_f64();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] *=
        at(chain.scale, i / static_cast<std::size_t>(inner) % static_cast<std::size_t>(channels));
  }
  return ir::make_tensor(weights.dtype, weights.dims, elements);
}

// The epilogue with the chain replaced by ACC, plus the shift where there is one.
Program without_chain(const Program& epilogue, const Chain& chain, rdu_dtype acc,
                      std::optional<std::uint32_t> shift_read) {
  Program result;
  std::vector<std::uint32_t> registers;
  for (std::uint32_t i = 0; i < epilogue.code.size(); ++i) {
    Instr instr = epilogue.code[i];
    ir::for_each_operand(instr, [&](std::uint32_t& operand) { operand = registers[operand]; });
    if (i == chain.end) {
      result.code.push_back({RDU_OP_ACC, acc, 0, 0, 0, {}});
      const auto value = static_cast<std::uint32_t>(result.code.size() - 1);
      if (shift_read) {
        result.code.push_back({RDU_OP_LOAD, acc, *shift_read, 0, 0, {}});
        instr = {RDU_OP_ADD, acc, value, value + 1, 0, {}};
      }
    }
    if (i != chain.end || shift_read) result.code.push_back(instr);
    registers.push_back(static_cast<std::uint32_t>(result.code.size() - 1));
  }
  for (const std::uint32_t r : epilogue.results) result.results.push_back(registers[r]);
  return ir::simplify(result);
}

std::optional<std::uint32_t> add_shift(Variant& variant, Node& node, const Chain& chain,
                                       rdu_dtype dtype) {
  const bool zero =
      std::all_of(chain.shift.begin(), chain.shift.end(), [](double value) { return value == 0; });
  if (zero) return std::nullopt;
  Read read;
  ir::Dims dims;
  if (chain.shift.size() > 1) {
    dims.push_back(static_cast<std::int64_t>(chain.shift.size()));
    read.access.push_back(node.reads[1].access[chain.channel_dim]);
  }
  read.value = add_parameter(variant, node.name + ".shift",
                             ir::make_tensor(dtype, std::move(dims), chain.shift));
  node.reads.push_back(std::move(read));
  return static_cast<std::uint32_t>(node.reads.size() - 1);
}

bool has_plain_weights(const Variant& variant, const Node& node, const ir::UseMap& uses) {
  const Read& weights = node.reads[1];
  const Value& value = variant.values[weights.value];
  const auto& body = node.body;
  const bool copies =
      body.code.size() == 2 && body.code[0].op == RDU_OP_LOAD && body.code[1].op == RDU_OP_LOAD;
  return copies && ir::is_constant(variant, weights.value) && value.encoding == RDU_NONE &&
         value.dtype == node.acc_dtype && ir::is_float(value.dtype) &&
         uses.readers[ir::owner(variant, weights.value)].size() == 1;
}

void fold_node(Variant& variant, Node& node) {
  const auto chain = ChainFinder(variant, node).find();
  if (!chain) return;
  const ir::Tensor weights = tensor_of(variant, node.reads[1].value);
  const std::string name = variant.values[node.reads[1].value].name;
  const auto shift = add_shift(variant, node, *chain, weights.dtype);
  node.reads[1].value = add_parameter(variant, name, scaled(weights, *chain));
  node.epilogue = without_chain(node.epilogue, *chain, node.acc_dtype, shift);
  ir::compact_reads(node);
}

}  // namespace

void fold_scales(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    const auto uses = ir::find_uses(variant, graph);
    for (Node& node : variant.graphs[graph].nodes) {
      if (node.pattern != RDU_PATTERN_CONTRACT) continue;
      if (has_plain_weights(variant, node, uses)) fold_node(variant, node);
    }
  }
}

}  // namespace rducc::passes
