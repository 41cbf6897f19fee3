// What a command throws when it cannot go on: main prints it and exits with 2.
#pragma once

#include <rdu/status.h>

#include <stdexcept>
#include <string>

namespace rdu::tool {

class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws the message of a failed call, with its hint; takes the status.
void check(rdu_status* status);

}  // namespace rdu::tool
