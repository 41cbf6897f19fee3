// B: vector programs. Every register has a type, and every operation the operands that <rdu/body_ops.h> gives it.
#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/immediate.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

constexpr std::uint32_t kMaxInstrs = 4096;

// What dtypes an operation takes, for its result and its operands alike except where check_special says otherwise.
enum class Domain {
  kSpecial,
  kNumeric,  // floats and whole-byte integers
  kFloat,
  kInteger,  // whole bytes
  kBits,     // integers and BOOL
  kCompare,  // operands of one dtype, BOOL result
};

Domain domain_of(std::uint32_t op) {
  switch (op) {
    case RDU_OP_ADD:
    case RDU_OP_SUB:
    case RDU_OP_MUL:
    case RDU_OP_DIV:
    case RDU_OP_REM:
    case RDU_OP_MOD:
    case RDU_OP_FMA:
    case RDU_OP_MIN:
    case RDU_OP_MAX:
    case RDU_OP_POW:
    case RDU_OP_NEG:
    case RDU_OP_ABS:
    case RDU_OP_SIGN:
      return Domain::kNumeric;
    case RDU_OP_ATAN2:
    case RDU_OP_SQRT:
    case RDU_OP_RSQRT:
    case RDU_OP_RCP:
    case RDU_OP_EXP:
    case RDU_OP_LOG:
    case RDU_OP_TANH:
    case RDU_OP_ERF:
    case RDU_OP_SIN:
    case RDU_OP_COS:
    case RDU_OP_TAN:
    case RDU_OP_ASIN:
    case RDU_OP_ACOS:
    case RDU_OP_ATAN:
    case RDU_OP_SINH:
    case RDU_OP_COSH:
    case RDU_OP_ASINH:
    case RDU_OP_ACOSH:
    case RDU_OP_ATANH:
    case RDU_OP_FLOOR:
    case RDU_OP_CEIL:
    case RDU_OP_ROUND:
    case RDU_OP_TRUNC:
    case RDU_OP_RNG:
      return Domain::kFloat;
    case RDU_OP_SHL:
    case RDU_OP_SHR:
      return Domain::kInteger;
    case RDU_OP_AND:
    case RDU_OP_OR:
    case RDU_OP_XOR:
    case RDU_OP_NOT:
      return Domain::kBits;
    case RDU_OP_EQ:
    case RDU_OP_NE:
    case RDU_OP_LT:
    case RDU_OP_LE:
    case RDU_OP_GT:
    case RDU_OP_GE:
      return Domain::kCompare;
    default:
      return Domain::kSpecial;
  }
}

bool belongs(rdu_dtype dtype, Domain domain) {
  switch (domain) {
    case Domain::kNumeric:
      return dtype != RDU_DTYPE_BOOL && !base::is_packed(dtype);
    case Domain::kFloat:
      return base::is_float(dtype);
    case Domain::kInteger:
      return base::is_integer(dtype) && !base::is_packed(dtype);
    case Domain::kBits:
      return dtype == RDU_DTYPE_BOOL || (base::is_integer(dtype) && !base::is_packed(dtype));
    case Domain::kCompare:
    case Domain::kSpecial:
      return !base::is_packed(dtype);
  }
  return false;
}

class ProgramCheck {
 public:
  ProgramCheck(const NodeScope& scope, const char* name, const rdu_program_code& code)
      : scope_(scope),
        name_(name),
        is_epilogue_(&code == &scope.node.epilogue),
        instrs_(slice<rdu_instr>(scope.graph.instrs, code.first_instr, code.num_instrs)),
        results_(slice<std::uint32_t>(scope.graph.results, code.first_result, code.num_results)) {}

  Result<void> run() const {
    if (instrs_.size() > kMaxInstrs) {
      return scope_.broken("B7", "the %s has %u instructions, the limit is %u", name_,
                           instrs_.size(), kMaxInstrs);
    }
    for (std::uint32_t i = 0; i < instrs_.size(); ++i) RDU_TRY(check_instr(i, instrs_[i]));
    for (const std::uint32_t result : results_) {
      if (result >= instrs_.size()) {
        return scope_.broken("B6", "the %s yields register %u of %u", name_, result,
                             instrs_.size());
      }
    }
    return {};
  }

 private:
  base::Error wrong(const char* rule, std::uint32_t i, const char* why) const {
    const rdu_instr& instr = instrs_[i];
    return scope_.broken(rule, "%s, instruction %u (%s %s): %s", name_, i, op_name(instr.op),
                         base::dtype_name(instr.dtype), why);
  }

