// Binary and variadic arithmetic with numpy's broadcasting: one map each.
#include <functional>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

template <rdu_body_op Op>
void import_binary(OpCall& call) {
  require_same_dtype(call, 0, 2);
  call.set_output(0, call.b().elementwise(call.dtype(0), {call.input(0), second_operand(call)},
                                          [](Body& b, std::span<const Reg> r) {
                                            b.result(b.binary(Op, r[0], r[1]));
                                          }));
}

// Min, Max, Sum: a left fold over any number of operands, in one map.
template <rdu_body_op Op>
void import_variadic(OpCall& call) {
  require_same_dtype(call, 0, call.num_inputs());
  const std::vector<ValueId> operands = call.inputs();
  if (operands.empty()) call.invalid("has no input");
  call.set_output(
      0, call.b().elementwise(call.dtype(0), operands, [](Body& b, std::span<const Reg> r) {
        Reg total = r[0];
        for (std::size_t i = 1; i < r.size(); ++i) total = b.binary(Op, total, r[i]);
        b.result(total);
      }));
}

void import_mean(OpCall& call) {
  require_same_dtype(call, 0, call.num_inputs());
  const std::vector<ValueId> operands = call.inputs();
  if (operands.empty()) call.invalid("has no input");
  call.set_output(
      0, call.b().elementwise(call.dtype(0), operands, [](Body& b, std::span<const Reg> r) {
        Reg total = r[0];
        for (std::size_t i = 1; i < r.size(); ++i) total = b.add(total, r[i]);
        b.result(b.div(total, b.like(total, static_cast<double>(r.size()))));
      }));
}

// The small whole exponents that multiplication computes: 1 to 4, or 0.
int whole_exponent(const OpCall& call) {
  const auto exponent = call.constant(1);
  if (!exponent || ir::num_elements(exponent->dims) != 1 || call.rank(1) > call.rank(0)) return 0;
  const double value = exponent->to_f64()[0];
  for (int n = 1; n <= 4; ++n) {
    if (value == n) return n;
  }
  return 0;
}

// The result has the base's type; the exponent may have any other. Integers go through F64.
void import_pow(OpCall& call) {
  const rdu_dtype dtype = call.dtype(0);
  if (const int n = whole_exponent(call)) {
    call.set_output(
        0, call.b().elementwise(dtype, {call.input(0)}, [n](Body& b, std::span<const Reg> r) {
          Reg power = r[0];
          for (int i = 1; i < n; ++i) power = b.mul(power, r[0]);
          b.result(power);
        }));
    return;
  }
  const bool same = dtype == call.dtype(1) && is_float(dtype);
  const rdu_dtype compute = same ? dtype : RDU_DTYPE_F64;
  call.set_output(
      0, call.b().elementwise(dtype, {call.input(0), second_operand(call)},
                              [=](Body& b, std::span<const Reg> r) {
                                const Reg base = b.cast(r[0], compute);
                                const Reg exponent = b.cast(r[1], compute);
                                b.result(b.cast(b.binary(RDU_OP_POW, base, exponent), dtype));
                              }));
}

void import_mod(OpCall& call) {
  const std::int64_t fmod = call.attr_i("fmod", 0);
  if (fmod == 0 && is_float(call.dtype(0))) {
    call.invalid("attribute fmod must be 1 for floating-point inputs, it is 0");
  }
  return fmod ? import_binary<RDU_OP_REM>(call) : import_binary<RDU_OP_MOD>(call);
}

void import_bit_shift(OpCall& call) {
  const std::string direction = call.attr_s("direction", "");
  if (direction == "LEFT") return import_binary<RDU_OP_SHL>(call);
  if (direction == "RIGHT") return import_binary<RDU_OP_SHR>(call);
  call.invalid("attribute direction must be LEFT or RIGHT, it is '" + direction + "'");
}

// Comparisons yield BOOL, whatever they compare.
template <rdu_body_op Op>
void import_comparison(OpCall& call) {
  require_same_dtype(call, 0, 2);
  call.set_output(0, call.b().elementwise(RDU_DTYPE_BOOL, {call.input(0), second_operand(call)},
                                          [](Body& b, std::span<const Reg> r) {
                                            b.result(b.binary(Op, r[0], r[1]));
                                          }));
}

void import_where(OpCall& call) {
  require_same_dtype(call, 1, 3);
  if (call.dtype(0) != RDU_DTYPE_BOOL) {
    call.invalid(std::string("input 0 must be of type bool, it is of ") +
                 ir::dtype_name(call.dtype(0)));
  }
  call.set_output(
      0, call.b().elementwise(
             call.dtype(1), {call.input(0), call.input(1), call.input(2)},
             [](Body& b, std::span<const Reg> r) { b.result(b.select(r[0], r[1], r[2])); }));
}

constexpr OpEntry kOps[] = {
    {"", "Add", 1, import_binary<RDU_OP_ADD>},
    {"", "And", 1, import_binary<RDU_OP_AND>},
    {"", "BitShift", 11, import_bit_shift},
    {"", "BitwiseAnd", 18, import_binary<RDU_OP_AND>},
    {"", "BitwiseOr", 18, import_binary<RDU_OP_OR>},
    {"", "BitwiseXor", 18, import_binary<RDU_OP_XOR>},
    {"", "Div", 1, import_binary<RDU_OP_DIV>},
    {"", "Equal", 1, import_comparison<RDU_OP_EQ>},
    {"", "Greater", 1, import_comparison<RDU_OP_GT>},
    {"", "GreaterOrEqual", 12, import_comparison<RDU_OP_GE>},
    {"", "Less", 1, import_comparison<RDU_OP_LT>},
    {"", "LessOrEqual", 12, import_comparison<RDU_OP_LE>},
    {"", "Max", 1, import_variadic<RDU_OP_MAX>},
    {"", "Mean", 1, import_mean},
    {"", "Min", 1, import_variadic<RDU_OP_MIN>},
    {"", "Mod", 10, import_mod},
    {"", "Mul", 1, import_binary<RDU_OP_MUL>},
    {"", "Or", 1, import_binary<RDU_OP_OR>},
    {"", "Pow", 1, import_pow},
    {"", "Sub", 1, import_binary<RDU_OP_SUB>},
    {"", "Sum", 1, import_variadic<RDU_OP_ADD>},
    {"", "Where", 9, import_where},
    {"", "Xor", 1, import_binary<RDU_OP_XOR>},
};

}  // namespace

std::span<const OpEntry> elementwise_ops() { return kOps; }

}  // namespace rducc::import_onnx
