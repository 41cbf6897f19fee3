// Why the chip does not take a node. Thrown while a node is lowered, caught by whoever asked for it.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>
#include <string>
#include <utility>

#include "sdk/base/result.hpp"

namespace rducc::rdu::lower {

struct Decline {
  std::uint32_t reason;  // RDU_REASON_
  std::string detail;
};

[[noreturn]] inline void decline(std::uint32_t reason, std::string detail) {
  throw Decline{reason, std::move(detail)};
}

// A kernel that takes the node with all of the chip, and not with a share of it.
inline ::rdu::base::Error too_little(const Decline& refusal) {
  return ::rdu::base::fail(::rdu::base::Code::kLimit, "%s", refusal.detail.c_str());
}

}  // namespace rducc::rdu::lower
