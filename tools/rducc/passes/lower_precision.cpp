// Rounds parameters once, gives values their dtype, and puts casts where programs load and store them.
#include "tools/rducc/passes/lower_precision.hpp"

#include <cstring>
#include <map>

#include "sdk/base/dtype.hpp"
#include "tools/rducc/analysis/narrow_products.hpp"
#include "tools/rducc/analysis/roundable.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::ConstantData;
using rdu::artifact::Instr;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Value;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

ConstantData rounded(const ConstantData& data) {
  const std::size_t count = data.bytes.size() / sizeof(float);
  std::vector<std::byte> bytes(count * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < count; ++i) {
    float element = 0;
    std::memcpy(&element, data.bytes.data() + i * sizeof element, sizeof element);
    const std::uint16_t half = rdu::base::f32_to_bf16(element);
    std::memcpy(bytes.data() + i * sizeof half, &half, sizeof half);
  }
  return ir::make_tensor(RDU_DTYPE_BF16, {static_cast<std::int64_t>(count)}, std::move(bytes)).data;
}

class Lowering {
 public:
  explicit Lowering(Variant& variant)
      : variant_(variant),
        narrow_(analysis::narrow_products(variant)),
        rounds_(analysis::roundable_values(variant, narrow_)) {}

  void run() {
    for (ValueId id = 0; id < variant_.values.size(); ++id) {
      if (rounds_[id]) lower(variant_.values[id]);
    }
    for (std::size_t g = 0; g < variant_.graphs.size(); ++g) {
      auto& nodes = variant_.graphs[g].nodes;
      for (std::size_t n = 0; n < nodes.size(); ++n) lower(nodes[n], narrow_[g][n]);
    }
  }

 private:
  void lower(Value& value) {
    value.dtype = RDU_DTYPE_BF16;
    if (value.data.owner == nullptr) return;
    ConstantData& known = constants_[value.data.bytes.data()];
    if (known.owner == nullptr) known = rounded(value.data);
    value.data = known;
  }

  void lower(Node& node, bool narrow) {
    for (auto& read : node.reads) {
      if (rounds_[read.value]) read.fill.f = ir::round_to(RDU_DTYPE_BF16, read.fill.f);
    }
    lower(node, node.body, !narrow);
    lower(node, node.epilogue, true);
    if (narrow) {
      for (std::uint32_t& result : node.body.results) result = narrowed(node.body, result);
    }
    Program& last = node.epilogue.results.empty() ? node.body : node.epilogue;
    if (node.pattern != RDU_PATTERN_CONTRACT || &last == &node.epilogue) round_results(node, last);
  }

  // What is loaded in bf16 is widened at once, where somebody computes with it.
  void lower(const Node& node, Program& program, bool widens) const {
    program = ir::rewrite(program, [&](const Instr& instr) -> ir::Expand {
      if (instr.op != RDU_OP_LOAD || !rounds_[node.reads[instr.a].value]) return {};
      return [instr, widens](std::vector<Instr>& code) {
        Instr load = instr;
        load.dtype = RDU_DTYPE_BF16;
        code.push_back(load);
        if (widens) {
          const auto loaded = static_cast<std::uint32_t>(code.size() - 1);
          code.push_back({RDU_OP_CAST, RDU_DTYPE_F32, loaded, 0, 0, {}});
        }
        return static_cast<std::uint32_t>(code.size() - 1);
      };
    });
  }

  // The register in bf16; one that was widened before is there already.
  static std::uint32_t narrowed(Program& program, std::uint32_t result) {
    const Instr& instr = program.code[result];
    if (instr.dtype == RDU_DTYPE_BF16) return result;
    if (instr.op == RDU_OP_CAST && program.code[instr.a].dtype == RDU_DTYPE_BF16) return instr.a;
    program.code.push_back({RDU_OP_CAST, RDU_DTYPE_BF16, result, 0, 0, {}});
    return static_cast<std::uint32_t>(program.code.size() - 1);
  }

  void round_results(const Node& node, Program& program) const {
    for (std::size_t i = 0; i < node.writes.size() && i < program.results.size(); ++i) {
      if (!rounds_[node.writes[i].value]) continue;
      program.results[i] = narrowed(program, program.results[i]);
    }
    program = ir::simplify(program);
  }

  Variant& variant_;
  const std::vector<std::vector<bool>> narrow_;  // by graph and node
  const std::vector<bool> rounds_;
  std::map<const std::byte*, ConstantData> constants_;  // by where they were
};

}  // namespace

void lower_precision(Variant& variant) { Lowering(variant).run(); }

}  // namespace rducc::passes
