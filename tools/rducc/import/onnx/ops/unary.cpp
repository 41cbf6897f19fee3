// Functions of one operand that are one body operation, and the conversions of element type.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

template <rdu_body_op Op>
void import_unary(OpCall& call) {
  call.set_output(
      0, call.b().elementwise(call.dtype(0), {call.input(0)}, [](Body& b, std::span<const Reg> r) {
        b.result(b.unary(Op, r[0]));
      }));
}

// Functions that are defined for floats only.
template <rdu_body_op Op>
void import_float_unary(OpCall& call) {
  require_float(call, 0);
  import_unary<Op>(call);
}

void import_is_nan(OpCall& call) {
  require_float(call, 0);
  call.set_output(
      0, call.b().elementwise(RDU_DTYPE_BOOL, {call.input(0)},
                              [](Body& b, std::span<const Reg> r) { b.result(b.isnan(r[0])); }));
}

void import_is_inf(OpCall& call) {
  require_float(call, 0);
  const bool positive = call.attr_i("detect_positive", 1) != 0;
  const bool negative = call.attr_i("detect_negative", 1) != 0;
  call.set_output(0, call.b().elementwise(RDU_DTYPE_BOOL, {call.input(0)},
                                          [=](Body& b, std::span<const Reg> r) {
                                            b.result(b.isinf(r[0], positive, negative));
                                          }));
}

rdu_dtype named_dtype(const OpCall& call, const std::string& name) {
  constexpr std::pair<std::string_view, rdu_dtype> kNames[] = {
      {"FLOAT", RDU_DTYPE_F32},  {"DOUBLE", RDU_DTYPE_F64}, {"FLOAT16", RDU_DTYPE_F16},
      {"INT8", RDU_DTYPE_I8},    {"INT16", RDU_DTYPE_I16},  {"INT32", RDU_DTYPE_I32},
      {"INT64", RDU_DTYPE_I64},  {"UINT8", RDU_DTYPE_U8},   {"UINT16", RDU_DTYPE_U16},
      {"UINT32", RDU_DTYPE_U32}, {"UINT64", RDU_DTYPE_U64}, {"BOOL", RDU_DTYPE_BOOL}};
  for (const auto& [known, dtype] : kNames) {
    if (known == name) return dtype;
  }
  call.unsupported("attribute to = '" + name + "'");
}

// The element type is a number since opset 6 and was its name before.
void import_cast(OpCall& call) {
  if (!call.has_attr("to")) call.invalid("has no attribute to");
  const rdu_dtype dtype = call.opset() < 6 ? named_dtype(call, call.attr_s("to", ""))
                                           : dtype_attr(call, "to", RDU_DTYPE_NONE);
  call.set_output(0, call.b().cast(call.input(0), dtype));
}

void import_cast_like(OpCall& call) {
  call.set_output(0, call.b().cast(call.input(0), call.dtype(1)));
}

constexpr OpEntry kOps[] = {
    {"", "Abs", 1, import_unary<RDU_OP_ABS>},
    {"", "Acos", 7, import_float_unary<RDU_OP_ACOS>},
    {"", "Acosh", 9, import_float_unary<RDU_OP_ACOSH>},
    {"", "Asin", 7, import_float_unary<RDU_OP_ASIN>},
    {"", "Asinh", 9, import_float_unary<RDU_OP_ASINH>},
    {"", "Atan", 7, import_float_unary<RDU_OP_ATAN>},
    {"", "Atanh", 9, import_float_unary<RDU_OP_ATANH>},
    {"", "BitwiseNot", 18, import_unary<RDU_OP_NOT>},
    {"", "Cast", 1, import_cast},
    {"", "CastLike", 15, import_cast_like},
    {"", "Ceil", 1, import_float_unary<RDU_OP_CEIL>},
    {"", "Cos", 7, import_float_unary<RDU_OP_COS>},
    {"", "Cosh", 9, import_float_unary<RDU_OP_COSH>},
    {"", "Erf", 9, import_unary<RDU_OP_ERF>},
    {"", "Exp", 1, import_float_unary<RDU_OP_EXP>},
    {"", "Floor", 1, import_float_unary<RDU_OP_FLOOR>},
    {"", "IsInf", 10, import_is_inf},
    {"", "IsNaN", 9, import_is_nan},
    {"", "Log", 1, import_float_unary<RDU_OP_LOG>},
    {"", "Neg", 1, import_unary<RDU_OP_NEG>},
    {"", "Not", 1, import_unary<RDU_OP_NOT>},
    {"", "Reciprocal", 1, import_float_unary<RDU_OP_RCP>},
    {"", "Round", 11, import_float_unary<RDU_OP_ROUND>},
    {"", "Sign", 9, import_unary<RDU_OP_SIGN>},
    {"", "Sin", 7, import_float_unary<RDU_OP_SIN>},
    {"", "Sinh", 9, import_float_unary<RDU_OP_SINH>},
    {"", "Sqrt", 1, import_float_unary<RDU_OP_SQRT>},
    {"", "Tan", 7, import_float_unary<RDU_OP_TAN>},
    {"", "Tanh", 1, import_float_unary<RDU_OP_TANH>},
};

}  // namespace

std::span<const OpEntry> unary_ops() { return kOps; }

}  // namespace rducc::import_onnx