  Result<void> check_instr(std::uint32_t i, const rdu_instr& instr) const {
    if (instr.op >= RDU_NUM_BODY_OPS || !base::is_dtype(instr.dtype)) {
      return scope_.broken("B1", "%s, instruction %u: operation %u of dtype %u is unknown", name_,
                           i, instr.op, instr.dtype);
    }
    const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
    for (std::uint32_t k = 0; k < op_operands(instr.op); ++k) {
      if (operands[k] >= i) return wrong("B2", i, "an operand is not computed before it");
    }
    const Domain domain = domain_of(instr.op);
    if (domain == Domain::kSpecial) return check_special(i, instr);
    const rdu_dtype dtype = domain == Domain::kCompare ? instrs_[instr.a].dtype : instr.dtype;
    if (domain == Domain::kCompare && instr.dtype != RDU_DTYPE_BOOL) {
      return wrong("B3", i, "a comparison yields bool");
    }
    if (!belongs(dtype, domain)) return wrong("B3", i, "the operation has no such dtype");
    for (std::uint32_t k = 0; k < op_operands(instr.op); ++k) {
      if (instrs_[operands[k]].dtype != dtype) return wrong("B3", i, "operands differ in dtype");
    }
    return {};
  }

  Result<void> check_special(std::uint32_t i, const rdu_instr& instr) const {
    switch (instr.op) {
      case RDU_OP_LOAD:
      case RDU_OP_INSIDE:
        return check_load(i, instr);
      case RDU_OP_CONST:
        if (!immediate_fits(instr.dtype, instr.imm.i)) return wrong("B5", i, "out of range");
        return {};
      case RDU_OP_INDEX:
        if (instr.a >= visible_loops()) return wrong("B4", i, "there is no such loop here");
        if (instr.dtype != RDU_DTYPE_I64) return wrong("B3", i, "a position is i64");
        return {};
      case RDU_OP_ACC:
        return check_acc(i, instr);
      case RDU_OP_ISNAN:
      case RDU_OP_ISINF:
        if (!base::is_float(instrs_[instr.a].dtype) || instr.dtype != RDU_DTYPE_BOOL) {
          return wrong("B3", i, "it tests a float and yields bool");
        }
        if (instr.op == RDU_OP_ISINF && (instr.imm.i < 0 || instr.imm.i > 3)) {
          return wrong("B5", i, "its mask has two bits");
        }
        return {};
      case RDU_OP_SELECT:
        if (instrs_[instr.a].dtype != RDU_DTYPE_BOOL || instrs_[instr.b].dtype != instr.dtype ||
            instrs_[instr.c].dtype != instr.dtype) {
          return wrong("B3", i, "it selects with bool between two of its own dtype");
        }
        return {};
      default:  // CAST
        return {};
    }
  }

  std::uint32_t visible_loops() const {
    return is_epilogue_ ? scope_.node.num_parallel : scope_.node.num_loops;
  }

  Result<void> check_load(std::uint32_t i, const rdu_instr& instr) const {
    if (instr.a >= scope_.node.num_reads) return wrong("B4", i, "there is no such read");
    const rdu_read& read = scope_.reads()[instr.a];
    const rdu_dtype expected =
        instr.op == RDU_OP_LOAD ? scope_.value(read.value).dtype : RDU_DTYPE_BOOL;
    if (instr.dtype != expected) return wrong("B3", i, "not the dtype of what it yields");
    const std::uint32_t loops = loops_of_access(scope_, read.value, read.first_index);
    if (loops >> visible_loops() != 0) {
      return wrong("B4", i, "the read moves with a reduction loop");
    }
    return {};
  }

  Result<void> check_acc(std::uint32_t i, const rdu_instr& instr) const {
    if (!is_epilogue_ || !reduces(scope_.node)) return wrong("B4", i, "there is nothing combined");
    const rdu_dtype expected =
        yields_position(scope_.node.combine) ? RDU_DTYPE_I64 : scope_.node.acc_dtype;
    if (instr.dtype != expected) return wrong("B3", i, "not the dtype of what is combined");
    return {};
  }

  const NodeScope& scope_;
  const char* name_;
  bool is_epilogue_;
  Slice<rdu_instr> instrs_;
  Slice<std::uint32_t> results_;
};

}  // namespace

base::Result<void> check_programs(const NodeScope& scope) {
  RDU_TRY(ProgramCheck(scope, "body", scope.node.body).run());
  return ProgramCheck(scope, "epilogue", scope.node.epilogue).run();
}

}  // namespace rdu::artifact
