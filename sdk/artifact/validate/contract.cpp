// C: a contraction is a sum of products p · q, and its loops say where p and q may go.
#include <vector>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/parts.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

Result<void> check_roles(const NodeScope& scope) {
  for (std::uint32_t i = 0; i < scope.node.num_loops; ++i) {
    const std::uint32_t role = scope.loops()[i].role;
    const bool parallel = i < scope.node.num_parallel;
    const bool fits = parallel ? role == RDU_LOOP_BATCH || role == RDU_LOOP_M || role == RDU_LOOP_N
                               : role == RDU_LOOP_K || role == RDU_LOOP_WINDOW;
    if (!fits) {
      return scope.broken("C2", "%s loop %u has role %u", parallel ? "parallel" : "reduction", i,
                          role);
    }
  }
  return {};
}

// The reads that each register of the body depends on, as far as read 0 and 1 and forbidden loops are concerned.
struct Dependence {
  bool first = false;   // read 0
  bool second = false;  // read 1
  std::uint32_t loops = 0;
  bool position = false;  // INDEX or RNG
};

std::vector<Dependence> dependences(const NodeScope& scope) {
  const rdu_program_code& body = scope.node.body;
  std::vector<Dependence> registers;
  for (const auto& instr :
       slice<rdu_instr>(scope.graph.instrs, body.first_instr, body.num_instrs)) {
    Dependence d;
    if (instr.op == RDU_OP_LOAD || instr.op == RDU_OP_INSIDE) {
      const rdu_read& read = scope.reads()[instr.a];
      d.first = instr.a == 0;
      d.second = instr.a == 1;
      d.loops = loops_of_access(scope, read.value, read.first_index);
    } else if (instr.op == RDU_OP_INDEX || instr.op == RDU_OP_RNG) {
      d.position = true;
    } else if (instr.op != RDU_OP_CONST) {
      const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
      for (std::uint32_t k = 0; k < op_operands(instr.op); ++k) {
        const Dependence& other = registers[operands[k]];
        d.first |= other.first;
        d.second |= other.second;
        d.loops |= other.loops;
        d.position |= other.position;
      }
    }
    registers.push_back(d);
  }
  return registers;
}

Result<void> check_operands(const NodeScope& scope) {
  std::uint32_t m_loops = 0;
  std::uint32_t n_loops = 0;
  for (std::uint32_t i = 0; i < scope.node.num_loops; ++i) {
    if (scope.loops()[i].role == RDU_LOOP_M) m_loops |= 1u << i;
    if (scope.loops()[i].role == RDU_LOOP_N) n_loops |= 1u << i;
  }
  const auto registers = dependences(scope);
  const auto result = [&](std::uint32_t i) {
    return registers[at<std::uint32_t>(scope.graph.results, scope.node.body.first_result + i)];
  };
  const Dependence p = result(0);
  const Dependence q = result(1);
  if (!p.first || p.second || !q.second || q.first || p.position || q.position) {
    return scope.broken("C3", "p must come from read 0 and q from read 1 alone");
  }
  if ((p.loops & n_loops) != 0 || (q.loops & m_loops) != 0) {
    return scope.broken("C4", "p moves with an N loop or q with an M loop");
  }
  return {};
}

bool can_multiply(rdu_dtype from, rdu_dtype acc) {
  if (base::is_packed(from) || from == RDU_DTYPE_BOOL) return false;
  if (from == acc) return true;
  const bool same_class = base::is_float(from) ? base::is_float(acc) : base::is_integer(acc);
  return same_class && base::dtype_bits(acc) > base::dtype_bits(from);
}

}  // namespace

base::Result<void> check_contract(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  if (node.combine != RDU_COMBINE_ADD || node.num_reads < 2 || node.body.num_results != 2) {
    return scope.broken("C1",
                        "combine %u, %u reads and %u results of the body; a contraction adds "
                        "products of 2 results from 2 reads or more",
                        node.combine, node.num_reads, node.body.num_results);
  }
  RDU_TRY(require_absent(scope, "C1", kScatterBase | kControlFlow));
  RDU_TRY(check_roles(scope));
  RDU_TRY(check_operands(scope));
  for (const std::uint32_t operand : {0u, 1u}) {
    const rdu_dtype dtype = result_dtype(scope, node.body, operand);
    if (!can_multiply(dtype, node.acc_dtype)) {
      return scope.broken("C6", "%s is %s, which cannot be multiplied in %s",
                          operand == 0 ? "p" : "q", base::dtype_name(dtype),
                          base::dtype_name(node.acc_dtype));
    }
  }
  return check_results(scope, "C7", node.epilogue);
}

}  // namespace rdu::artifact
