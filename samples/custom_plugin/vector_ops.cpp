// Each operation is one scalar formula, applied lane by lane in a loop that the compiler can vectorise.
#include "vector_ops.hpp"

#include <rdu/body_ops.h>

#include <cmath>

namespace mapper {
namespace {

template <auto kFormula>
void lane_by_lane(const float* a, const float* b, const float* c, float* __restrict out,
                  std::int64_t lanes) {
  for (std::int64_t i = 0; i < lanes; ++i) out[i] = kFormula(a[i], b[i], c[i]);
}

// The specification (body_ops.h) wants NaN when an operand is NaN; std::min and std::fmin differ from it and each other.
float min_or_nan(float a, float b) { return a < b || std::isnan(a) ? a : b; }
float max_or_nan(float a, float b) { return a > b || std::isnan(a) ? a : b; }

}  // namespace

VectorOp find_vector_op(std::uint32_t op) {
  switch (op) {
    case RDU_OP_ADD:
      return lane_by_lane<[](float a, float b, float) { return a + b; }>;
    case RDU_OP_SUB:
      return lane_by_lane<[](float a, float b, float) { return a - b; }>;
    case RDU_OP_MUL:
      return lane_by_lane<[](float a, float b, float) { return a * b; }>;
    case RDU_OP_DIV:
      return lane_by_lane<[](float a, float b, float) { return a / b; }>;
    case RDU_OP_FMA:
      return lane_by_lane<[](float a, float b, float c) { return std::fma(a, b, c); }>;
    case RDU_OP_MIN:
      return lane_by_lane<[](float a, float b, float) { return min_or_nan(a, b); }>;
    case RDU_OP_MAX:
      return lane_by_lane<[](float a, float b, float) { return max_or_nan(a, b); }>;
    case RDU_OP_NEG:
      return lane_by_lane<[](float a, float, float) { return -a; }>;
    case RDU_OP_ABS:
      return lane_by_lane<[](float a, float, float) { return std::fabs(a); }>;
    case RDU_OP_SQRT:
      return lane_by_lane<[](float a, float, float) { return std::sqrt(a); }>;
    case RDU_OP_RCP:
      return lane_by_lane<[](float a, float, float) { return 1 / a; }>;
    case RDU_OP_EXP:
      return lane_by_lane<[](float a, float, float) { return std::exp(a); }>;
    case RDU_OP_LOG:
      return lane_by_lane<[](float a, float, float) { return std::log(a); }>;
    case RDU_OP_TANH:
      return lane_by_lane<[](float a, float, float) { return std::tanh(a); }>;
    case RDU_OP_ERF:
      return lane_by_lane<[](float a, float, float) { return std::erf(a); }>;
    default:
      return nullptr;
  }
}

}  // namespace mapper
