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
  const float *scale, *bias;
  float low, high;
  // Of bytes: quotients below `least` and above `most`, both integers of at most 9 bits, are these.
  float divisor, least, most;
  std::int32_t zero_point;
  const std::uint8_t* table;  // of 256, or null
  // The same in integers of 2^-16: float(sum + whole_bias) * factor + offset, rounded down to a whole number, is the byte
  // before it is saturated, unless less than `margin` is left over.
  enum Fixed : std::uint32_t {
    kFits,     // never as much as 2^31
    kBounded,  // that may be
    kDivided   // factors could be far off
  };
  Fixed fixed;
  const float *factor, *offset;
  std::uint16_t margin;
};

// Points [0, count) of a line, times one panel of 16 * blocks output channels.
struct ByteLine {
  const std::byte* source;
  std::int64_t source_step;     // bytes from one point to the next
  const std::int32_t* offsets;  // bytes from a point to each of its quads
  std::size_t quads;
  std::size_t run;         // of these follow each other in the source; divides `quads`, at most 16
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

// Lines of a source as words, lanes of what is outside around them. Those of `to` follow each other.
struct ByteLines {
  const void* from;
  std::int64_t from_step;  // bytes from one line to the next
  void* to;
  std::size_t above, count, below;  // lines
  std::size_t left, inside, right;  // lanes of a line
  std::int16_t outside;             // as a word
};

struct ByteKernels {
  std::size_t word;                  // bytes
  std::size_t quad;                  // steps that are multiplied at once
  std::size_t tap_quad;              // taps of a depthwise convolution that are
  std::size_t blocks;                // of the widest panel
  bool moves_signed;                 // are signed bytes moved by 128?
  bool whole_blocks;                 // has every block of a source all of its quads?
  std::int32_t least_tap, most_tap;  // what a weight may be
  void (*line)(const ByteLine& line);
  void (*depthwise_line)(const ByteDepthwiseLine& line);
  // Words of bytes, by signedness.
  void (*words[2])(void* to, const void* bytes, std::size_t n);
  // Whole pieces of sources, by signedness.
  void (*stage[2])(const ByteLines& lines);
  // to[i] = table[bytes[i]] of a table of 256; `to` may be `bytes`.
  void (*look_up)(void* to, const void* bytes, const std::uint8_t* table, std::size_t n);
  // sums[channel] = the sum of bytes[point][channel] - zero over the points of a block, by signedness.
  void (*sum_points[2])(std::int32_t* sums, const void* bytes, std::size_t points,
                        std::int32_t zero);
  // to[i] = saturate(round(x[i] / *divisor) + *zero_point) of floats, by the signedness of the bytes.
  void (*quantise[2])(void* to, const void* x, const void* divisor, const void* zero_point,
                      std::size_t n);
};

#if defined(__x86_64__)
struct IntegerKernels;
extern const IntegerKernels kAmxIntegers;
#endif

inline constexpr std::size_t kByteSlack = 64;  // bytes that may be read after a source

}  // namespace rdu::cpu
