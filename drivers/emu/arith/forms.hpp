// The chip's arithmetic over blocks of words: one table per instruction set of the host, all of them equal to the bit to
// the definitions. No function allocates, fails or looks at any state but its arguments and the floating-point
// environment, which must be the default one (environment.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "drivers/emu/arith/ops.hpp"

namespace rdu_hw::arith {

// One vector after another, `lanes` words each. Lane l of vector v is used when bit l of masks[v] is set; a null `masks`
// uses all.
struct Vectors {
  const Word* words;
  const std::uint64_t* masks;
  unsigned lanes;  // 1 to kMaxLanes
  std::size_t count;
};

// c[m, n] += sum over k of a[m, k] · b[k, n]. Strides are in elements; n is dense in b and in c.
struct SystolicBlock {
  Word* c;
  std::size_t c_row;
  const void* a;
  std::size_t a_row, a_step;
  const void* b;
  std::size_t b_step;
  std::size_t rows, columns, steps;  // m, n, k
};

// Results may be the same words as an operand; otherwise they do not overlap it.
struct Forms {
  const char* isa;  // "scalar": the definitions themselves; "baseline", "avx2", "avx512"

  // Operands that an operation does not have are not read.
  using Elementwise = void (*)(Word* results, const Word* a, const Word* b, const Word* c,
                               std::size_t n);
  Elementwise op[kNumOps];

  // One result per vector: what its lanes come to in the reduction tree.
  using Tree = void (*)(Word* results, const Vectors& vectors);
  Tree tree[kNumFolds];

  // As many registers as lanes; each takes its lane's word of one vector after another, itself on the left.
  using Accumulate = void (*)(Word* registers, const Vectors& vectors);
  Accumulate accumulate[kNumFolds];

  // As above, of values with their positions (one per word of the vectors).
  using PickTree = void (*)(Word* values, Word* positions, const Vectors& vectors,
                            const Word* vector_positions);
  PickTree pick_tree[kNumPicks];
  PickTree pick_accumulate[kNumPicks];

  // By the operands a and b; null where one is a float and the other an integer.
  using Systolic = void (*)(const SystolicBlock& block);
  Systolic systolic[kNumOperands][kNumOperands];

  // Between lanes and storage. Words become bf16 by rounding to nearest even; bytes are the low bits of words.
  void (*load_bf16)(Word* words, const std::uint16_t* stored, std::size_t n);
  void (*store_bf16)(std::uint16_t* stored, const Word* words, std::size_t n);
  void (*load_i8)(Word* words, const std::int8_t* stored, std::size_t n);
  void (*load_u8)(Word* words, const std::uint8_t* stored, std::size_t n);
  void (*store_byte)(std::uint8_t* stored, const Word* words, std::size_t n);

  Elementwise operator[](Op o) const { return op[static_cast<std::size_t>(o)]; }
  Systolic systolic_of(Operand a, Operand b) const {
    return systolic[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
  }
};

// The definitions, one lane at a time.
extern const Forms kScalarForms;

// The widest that this machine has.
const Forms& forms();

// By name; nullptr where there is none or this machine cannot run it.
const Forms* find_forms(const char* isa);

}  // namespace rdu_hw::arith
