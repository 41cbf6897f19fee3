// Registers become text one after the other; one that is used more than once becomes a name, so text stays linear.
#include "sdk/artifact/text_program.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/dtype.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {
namespace {

using base::format;

// Longer expressions are cut at a name, used once or not.
constexpr std::size_t kMaxInline = 160;

const char* infix_of(std::uint32_t op) {
  switch (op) {
    case RDU_OP_ADD:
      return "+";
    case RDU_OP_SUB:
      return "-";
    case RDU_OP_MUL:
      return "*";
    case RDU_OP_DIV:
      return "/";
    case RDU_OP_EQ:
      return "==";
    case RDU_OP_NE:
      return "!=";
    case RDU_OP_LT:
      return "<";
    case RDU_OP_LE:
      return "<=";
    case RDU_OP_GT:
      return ">";
    case RDU_OP_GE:
      return ">=";
    case RDU_OP_AND:
      return "&";
    case RDU_OP_OR:
      return "|";
    case RDU_OP_XOR:
      return "^";
    case RDU_OP_SHL:
      return "<<";
    case RDU_OP_SHR:
      return ">>";
    default:
      return nullptr;
  }
}

std::string lower(const char* name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

class ProgramText {
 public:
  ProgramText(const rdu_graph& graph, const rdu_node& node, const rdu_program_code& code)
      : node_(node),
        instrs_(slice<rdu_instr>(graph.instrs, code.first_instr, code.num_instrs)),
        results_(slice<std::uint32_t>(graph.results, code.first_result, code.num_results)),
        uses_(code.num_instrs, 0) {}

  std::string run() {
    count_uses();
    std::string text;
    for (std::uint32_t i = 0; i < instrs_.size(); ++i) {
      std::string expression = expression_of(instrs_[i]);
      const bool named =
          op_operands(instrs_[i].op) > 0 && (uses_[i] > 1 || expression.size() > kMaxInline);
      if (named) {
        text += format("t%u = %s; ", i, expression.c_str());
        expression = format("t%u", i);
      }
      registers_.push_back(std::move(expression));
    }
    const char* separator = "";
    for (const std::uint32_t result : results_) {
      text += separator + unparenthesised(registers_[result]);
      separator = ", ";
    }
    return text;
  }

 private:
  void count_uses() {
    for (const rdu_instr& instr : instrs_) {
      const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
      for (std::uint32_t k = 0; k < op_operands(instr.op); ++k) ++uses_[operands[k]];
    }
    for (const std::uint32_t result : results_) ++uses_[result];
  }

  std::string expression_of(const rdu_instr& instr) const {
    switch (instr.op) {
      case RDU_OP_LOAD:
        return format("in%u", instr.a);
      case RDU_OP_INSIDE:
        return format("inside(in%u)", instr.a);
      case RDU_OP_INDEX:
        return loop_name(node_, instr.a);
      case RDU_OP_ACC:
        return "acc";
      case RDU_OP_CONST:
        return constant(instr);
      case RDU_OP_RNG:
        return format("rng(%lld, %s)", static_cast<long long>(instr.imm.i),
                      base::dtype_name(instr.dtype));
      case RDU_OP_CAST:
        return format("%s(%s)", base::dtype_name(instr.dtype),
                      unparenthesised(registers_[instr.a]).c_str());
      default:
        return operation(instr);
    }
  }

  static std::string constant(const rdu_instr& instr) {
    const bool is_float = base::is_float(instr.dtype);
    return number_text(instr.dtype, is_float ? instr.imm.f : 0, is_float ? 0 : instr.imm.i);
  }

  std::string operation(const rdu_instr& instr) const {
    if (const char* infix = infix_of(instr.op)) {
      return "(" + registers_[instr.a] + " " + infix + " " + registers_[instr.b] + ")";
    }
    std::string text = lower(op_name(instr.op)) + "(";
    const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
    for (std::uint32_t k = 0; k < op_operands(instr.op); ++k) {
      text += (k == 0 ? "" : ", ") + unparenthesised(registers_[operands[k]]);
    }
    if (instr.op == RDU_OP_ISINF) {
      constexpr const char* kSigns[] = {"none", "+", "-", "+-"};
      text += std::string(", ") + kSigns[instr.imm.i & 3];
    }
    return text + ")";
  }

  static std::string unparenthesised(const std::string& text) {
    return text.front() == '(' ? text.substr(1, text.size() - 2) : text;
  }

  const rdu_node& node_;
  Slice<rdu_instr> instrs_;
  Slice<std::uint32_t> results_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::string> registers_;
};

}  // namespace

std::string loop_name(const rdu_node& node, std::uint32_t loop) {
  return loop < node.num_parallel ? format("i%u", loop) : format("r%u", loop - node.num_parallel);
}

std::string number_text(rdu_dtype dtype, double f, std::int64_t i) {
  if (dtype == RDU_DTYPE_BOOL) return i != 0 ? "true" : "false";
  if (dtype == RDU_DTYPE_U64) return format("%llu", static_cast<unsigned long long>(i));
  if (!base::is_float(dtype)) return format("%lld", static_cast<long long>(i));
  if (std::isnan(f)) return "nan";
  if (std::isinf(f)) return f > 0 ? "inf" : "-inf";
  // As few digits as give the same number of the dtype again; 9 are enough for a float, 17 for a double.
  const bool narrow = dtype != RDU_DTYPE_F64 && static_cast<double>(static_cast<float>(f)) == f;
  for (const int digits : {6, 9, 16}) {
    std::string text = format("%.*g", digits, f);
    const double again =
        narrow ? std::strtof(text.c_str(), nullptr) : std::strtod(text.c_str(), nullptr);
    if (again == f) return text;
  }
  return format("%.17g", f);
}

std::string program_text(const rdu_graph& graph, const rdu_node& node,
                         const rdu_program_code& code) {
  return ProgramText(graph, node, code).run();
}

}  // namespace rdu::artifact
