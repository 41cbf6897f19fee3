// What is thrown inside this folder and caught by the guard at its C functions.
#pragma once

#include <rdu_hw/arch.h>

#include <stdexcept>
#include <string>

namespace rdu_hw::arch {

class Fault : public std::runtime_error {
 public:
  Fault(rdu_hw_arch_code code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  rdu_hw_arch_code code() const { return code_; }

 private:
  rdu_hw_arch_code code_;
};

// "PLACE: expected EXPECTED, got SEEN"
inline Fault bad_value(const std::string& place, const std::string& expected,
                       const std::string& seen) {
  return {RDU_HW_ARCH_ERR_VALUE, place + ": expected " + expected + ", got " + seen};
}

}  // namespace rdu_hw::arch
