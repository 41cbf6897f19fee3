// The floating-point environment that the arithmetic needs: round to nearest, subnormals kept.
#pragma once

#include <cfenv>

namespace rdu_hw::arith {

// Sets it for this thread and puts the caller's back: an application's thread may flush subnormals to zero.
class DefaultEnvironment {
 public:
  DefaultEnvironment() {
    std::fegetenv(&callers_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultEnvironment() { std::fesetenv(&callers_); }
  DefaultEnvironment(const DefaultEnvironment&) = delete;
  DefaultEnvironment& operator=(const DefaultEnvironment&) = delete;

 private:
  std::fenv_t callers_;
};

}  // namespace rdu_hw::arith
