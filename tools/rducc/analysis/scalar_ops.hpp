// One instruction of a vector program on scalars: the compile-time meaning of <rdu/body_ops.h>.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// `operand` is the dtype of the first compared, cast or tested operand; the instruction's own
// dtype is that of its result. LOAD, INDEX, INSIDE, ACC and RNG are not functions of operands and
// are not handled here.
rdu::artifact::Scalar apply(const rdu::artifact::Instr& instr, rdu_dtype operand,
                            rdu::artifact::Scalar a, rdu::artifact::Scalar b,
                            rdu::artifact::Scalar c);

// The next state of a reduction; `add mul min max and or` and scatter's `replace`.
rdu::artifact::Scalar combine(rdu_combine_op op, rdu_dtype dtype, rdu::artifact::Scalar acc,
                              rdu::artifact::Scalar value);
rdu::artifact::Scalar identity(rdu_combine_op op, rdu_dtype dtype);

}  // namespace rducc::analysis
