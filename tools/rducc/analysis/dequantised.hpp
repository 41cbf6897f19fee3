// Recognises the arithmetic of DequantizeLinear and QuantizeLinear in vector programs.
#pragma once

#include <optional>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// A number that a program has as a constant, or loads.
struct Parameter {
  rdu::artifact::Scalar constant;
  std::uint32_t read = RDU_NONE;  // NONE: the constant

  bool is_constant() const { return read == RDU_NONE; }
};

// (x - zero_point) · scale, the difference in I32 and the product in F32, maybe rounded to a narrower
// float after. x is an integer of at most 8 bits, loaded.
struct Dequantised {
  std::uint32_t x = 0;   // read
  Parameter zero_point;  // 0 where there is none
  Parameter scale;
};

// What register `result` of the program computes, where it is that and nothing else.
std::optional<Dequantised> match_dequantised(const rdu::artifact::Program& program,
                                             std::uint32_t result);
// A map with nothing else as its only result.
std::optional<Dequantised> match_dequantised(const rdu::artifact::Node& node);

bool is_narrow_integer(rdu_dtype dtype);  // at most 8 bits, not BOOL

// saturate(round(y / scale) + zero_point): the same scale and zero point that made y of some register
// x of the result's own dtype give x back. The register x, where `result` is such a round trip.
std::optional<std::uint32_t> match_round_trip(const rdu::artifact::Program& program,
                                              std::uint32_t result);

}  // namespace rducc::analysis
