// The coordinate arithmetic of Resize, without a graph: tables of positions and weights.
#include "tools/rducc/import/onnx/ops/resize_taps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace rducc::import_onnx {
namespace {

std::int64_t nearest_position(double x, const std::string& rule) {
  if (rule == "floor") return static_cast<std::int64_t>(std::floor(x));
  if (rule == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  if (rule == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
  return static_cast<std::int64_t>(std::ceil(x - 0.5));
}

double linear_weight(double distance) { return std::max(0.0, 1 - std::abs(distance)); }

double cubic_weight(double distance, double a) {
  const double x = std::abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

// The kernel's half width in input elements; antialiasing widens it when the axis shrinks.
double support(const ResizeAxis& axis, const ResizeRule& rule) {
  const double radius = rule.mode == ResizeMode::kLinear ? 1 : 2;
  return rule.antialias ? radius / std::min(axis.scale, 1.0) : radius;
}

// Weights that must sum to 1 again after antialiasing or after outside taps were dropped.
void normalise(double* weights, std::int64_t count) {
  const double sum = std::accumulate(weights, weights + count, 0.0);
  if (sum == 0) return;
  for (std::int64_t k = 0; k < count; ++k) weights[k] /= sum;
}

}  // namespace

double input_coordinate(const ResizeAxis& axis, const std::string& coordinates, std::int64_t o) {
  const auto out = static_cast<double>(o), in = static_cast<double>(axis.input);
  const double length = axis.scale * in;
  if (coordinates == "asymmetric") return out / axis.scale;
  if (coordinates == "align_corners") return length == 1 ? 0 : out * (in - 1) / (length - 1);
  if (coordinates == "pytorch_half_pixel" && !(length > 1)) return 0;
  if (coordinates == "tf_half_pixel_for_nn") return (out + 0.5) / axis.scale;
  if (coordinates == "tf_crop_and_resize") {
    const double width = (axis.roi_end - axis.roi_start) * (in - 1);
    if (!(axis.output > 1)) return 0.5 * (axis.roi_start + axis.roi_end) * (in - 1);
    return axis.roi_start * (in - 1) + out * width / static_cast<double>(axis.output - 1);
  }
  const double half_pixel = (out + 0.5) / axis.scale - 0.5;
  if (coordinates == "half_pixel_symmetric") {
    return half_pixel + in / 2 * (1 - static_cast<double>(axis.output) / length);
  }
  return half_pixel;
}

AxisTaps resize_taps(const ResizeAxis& axis, const ResizeRule& rule) {
  AxisTaps taps;
  const bool nearest = rule.mode == ResizeMode::kNearest;
  const std::int64_t before =
      nearest ? 0 : static_cast<std::int64_t>(std::ceil(support(axis, rule))) - 1;
  taps.count = nearest ? 1 : 2 * (before + 1);
  const double squeeze = rule.antialias ? std::min(axis.scale, 1.0) : 1.0;
  for (std::int64_t o = 0; o < axis.output; ++o) {
    const double x = input_coordinate(axis, rule.coordinates, o);
    taps.inside.push_back(x >= 0 && x <= static_cast<double>(axis.input - 1));
    if (nearest) {
      taps.first.push_back(nearest_position(x, rule.nearest));
      taps.weights.push_back(1);
      continue;
    }
    const std::int64_t first = static_cast<std::int64_t>(std::floor(x)) - before;
    taps.first.push_back(first);
    for (std::int64_t k = 0; k < taps.count; ++k) {
      const std::int64_t at = first + k;
      const double distance = (static_cast<double>(at) - x) * squeeze;
      const bool dropped = rule.exclude_outside && (at < 0 || at >= axis.input);
      taps.weights.push_back(dropped ? 0
                             : rule.mode == ResizeMode::kLinear
                                 ? linear_weight(distance)
                                 : cubic_weight(distance, rule.cubic_a));
    }
    if (rule.exclude_outside || rule.antialias) {
      normalise(&taps.weights[taps.weights.size() - static_cast<std::size_t>(taps.count)],
                taps.count);
    }
  }
  return taps;
}

// For a slope and a divisor each position leaves an interval for the offset; any common one will do.
AffineFit fit_affine(const std::vector<std::int64_t>& first, const ResizeAxis& axis) {
  const auto try_slope = [&first](std::int64_t slope, std::int64_t div) {
    std::int64_t low = std::numeric_limits<std::int64_t>::min(), high = -(low + 1);
    for (std::size_t o = 0; o < first.size(); ++o) {
      const std::int64_t at = div * first[o] - slope * static_cast<std::int64_t>(o);
      low = std::max(low, at);
      high = std::min(high, at + div - 1);
    }
    return AffineFit{low <= high && !first.empty(), slope, low, div};
  };
  const auto try_ratio = [&](std::int64_t in, std::int64_t out) {
    const std::int64_t g = std::gcd(in, out);
    const AffineFit fit = try_slope(in / g, out / g);
    return fit.found ? fit : try_slope(2 * in / g, 2 * out / g);
  };
  if (axis.input < 1 || axis.output < 1) return {};
  const AffineFit fit = try_ratio(axis.input, axis.output);
  if (fit.found || axis.input < 2 || axis.output < 2) return fit;
  return try_ratio(axis.input - 1, axis.output - 1);
}

}  // namespace rducc::import_onnx
