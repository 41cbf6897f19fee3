// Vector programs of the graph as expressions of SIMD contexts.
#pragma once

#include <functional>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/target/rdu/flow.hpp"
#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {

// What a program finds in its context.
struct Surroundings {
  std::function<Value(std::uint32_t read)> element;  // of a read, where the context is
  std::function<rdu_dtype(std::uint32_t read)> dtype;
  std::function<Value(const Form& form)> integer;  // a sum over loops
  const Nest* nest = nullptr;
  Value accumulated = {};  // for an epilogue
  rdu_dtype acc_dtype = RDU_DTYPE_F32;
  bool stores = false;  // results go to values, which round what is stored there
  const rdu_hw_arch* arch = nullptr;
};

// The program's results. Declines operations that the chip has not.
std::vector<Value> emit_program(Simd& simd, const artifact::Program& program,
                                const Surroundings& around);

// Whether a result is the accumulator, but for rounding where it is stored.
bool stores_accumulator(const artifact::Program& program, std::uint32_t result);

// Σ coefficient · loop as an integer value; the loops are counters of the context.
Value emit_form(Simd& simd, const Form& form, std::span<const VariableId> order);

// RDU_HW_FOLD_ of a combine; declines what is none.
rdu_hw_fold fold_of(rdu_combine_op combine, rdu_dtype dtype);

}  // namespace rducc::rdu::lower
