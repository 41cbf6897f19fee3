// What each output position of a resized axis reads: a first input position and a weight per tap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rducc::import_onnx {

enum class ResizeMode { kNearest, kLinear, kCubic };

// One axis and how its coordinates are meant.
struct ResizeAxis {
  std::int64_t input = 1;
  std::int64_t output = 1;
  double scale = 1;
  double roi_start = 0;  // tf_crop_and_resize
  double roi_end = 1;
};

struct ResizeRule {
  ResizeMode mode = ResizeMode::kNearest;
  std::string coordinates = "half_pixel";
  std::string nearest = "round_prefer_floor";
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

struct AxisTaps {
  std::int64_t count = 1;           // taps per output position, at consecutive input positions
  std::vector<std::int64_t> first;  // per output position; may lie outside the input
  std::vector<double> weights;      // [output, count]
  std::vector<bool> inside;         // is the coordinate itself within the input
};

// Where output position `o` lies in the input's coordinates.
double input_coordinate(const ResizeAxis& axis, const std::string& coordinates, std::int64_t o);

AxisTaps resize_taps(const ResizeAxis& axis, const ResizeRule& rule);

// Coefficients with floor((slope * o + offset) / div) == first[o] for every o.
struct AffineFit {
  bool found = false;
  std::int64_t slope = 1, offset = 0, div = 1;
};
AffineFit fit_affine(const std::vector<std::int64_t>& first, const ResizeAxis& axis);

}  // namespace rducc::import_onnx
