// Element by element comparison against expected values.
#include "tools/rdu/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace rdu::tool {

namespace {

std::string format(const char* pattern, double a, double b) {
  char text[160];
  std::snprintf(text, sizeof(text), pattern, a, b);
  return text;
}

double largest_finite(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) {
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  }
  return largest;
}

// The difference of two elements: 0 where both are the same NaN or infinity, NaN where only one is.
double difference(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  if (std::isinf(a) || std::isinf(b)) return a == b ? 0 : std::nan("");
  return std::abs(a - b);
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  if (aa == 0 && bb == 0) return 1;
  if (aa == 0 || bb == 0) return 0;
  return dot / std::sqrt(aa * bb);
}

// How far what is expected where a row of `a` is largest may lie below the row's largest: what one element may differ by.
double allowed_lead(const Tolerance& tolerance, double range, double largest) {
  if (tolerance.range_tol >= 0) return tolerance.range_tol * range;
  if (tolerance.min_cosine > -2) return 0;
  const double atol = tolerance.atol >= 0 ? tolerance.atol : 1e-4 * range;
  return atol + tolerance.rtol * std::abs(largest);
}

bool same_top1(const std::vector<double>& a, const std::vector<double>& b, std::int64_t row,
               const Tolerance& tolerance, double range) {
  for (std::size_t at = 0; row > 0 && at < a.size(); at += static_cast<std::size_t>(row)) {
    const auto largest = [&](const std::vector<double>& v) {
      const auto begin = v.begin() + static_cast<std::ptrdiff_t>(at);
      return at + static_cast<std::size_t>(std::max_element(begin, begin + row) - begin);
    };
    const std::size_t found = largest(a), wanted = largest(b);
    const double lead = b[wanted] - b[found];
    if (found != wanted && !(lead <= allowed_lead(tolerance, range, b[wanted]))) return false;
  }
  return true;
}

Comparison compare_bits(const HostTensor& actual, const HostTensor& expected) {
  Comparison result;
  result.passed =
      actual.bytes.size() == expected.bytes.size() &&
      (actual.bytes.size() == 0 ||
       std::memcmp(actual.bytes.data(), expected.bytes.data(), actual.bytes.size()) == 0);
  if (!result.passed) result.reason = "the bits differ";
  return result;
}

void judge_elements(const std::vector<double>& a, const std::vector<double>& b, double atol,
                    double rtol, const HostTensor& actual, Comparison& result) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = difference(a[i], b[i]);
    if (d <= atol + rtol * (std::isfinite(b[i]) ? std::abs(b[i]) : 0)) continue;
    if (result.num_wrong++ == 0) {
      result.reason = "at " +
                      position_text(position_of(static_cast<std::int64_t>(i), actual.shape)) +
                      format(" is %.9g, expected %.9g", a[i], b[i]);
    }
  }
}

}  // namespace

std::vector<std::int64_t> position_of(std::int64_t element, std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> position(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    position[d] = element % shape[d];
    element /= shape[d];
  }
  return position;
}

std::string position_text(std::span<const std::int64_t> position) {
  std::string text;
  for (const std::int64_t index : position) {
    text += (text.empty() ? "" : ", ") + std::to_string(index);
  }
  return "[" + text + "]";
}

Comparison compare(const HostTensor& actual, const HostTensor& expected,
                   const Tolerance& tolerance) {
  Comparison result;
  if (actual.dtype != expected.dtype || actual.shape != expected.shape) {
    result.reason = "is " + type_text(actual.dtype, actual.shape) + ", expected " +
                    type_text(expected.dtype, expected.shape);
    return result;
  }
  const std::vector<double> a = actual.to_f64();
  const std::vector<double> b = expected.to_f64();
  const double range = largest_finite(b);
  bool unordered = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = difference(a[i], b[i]);
    unordered = unordered || std::isnan(d);
    const double size = std::isnan(d) ? INFINITY : d;
    if (result.worst < 0 || size > result.max_absolute) {
      result.worst = static_cast<std::int64_t>(i);
      result.worst_actual = a[i];
      result.worst_expected = b[i];
    }
    result.max_absolute = std::max(result.max_absolute, size);
  }
  result.max_relative = range > 0 ? result.max_absolute / range : result.max_absolute;
  result.cosine = cosine(a, b);
  if (tolerance.exact) {
    const Comparison bits = compare_bits(actual, expected);
    result.passed = bits.passed;
    result.reason = bits.reason;
    return result;
  }

  if (unordered || (tolerance.range_tol < 0 && tolerance.min_cosine <= -2)) {
    const double atol = tolerance.atol >= 0 ? tolerance.atol : 1e-4 * range;
    judge_elements(a, b, atol, tolerance.rtol, actual, result);
  } else if (tolerance.range_tol >= 0 && result.max_relative > tolerance.range_tol) {
    result.reason = format("max|a - b| / max|expected| is %.3g, allowed %.3g", result.max_relative,
                           tolerance.range_tol);
  } else if (tolerance.min_cosine > -2 && !(result.cosine >= tolerance.min_cosine)) {
    result.reason = format("cosine is %.6f, needed %.6f", result.cosine, tolerance.min_cosine);
  }
  if (result.reason.empty() && tolerance.top1 && !actual.shape.empty() &&
      !same_top1(a, b, actual.shape.back(), tolerance, range)) {
    result.reason = "the largest element is at another position";
  }
  result.passed = result.reason.empty();
  return result;
}

}  // namespace rdu::tool
