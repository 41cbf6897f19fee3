// Peels the epilogue from its result to the accumulator.
#include "plugins/cpu/contract/integer/requantise.hpp"

#include <cmath>
#include <limits>

namespace rdu::cpu {
namespace {

using Parameter = RequantiseMatch::Parameter;

class Matcher {
 public:
  // From register `reg` of the epilogue.
  Matcher(plugin::Graph graph, const rdu_node& node, std::uint32_t reg)
      : code_(graph.instrs(node.epilogue)), reg_(reg) {}

  std::optional<RequantiseMatch> match() {
    RequantiseMatch m;
    m.dtype = here().dtype;
    const bool bytes = m.dtype == RDU_DTYPE_U8 || m.dtype == RDU_DTYPE_I8;
    if (!bytes || here().op != RDU_OP_CAST) return {};
    reg_ = here().a;
    float bound = 0;
    if (!peel_constant(RDU_OP_MIN, bound) || bound != (m.dtype == RDU_DTYPE_U8 ? 255.0f : 127.0f))
      return {};
    if (!peel_constant(RDU_OP_MAX, bound) || bound != (m.dtype == RDU_DTYPE_U8 ? 0.0f : -128.0f))
      return {};
    peel_constant(RDU_OP_ADD, m.zero_point);
    if (here().op != RDU_OP_ROUND || here().dtype != RDU_DTYPE_F32) return {};
    reg_ = here().a;
    peel_constant(RDU_OP_DIV, m.divisor);
    if (!std::isnormal(m.divisor) || !std::isfinite(m.zero_point)) return {};
    return match_sum(m);
  }

  std::optional<RequantiseMatch> match_floats() {
    RequantiseMatch m;
    m.dtype = RDU_DTYPE_F32;
    return here().dtype == RDU_DTYPE_F32 ? match_sum(m) : std::nullopt;
  }

 private:
  std::optional<RequantiseMatch> match_sum(RequantiseMatch m) {
    peel_clamp(m);
    if (std::isnan(m.low) || std::isnan(m.high)) return {};
    peel_parameter(RDU_OP_ADD, RDU_DTYPE_F32, m.bias);
    peel_parameter(RDU_OP_MUL, RDU_DTYPE_F32, m.scale);
    if (here().op != RDU_OP_CAST || here().dtype != RDU_DTYPE_F32) return {};
    reg_ = here().a;
    peel_parameter(RDU_OP_ADD, RDU_DTYPE_I32, m.whole_bias);
    return here().op == RDU_OP_ACC && here().dtype == RDU_DTYPE_I32 ? std::optional(m)
                                                                    : std::nullopt;
  }

  const rdu_instr& here() const { return code_[reg_]; }

  bool peel_constant(std::uint32_t op, float& value) {
    const rdu_instr& in = here();
    if (in.op != op || in.dtype != RDU_DTYPE_F32 || code_[in.b].op != RDU_OP_CONST) return false;
    value = static_cast<float>(code_[in.b].imm.f);
    reg_ = in.a;
    return true;
  }

  // At most one bound on each side, the upper one last or not there.
  void peel_clamp(RequantiseMatch& m) {
    m.low = -std::numeric_limits<float>::infinity();
    m.high = std::numeric_limits<float>::infinity();
    peel_constant(RDU_OP_MIN, m.high);
    peel_constant(RDU_OP_MAX, m.low);
  }

  // What a load, or a constant, is combined with; loads are narrower or of the dtype itself.
  void peel_parameter(std::uint32_t op, rdu_dtype dtype, Parameter& parameter) {
    const rdu_instr& in = here();
    if (in.op != op || in.dtype != dtype) return;
    for (const auto& [rest, other] : {std::pair(in.a, in.b), std::pair(in.b, in.a)}) {
      const rdu_instr& value = code_[other];
      if (value.dtype != dtype) continue;
      if (value.op == RDU_OP_LOAD) {
        parameter = {value.a, 0};
      } else if (value.op == RDU_OP_CONST) {
        parameter = {RDU_NONE,
                     dtype == RDU_DTYPE_F32 ? value.imm.f : static_cast<double>(value.imm.i)};
      } else {
        continue;
      }
      reg_ = rest;
      return;
    }
  }

  const plugin::View<rdu_instr> code_;
  std::uint32_t reg_;
};

}  // namespace

std::optional<RequantiseMatch> match_requantise(plugin::Graph graph, const rdu_node& node) {
  if (node.epilogue.num_results != 1) return {};
  return Matcher(graph, node, graph.results(node.epilogue)[0]).match();
}

std::optional<TabledMatch> match_tabled_requantise(plugin::Graph graph, const rdu_node& node,
                                                   const Kernels& kernels) {
  if (node.epilogue.num_results != 1) return {};
  const auto code = graph.instrs(node.epilogue);
  const std::uint32_t result = graph.results(node.epilogue)[0];
  for (std::uint32_t reg = 0; reg < result; ++reg) {
    const auto match = Matcher(graph, node, reg).match();
    const auto table = match ? tabulate(code, reg, result, kernels) : std::nullopt;
    if (table) return TabledMatch{*match, *table, code[result].dtype};
  }
  return {};
}

std::optional<RequantiseMatch> match_dequantise(plugin::Graph graph, const rdu_node& node) {
  if (node.epilogue.num_results != 1) return {};
  return Matcher(graph, node, graph.results(node.epilogue)[0]).match_floats();
}

}  // namespace rdu::cpu
