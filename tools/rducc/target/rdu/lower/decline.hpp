// Why the chip does not take a node. Thrown while a node is lowered, caught by whoever asked for it.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>
#include <string>
#include <utility>

namespace rducc::rdu::lower {

struct Decline {
  std::uint32_t reason;  // RDU_REASON_
  std::string detail;
};

[[noreturn]] inline void decline(std::uint32_t reason, std::string detail) {
  throw Decline{reason, std::move(detail)};
}

}  // namespace rducc::rdu::lower
