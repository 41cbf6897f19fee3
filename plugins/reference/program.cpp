// Decoding resolves what is implicit in the file (operand dtypes, rounded constants); evaluation is one switch.
#include "plugins/reference/program.hpp"

#include <algorithm>

namespace rdu::reference {
namespace {

Scalar immediate(const rdu_instr& instr) {
  if (instr.op == RDU_OP_CONST && plugin::is_float(instr.dtype)) {
    return of_float(round_to(instr.dtype, instr.imm.f));
  }
  if (instr.op == RDU_OP_CONST) return of_integer(wrap_to(instr.dtype, instr.imm.i));
  return of_integer(instr.imm.i);
}

bool names_a_read(std::uint32_t op) { return op == RDU_OP_LOAD || op == RDU_OP_INSIDE; }

}  // namespace

Program decode(const plugin::Graph& graph, const rdu_node& node, const rdu_program_code& code) {
  Program program;
  for (const rdu_instr& instr : graph.instrs(code)) {
    Instruction out;
    out.op = instr.op;
    out.dtype = instr.dtype;
    out.imm = immediate(instr);
    const std::uint32_t operands = plugin::num_operands(instr.op);
    if (operands >= 1 || names_a_read(instr.op) || instr.op == RDU_OP_INDEX) out.a = instr.a;
    if (operands >= 2) out.b = instr.b;
    if (operands >= 3) out.c = instr.c;
    if (operands >= 1) out.operand = program.code[out.a].dtype;
    if (instr.op == RDU_OP_LOAD) out.dtype = graph.value(graph.reads(node)[instr.a].value).dtype;
    if (names_a_read(instr.op)) program.reads.push_back(instr.a);
    program.code.push_back(out);
  }
  std::sort(program.reads.begin(), program.reads.end());
  program.reads.erase(std::unique(program.reads.begin(), program.reads.end()), program.reads.end());
  for (const std::uint32_t result : graph.results(code)) program.results.push_back(result);
  return program;
}

void evaluate(const Program& program, const Point& point, Scalar* registers) {
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& in = program.code[i];
    switch (in.op) {
      case RDU_OP_LOAD:
        registers[i] = point.reads[in.a].read();
        break;
      case RDU_OP_INDEX:
        registers[i] = of_integer(point.domain->position[in.a]);
        break;
      case RDU_OP_INSIDE:
        registers[i] = of_integer(point.reads[in.a].inside());
        break;
      case RDU_OP_ACC:
        registers[i] = point.accumulated;
        break;
      case RDU_OP_RNG:
        registers[i] = of_float(random_uniform(
            in.dtype, static_cast<std::uint64_t>(in.imm.i),
            static_cast<std::uint64_t>(point.domain->row_major(0, point.num_loops))));
        break;
      default:
        registers[i] = apply(in, registers);
    }
  }
}

}  // namespace rdu::reference
