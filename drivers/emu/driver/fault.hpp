// What is thrown inside this folder and becomes a code and a sentence at the C functions.
#pragma once

#include <rdu_hw/driver.h>

#include <sstream>
#include <stdexcept>
#include <string>

namespace rdu_hw::emu {

class DriverFault : public std::runtime_error {
 public:
  DriverFault(rdu_hw_code code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  rdu_hw_code code() const { return code_; }

 private:
  rdu_hw_code code_;
};

template <class... Parts>
[[noreturn]] void fail(rdu_hw_code code, const Parts&... parts) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  (text << ... << parts);
  throw DriverFault(code, text.str());
}

}  // namespace rdu_hw::emu
