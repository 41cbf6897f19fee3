// What devices counted in one run: the details that their plugins give to the trace.
#pragma once

#include <rdu/rdu.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rdu::tool {

// Traces the context while `run` runs once. Of chips: {"cycles", "chip_ms", "estimated_cycles", "dma_in_bytes", "dma_out_bytes",
// "dma_ms", "sections": […]}, summed over the executables of the run, whose sections come in order, each with the first
// portable section that its executable covers. An empty object where no chip took part.
nlohmann::json counted_run(rdu_context* context, const std::function<void()>& run);

// The same as lines for people: totals, and a line for each section.
std::string counted_text(const nlohmann::json& counted);

}  // namespace rdu::tool
