// What a model computes in.
#pragma once

namespace rducc {

enum class Precision {
  kFp32,  // as the model says
  kBf16   // parameters and streams in bf16, sums and statistics in fp32
};

}  // namespace rducc
