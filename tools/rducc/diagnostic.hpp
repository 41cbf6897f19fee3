// One reason why a compilation failed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/base/result.hpp"

namespace rducc {

enum class DiagnosticKind {
  kRequest,      // a flag or an option is missing or does not fit the model
  kInvalid,      // a mistake of the model
  kUnsupported,  // what the compiler declines
  kFailed,       // the machine or the compiler
};

// Fields are empty, the opset 0, where they mean nothing. For an initializer, an input or an output
// `node` is its name and `op_type` says which of them it is.
struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::kFailed;
  std::string node, op_type, domain;
  std::int64_t opset = 0;
  std::string message;
};

// All of them in one error, one a line: the model's mistakes first, for they may be why the rest is
// unknown.
rdu::base::Error to_error(const std::string& model, const std::vector<Diagnostic>& diagnostics);

}  // namespace rducc
