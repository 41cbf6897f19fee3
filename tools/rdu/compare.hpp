// Is an output the expected one? The measures that `rdu verify` prints and judges by.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

// An element passes when |a - b| <= atol + rtol * |b|. Unset bounds: see default_tolerance.
struct Tolerance {
  double rtol = 1e-3;
  double atol = -1;        // < 0: 1e-4 * max|expected|
  double range_tol = -1;   // >= 0: judge max|a - b| / max|expected| alone
  double min_cosine = -2;  // > -2: judge the cosine of the angle between the two alone
  // The position of the largest element of each last-axis row must agree too, but for leads within the bound.
  bool top1 = false;
  bool exact = false;  // bit for bit
};

struct Comparison {
  bool passed = false;
  double max_absolute = 0;
  double max_relative = 0;  // max|a - b| / max|expected|
  double cosine = 1;
  std::int64_t num_wrong = 0;
  // The element with the largest difference; of two that are no numbers apart, the first.
  std::int64_t worst = -1;
  double worst_actual = 0, worst_expected = 0;
  std::string reason;  // why it failed: the first wrong element with both values, or the measure
};

// "[0, 3, 1]" for the row-major number of an element.
std::vector<std::int64_t> position_of(std::int64_t element, std::span<const std::int64_t> shape);
std::string position_text(std::span<const std::int64_t> position);

// NaN passes only where NaN is expected, an infinity only where the same one is.
Comparison compare(const HostTensor& actual, const HostTensor& expected,
                   const Tolerance& tolerance);

}  // namespace rdu::tool
