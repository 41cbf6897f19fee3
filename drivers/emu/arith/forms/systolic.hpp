// Systolic blocks on the host: a tile of elements lives in vector registers and takes all steps, k ascending.
#pragma once

#include "drivers/emu/arith/forms.hpp"
#include "drivers/emu/arith/forms/vector.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

template <class A, class B>
struct Tile {
  using Wide = typename A::Wide;
  using Vector = typename VectorOf<Wide>::Type;
  Word* c;
  std::size_t c_row;
  const typename A::Stored* a;
  std::size_t a_row, a_step;
  const typename B::Stored* b;
  std::size_t b_step, steps;
};

template <std::size_t Rows, std::size_t Columns, class A, class B>
RDU_HW_ARITH_INLINE void run_tile(const Tile<A, B>& t) {
  using Vector = typename Tile<A, B>::Vector;
  Vector sum[Rows][Columns];
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t v = 0; v < Columns; ++v) {
      sum[r][v] = load<Vector>(t.c + r * t.c_row + v * kWidth);
    }
  }
  for (std::size_t k = 0; k < t.steps; ++k) {
    Vector b[Columns];
    for (std::size_t v = 0; v < Columns; ++v) b[v] = widened(B{}, t.b + k * t.b_step + v * kWidth);
    for (std::size_t r = 0; r < Rows; ++r) {
      const auto a = A::widened(t.a[r * t.a_row + k * t.a_step]);
      for (std::size_t v = 0; v < Columns; ++v) sum[r][v] = step(sum[r][v], a, b[v]);
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t v = 0; v < Columns; ++v) {
      Word* c = t.c + r * t.c_row + v * kWidth;
      for (std::size_t l = 0; l < kWidth; ++l) c[l] = word_of(sum[r][v][l]);
    }
  }
}

// As many vectors of elements as leave room in the registers for those of a step.
#if defined(__AVX512F__)
constexpr std::size_t kTileRows = 8, kTileColumns = 3;
#elif defined(__AVX2__)
constexpr std::size_t kTileRows = 4, kTileColumns = 3;
#else
constexpr std::size_t kTileRows = 4, kTileColumns = 1;
#endif

template <std::size_t Rows, std::size_t Columns, class A, class B>
void run_rows(Tile<A, B> t, std::size_t rows) {
  for (; rows >= Rows; rows -= Rows) {
    run_tile<Rows, Columns>(t);
    t.a += Rows * t.a_row;
    t.c += Rows * t.c_row;
  }
  if constexpr (Rows > 1) run_rows<Rows / 2, Columns>(t, rows);
}

template <class T>
void copy_columns(T* to, std::size_t to_row, const T* from, std::size_t from_row, std::size_t rows,
                  std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r) {
    __builtin_memcpy(to + r * to_row, from + r * from_row, columns * sizeof(T));
  }
}

// Fewer columns than a vector has: through padded copies of b and c, some steps and rows at a time. That an element is
// put down and taken up again between steps changes nothing.
template <class A, class B>
void run_narrow(const Tile<A, B>& t, std::size_t rows, std::size_t columns) {
  constexpr std::size_t kSteps = 64;
  typename B::Stored b[kSteps * kWidth] = {};
  Word c[kTileRows * kWidth] = {};
  for (std::size_t k = 0; k < t.steps; k += kSteps) {
    const std::size_t steps = t.steps - k < kSteps ? t.steps - k : kSteps;
    copy_columns(b, kWidth, t.b + k * t.b_step, t.b_step, steps, columns);
    for (std::size_t row = 0; row < rows; row += kTileRows) {
      const std::size_t num = rows - row < kTileRows ? rows - row : kTileRows;
      Word* elements = t.c + row * t.c_row;
      copy_columns(c, kWidth, elements, t.c_row, num, columns);
      const auto* a = t.a + row * t.a_row + k * t.a_step;
      run_rows<kTileRows, 1>(Tile<A, B>{c, kWidth, a, t.a_row, t.a_step, b, kWidth, steps}, num);
      copy_columns(elements, t.c_row, c, kWidth, num, columns);
    }
  }
}

template <class A, class B>
void systolic(const SystolicBlock& block) {
  Tile<A, B> t{block.c,      block.c_row,  static_cast<const typename A::Stored*>(block.a),
               block.a_row,  block.a_step, static_cast<const typename B::Stored*>(block.b),
               block.b_step, block.steps};
  std::size_t column = 0;
  const auto advance = [&](std::size_t by) {
    column += by;
    t.b += by;
    t.c += by;
  };
  constexpr std::size_t kWide = kTileColumns * kWidth;
  for (; column + kWide <= block.columns; advance(kWide))
    run_rows<kTileRows, kTileColumns>(t, block.rows);
  for (; column + kWidth <= block.columns; advance(kWidth)) run_rows<kTileRows, 1>(t, block.rows);
  if (column < block.columns) run_narrow(t, block.rows, block.columns - column);
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
