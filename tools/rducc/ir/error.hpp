// The exception of the compiler's front half: thrown where a model is wrong or an operator is not
// supported, stopped at the one guard of the import loop, which collects all of them.
#pragma once

#include <stdexcept>
#include <string>

namespace rducc {

enum class CompileErrorKind { kInvalid, kUnsupported };

class CompileError : public std::runtime_error {
 public:
  CompileError(CompileErrorKind kind, const std::string& message)
      : std::runtime_error(message), kind_(kind) {}
  CompileErrorKind kind() const { return kind_; }

 private:
  CompileErrorKind kind_;
};

}  // namespace rducc
