// Straight-line programs: renumbering, common and dead instructions, splicing.
#include "tools/rducc/ir/program.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

namespace rducc::ir {
namespace {

constexpr int kNumOperands[] = {
#define X(name, number, operands) operands,
    RDU_BODY_OPS(X)
#undef X
};

bool is_operation(const Instr& instr) { return kNumOperands[instr.op] > 0; }

bool is_cheap_op(rdu_body_op op) {
  switch (op) {
    case RDU_OP_CAST:
    case RDU_OP_ADD:
    case RDU_OP_SUB:
    case RDU_OP_MUL:
    case RDU_OP_FMA:
    case RDU_OP_MIN:
    case RDU_OP_MAX:
    case RDU_OP_NEG:
    case RDU_OP_ABS:
    case RDU_OP_FLOOR:
    case RDU_OP_CEIL:
    case RDU_OP_ROUND:
    case RDU_OP_TRUNC:
    case RDU_OP_SELECT:
      return true;
    default:
      return op >= RDU_OP_EQ && op <= RDU_OP_SHR;
  }
}

using Key = std::tuple<rdu_body_op, rdu_dtype, std::uint32_t, std::uint32_t, std::uint32_t,
                       std::uint64_t, std::int64_t>;

Key key_of(const Instr& instr) {
  return {instr.op,   instr.dtype, instr.a,
          instr.b,    instr.c,     std::bit_cast<std::uint64_t>(instr.imm.f),
          instr.imm.i};
}

Program share_common(const Program& program) {
  Program result;
  std::map<Key, std::uint32_t> known;
  std::vector<std::uint32_t> registers;
  for (Instr instr : program.code) {
    for_each_operand(instr, [&](std::uint32_t& operand) { operand = registers[operand]; });
    const auto next = static_cast<std::uint32_t>(result.code.size());
    const auto [entry, fresh] = known.try_emplace(key_of(instr), next);
    if (fresh) result.code.push_back(instr);
    registers.push_back(entry->second);
  }
  for (const std::uint32_t r : program.results) result.results.push_back(registers[r]);
  return result;
}

Program drop_dead(const Program& program) {
  std::vector<bool> live(program.code.size(), false);
  for (const std::uint32_t r : program.results) live[r] = true;
  for (std::size_t i = program.code.size(); i-- > 0;) {
    Instr instr = program.code[i];
    if (live[i]) for_each_operand(instr, [&](std::uint32_t& operand) { live[operand] = true; });
  }
  Program result;
  std::vector<std::uint32_t> registers(program.code.size(), 0);
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    if (!live[i]) continue;
    Instr instr = program.code[i];
    for_each_operand(instr, [&](std::uint32_t& operand) { operand = registers[operand]; });
    registers[i] = static_cast<std::uint32_t>(result.code.size());
    result.code.push_back(instr);
  }
  for (const std::uint32_t r : program.results) result.results.push_back(registers[r]);
  return result;
}

}  // namespace

void for_each_operand(Instr& instr, const std::function<void(std::uint32_t&)>& visit) {
  const int count = kNumOperands[instr.op];
  if (count > 0) visit(instr.a);
  if (count > 1) visit(instr.b);
  if (count > 2) visit(instr.c);
}

bool uses_read(const Instr& instr) { return instr.op == RDU_OP_LOAD || instr.op == RDU_OP_INSIDE; }

Program simplify(const Program& program) { return drop_dead(share_common(program)); }

Program rewrite(const Program& program, const std::function<Expand(const Instr&)>& expand) {
  Program result;
  std::vector<std::uint32_t> registers;
  for (Instr instr : program.code) {
    if (const Expand replacement = expand(instr)) {
      registers.push_back(replacement(result.code));
      continue;
    }
    for_each_operand(instr, [&](std::uint32_t& operand) { operand = registers[operand]; });
    result.code.push_back(instr);
    registers.push_back(static_cast<std::uint32_t>(result.code.size() - 1));
  }
  for (const std::uint32_t r : program.results) result.results.push_back(registers[r]);
  return simplify(result);
}

std::uint32_t append_program(std::vector<Instr>& code, const Program& inner, std::size_t result,
                             const std::function<Expand(Instr&)>& adapt) {
  std::vector<std::uint32_t> registers;
  for (Instr instr : inner.code) {
    for_each_operand(instr, [&](std::uint32_t& operand) { operand = registers[operand]; });
    if (const Expand replacement = adapt(instr)) {
      registers.push_back(replacement(code));
      continue;
    }
    code.push_back(instr);
    registers.push_back(static_cast<std::uint32_t>(code.size() - 1));
  }
  return registers[inner.results[result]];
}

bool is_cheap(const Program& program, std::size_t most) {
  const bool all_cheap = std::all_of(program.code.begin(), program.code.end(), [](const Instr& i) {
    return !is_operation(i) || is_cheap_op(i.op);
  });
  return all_cheap && num_operations(program) <= most;
}

std::size_t num_operations(const Program& program) {
  return static_cast<std::size_t>(
      std::count_if(program.code.begin(), program.code.end(), is_operation));
}

bool has_op(const Program& program, rdu_body_op op) {
  return std::any_of(program.code.begin(), program.code.end(),
                     [op](const Instr& instr) { return instr.op == op; });
}

bool is_copy(const Program& program) {
  return program.code.size() == 1 && program.code[0].op == RDU_OP_LOAD &&
         program.results.size() == 1;
}

}  // namespace rducc::ir
