// Calls of oneDNN: products, and convolutions with their weights packed at load. Its types stay inside dnnl_call.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {

// What the call does to each element after the sum; `low` and `high` clamp.
struct PostOp {
  bool clamp = false;
  float low = 0, high = 0;
};

// c[m, n] = sum_k a[m, k] * b[k, n], each matrix of floats with a step of 1 along one dimension.
struct MatmulShape {
  std::int64_t m = 1, n = 1, k = 1;
  std::int64_t a_m = 0, a_k = 0, b_k = 0, b_n = 0, c_m = 0;  // strides; c's n steps by 1
};

// A product of a shape that only this call knows. Runs on this thread alone.
void multiply_any(const float* a, const float* b, float* c, const MatmulShape& shape);

// One image, `channels` input channels to `outputs` output channels in each of `groups` groups. Source and destination
// lie in blocks of 16 channels, the source of a first layer (blocked_source false) plainly.
struct ConvolutionShape {
  std::uint32_t spatial = 2;  // 1 to 3
  std::int64_t groups = 1, channels = 1, outputs = 1;
  std::int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, kernel[3] = {1, 1, 1};
  std::int64_t stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, pad[3] = {0, 0, 0};
  bool transposed = false;  // stride and pad are those of the convolution whose gradient this is
  bool blocked_source = true;
  bool interleaved_source = false;  // plainly, but the channels of a point side by side
  bool bias = false;
  PostOp post;

  // Channels of a point that are neighbours in memory.
  std::int64_t source_unit() const {
    if (interleaved_source) return channels;
    return blocked_source ? 16 : 1;
  }
};

// Strides of the plain weights [group, output, channel, kernel…], in elements.
struct WeightStrides {
  std::int64_t group = 0, output = 0, channel = 0, kernel[3] = {0, 0, 0};
};

class DnnlCall {
 public:
  // The weights of one call are those of output channels [first, first + outputs) of each group. Null: oneDNN declines.
  static std::unique_ptr<DnnlCall> convolution(const ConvolutionShape& shape,
                                               const WeightStrides& strides);
  ~DnnlCall();

  // Packed copies of weights that start at each of `firsts`, a piece each.
  void pack(const std::vector<const float*>& firsts, PackedMemory& packed);

  // Runs on this thread alone. `piece` names packed weights.
  void execute(const float* source, std::size_t piece, const float* bias, float* destination,
               std::byte* scratchpad) const;
  std::uint64_t scratchpad_bytes() const;
  std::uint64_t packed_bytes() const;

 private:
  struct Impl;
  explicit DnnlCall(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rdu::cpu
