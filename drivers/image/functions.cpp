// What a stage must be able to do for an operation: the table of the manual.
#include "drivers/image/functions.hpp"

#include <rdu_hw/arch.h>
#include <rdu_hw/ops.h>

namespace rdu_hw::image {

std::uint32_t functions_of(std::uint32_t op) {
  switch (op) {
    case RDU_HW_OP_DIV_F32:
    case RDU_HW_OP_DIV_I32:
    case RDU_HW_OP_REM_I32:
    case RDU_HW_OP_MOD_I32:
      return RDU_HW_FN_DIV;
    case RDU_HW_OP_RCP_F32:
      return RDU_HW_FN_RCP;
    case RDU_HW_OP_SQRT_F32:
      return RDU_HW_FN_SQRT;
    case RDU_HW_OP_RSQRT_F32:
      return RDU_HW_FN_RSQRT;
    case RDU_HW_OP_EXP_F32:
    case RDU_HW_OP_SINH_F32:
    case RDU_HW_OP_COSH_F32:
      return RDU_HW_FN_EXP;
    case RDU_HW_OP_LOG_F32:
    case RDU_HW_OP_ASINH_F32:
    case RDU_HW_OP_ACOSH_F32:
    case RDU_HW_OP_ATANH_F32:
      return RDU_HW_FN_LOG;
    case RDU_HW_OP_POW_F32:
      return RDU_HW_FN_EXP | RDU_HW_FN_LOG;
    case RDU_HW_OP_SIGMOID_F32:
      return RDU_HW_FN_SIGMOID;
    case RDU_HW_OP_TANH_F32:
      return RDU_HW_FN_TANH;
    case RDU_HW_OP_ERF_F32:
      return RDU_HW_FN_ERF;
    case RDU_HW_OP_SIN_F32:
      return RDU_HW_FN_SIN;
    case RDU_HW_OP_COS_F32:
      return RDU_HW_FN_COS;
    case RDU_HW_OP_TAN_F32:
    case RDU_HW_OP_ASIN_F32:
    case RDU_HW_OP_ACOS_F32:
    case RDU_HW_OP_ATAN_F32:
    case RDU_HW_OP_ATAN2_F32:
      return RDU_HW_FN_SIN | RDU_HW_FN_COS;
    case RDU_HW_OP_F32_OF_I32:
    case RDU_HW_OP_I32_OF_F32_TRUNC:
    case RDU_HW_OP_I32_OF_F32_NEAREST:
    case RDU_HW_OP_BF16_OF_F32:
      return RDU_HW_FN_CAST;
    default:
      return 0;
  }
}

std::uint32_t dtype_of_op(std::uint32_t op) {
  if (op <= RDU_HW_OP_IS_INF_F32) return RDU_HW_DTYPE_FP32;
  if (op <= RDU_HW_OP_GE_I32 || op == RDU_HW_OP_SHR_I32) return RDU_HW_DTYPE_INT32;
  switch (op) {
    case RDU_HW_OP_F32_OF_I32:
    case RDU_HW_OP_I32_OF_F32_TRUNC:
    case RDU_HW_OP_I32_OF_F32_NEAREST:
      return RDU_HW_DTYPE_FP32 | RDU_HW_DTYPE_INT32;
    case RDU_HW_OP_BF16_OF_F32:
      return RDU_HW_DTYPE_FP32 | RDU_HW_DTYPE_BF16;
    default:
      return 0;
  }
}

std::uint32_t dtype_of_fold(std::uint32_t fold) {
  if (fold <= RDU_HW_FOLD_MAX_F32) return RDU_HW_DTYPE_FP32;
  return fold <= RDU_HW_FOLD_MAX_I32 ? RDU_HW_DTYPE_INT32 : 0;
}

std::uint32_t dtype_of_pick(std::uint32_t pick) {
  return pick <= RDU_HW_PICK_MAX_LAST_F32 ? RDU_HW_DTYPE_FP32 : RDU_HW_DTYPE_INT32;
}

}  // namespace rdu_hw::image
