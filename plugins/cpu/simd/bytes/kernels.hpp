// What the kernels for bytes in blocks of 16 channels are told.
//
// Sources are words: bytes as they are where the machine multiplies unsigned by signed bytes (signed ones moved by 128),
// 16-bit integers elsewhere. Four bytes of such words, neighbouring steps of a reduction, are multiplied at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu::cpu {

// What becomes of sums: y = clamp(float(sum + whole_bias) * scale + bias), as float, or as a byte
// saturate(round(y / divisor) + zero_point), or what a table has for that byte. Of channels there are whole blocks.
struct ByteResults {
  enum Kind : std::uint32_t { kUnsigned, kSigned, kFloats, kKinds };
  Kind kind;
  const std::int32_t* whole_bias;
  const float* scale;
  const float* bias;  // null: none, for bytes
  float low, high;
  // Of bytes: quotients below `least` and above `most`, both integers of at most 9 bits, are these. `factor` is about
  // scale / divisor, or 1 / divisor where there is a bias; NaN where that could be far off.
  float divisor, least, most;
  std::int32_t zero_point;
  const float* factor;
  bool within_32_bits;        // is no product with a factor, and no quotient, 2^31 or more, or NaN?
  const std::uint8_t* table;  // of 256, or null
};

// Points [0, count) of a line, times one panel of 16 * blocks output channels.
struct ByteLine {
  const std::byte* source;
  std::int64_t source_step;     // bytes from one point to the next
  const std::int32_t* offsets;  // bytes from a point to each of its quads
  std::size_t quads;
  const std::byte* panel;  // [quad][channel][step of the quad]
  std::size_t count, blocks;
  std::byte* out;
  std::int64_t out_block;  // bytes from one block to the next; points follow each other
  ByteResults results;     // of the panel's first channel
};

// A line of a depthwise convolution, of one block: each row of taps has its own source.
struct ByteDepthwiseLine {
  const std::byte* source;
  const std::int64_t* rows;  // bytes from the source to each row of taps
  std::size_t num_rows, taps;
  std::int64_t stride, dilation;  // points
  const std::byte* weights;       // [row][quad][channel][tap of the quad]
  std::size_t count;
  std::byte* out;
  ByteResults results;
};

struct ByteKernels {
  std::size_t word;                  // bytes
  std::size_t quad;                  // steps that are multiplied at once
  std::size_t tap_quad;              // taps of a depthwise convolution that are
  std::size_t blocks;                // of the widest panel
  bool moves_signed;                 // are signed bytes moved by 128?
  std::int32_t least_tap, most_tap;  // what a weight may be
  void (*line)(const ByteLine& line);
  void (*depthwise_line)(const ByteDepthwiseLine& line);
  // Words of bytes, by signedness.
  void (*words[2])(void* to, const void* bytes, std::size_t n);
  // to[i] = table[bytes[i]] of a table of 256; `to` may be `bytes`.
  void (*look_up)(void* to, const void* bytes, const std::uint8_t* table, std::size_t n);
  // to[i] = saturate(round(x[i] / *divisor) + *zero_point) of floats, by the signedness of the bytes.
  void (*quantise[2])(void* to, const void* x, const void* divisor, const void* zero_point,
                      std::size_t n);
};

inline constexpr std::size_t kByteSlack = 64;  // bytes that may be read after a source

}  // namespace rdu::cpu
