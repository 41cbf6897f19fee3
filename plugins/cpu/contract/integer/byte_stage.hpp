// The part of a source that some results of a convolution need, as words, with what lies outside filled in: kernels then
// meet no border.
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// One dimension of a convolution.
struct ByteSpan {
  std::int64_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, pad = 0;

  // Positions under the windows of `count` results.
  std::int64_t under(std::int64_t count) const {
    return (count - 1) * stride + (taps - 1) * dilation + 1;
  }
  bool inside() const { return pad == 0 && under(out) <= in; }
};

// Results [line, line + lines) x [column, column + columns) of an image.
struct BytePiece {
  std::int64_t line = 0, lines = 1, column = 0, columns = 1;
};

struct ByteLayout {
  bool blocked = true;         // blocks of 16 channels follow each other, else planes
  std::int64_t channels = 1;   // all, or those of the last block
  std::int64_t units() const;  // blocks or planes
  std::int64_t lanes() const;  // of a point
};

class ByteStage {
 public:
  ByteStage() = default;
  // `from` is how the source lies, `to` how the words shall; `outside` is what lies around the source.
  ByteStage(const Kernels& kernels, const ByteKernels& bytes, const ByteSpan& y, const ByteSpan& x,
            ByteLayout from, ByteLayout to, bool is_signed, std::int32_t outside);

  // Most that a piece has, which decides the steps.
  void size(std::int64_t lines, std::int64_t columns);
  std::int64_t line_step() const { return line_step_; }  // bytes
  std::int64_t unit_step() const { return unit_step_; }
  std::uint64_t memory_bytes(std::int64_t units) const;

  // Units [first, first + count) of an image's source, from `memory` on.
  void load(const std::byte* source, const BytePiece& piece, std::int64_t first, std::int64_t count,
            std::byte* memory) const;

 private:
  void copy_lines(const std::byte* unit, std::int64_t top, std::int64_t lines, std::int64_t left,
                  std::int64_t width, std::byte* to) const;
  // From planes to the points of a block.
  void turn_line(const std::byte* source, std::int64_t unit, std::int64_t line, std::int64_t column,
                 std::int64_t width, std::byte* to, std::byte* turned) const;
  void fill(std::byte* to, std::int64_t lanes) const;

  const Kernels* kernels_ = nullptr;
  const ByteKernels* bytes_ = nullptr;
  ByteSpan y_, x_;
  ByteLayout from_, to_;
  bool signed_ = false;
  std::int16_t outside_ = 0;  // as a word
  std::int64_t line_step_ = 0, unit_step_ = 0, slack_ = 0;
};

}  // namespace rdu::cpu
