// Whether a chip can run a section: whether there is a package for it that fits.
#pragma once

#include <rdu/plugin.h>

#include <string>

#include "plugins/rdu/buffer.hpp"

namespace rdu::chip_plugin {

// What is asked for a payload, whichever of its sections it is.
struct Verdict {
  std::uint32_t reason = RDU_REASON_TAKEN;
  std::string detail;
};

Verdict judge(const Owner& owner, std::uint64_t alignment, const rdu_check& check);

}  // namespace rdu::chip_plugin
