// One node of com.microsoft with fixed inputs and the outputs that they must yield: those of ONNX
// Runtime 1.30 on a CPU without optimisation, except where a case names another source.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/tools/rducc/ops/one_op.hpp"

namespace rducc::test {

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;

inline const std::string kMicrosoft = "com.microsoft";
inline const std::string kOnnx = "";  // where the runtime puts some operators of its own

struct ContribCase {
  std::string name;
  OneOp op;
  std::vector<std::optional<Tensor>> expected;  // nothing: the node does not name that output
  double tolerance = 1e-5;                      // of the largest element, of floats
};

// Imports and evaluates the node: element types and shapes must agree, and the elements.
void check(const ContribCase& c);

}  // namespace rducc::test
