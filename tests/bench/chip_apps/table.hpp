// The kernels beside their published counts.
#pragma once

#include <string>

#include "sdk/base/result.hpp"

namespace chip_apps {

// As Markdown: every published row, and the routed network beside the ideal one for the base rows.
::rdu::base::Result<std::string> calibration_table();

}  // namespace chip_apps
