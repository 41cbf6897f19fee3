// A vector program made ready: which registers are loaded, which kernels run on them, where they live.
#pragma once

#include <rdu/plugin.hpp>
#include <string>
#include <vector>

#include "plugins/cpu/access/lower.hpp"
#include "plugins/cpu/access/move_box.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Where a register comes from before any operation runs.
struct Feed {
  enum class Kind : std::uint8_t { kRead, kInside, kPosition, kRandom, kAccumulator };
  Kind kind = Kind::kRead;
  rdu_dtype dtype = RDU_DTYPE_NONE;
  std::uint32_t reg = 0;
  std::uint32_t slot = 0;
  std::uint32_t access = 0;  // read, inside
  std::uint64_t seed = 0;    // random
  LoopArray coef{};          // position, random
};

struct Operation {
  VectorFn fn = nullptr;
  std::uint32_t reg = 0;
  std::uint32_t slot = 0;
  std::uint32_t a = 0, b = 0, c = 0;
};

struct Constant {
  std::uint32_t reg = 0;
  std::uint32_t bytes = 0;  // of an element
  std::uint64_t bits = 0;
};

// Registers are numbered; those with memory of their own share slots as their lives allow.
struct Body {
  std::vector<Access> accesses;
  std::vector<Feed> feeds;
  std::vector<Operation> operations;
  std::vector<Constant> constants;
  std::vector<std::uint32_t> results;
  std::vector<rdu_dtype> result_dtypes;
  std::uint32_t num_registers = 0;
  std::uint32_t num_slots = 0;
  std::uint32_t element_bytes = 1;  // of the widest register

  // What shares the loops with the node.
  void add_users(LoopUsers& users);
  // Is the program one read, passed through?
  bool moves_only() const;
};

// What a program is compiled for.
struct BodySource {
  const NodeScope& scope;
  const Kernels& kernels;
  const rdu_node& node;
  rdu_program_code code;
  rdu_dtype accumulator = RDU_DTYPE_NONE;  // of ACC, in an epilogue
};

// The program must have passed check_program. Results come out in `result_dtypes` (one each; NONE: as computed).
Body compile_body(const BodySource& source, std::span<const rdu_dtype> result_dtypes);

// Likewise for what follows a reduction; an empty program passes the accumulator on.
Body compile_epilogue(const BodySource& source, std::span<const rdu_dtype> result_dtypes);

// Appends the product of results 0 and 1, converted to `dtype`, and makes it the only result.
void append_product(Body& body, const Kernels& kernels, rdu_dtype dtype);

}  // namespace rdu::cpu
