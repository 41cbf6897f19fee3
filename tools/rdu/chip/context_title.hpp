// What is shown of a context when the pointer rests on it.
#pragma once

#include <string>

#include "tools/rdu/chip/draw.hpp"

namespace rdu::tool {

// Its printed form and what was counted. Shorter where a section has very many contexts, so that pictures stay small.
std::string context_title(const FloorplanPage& page, const SectionContext& context);

}  // namespace rdu::tool
