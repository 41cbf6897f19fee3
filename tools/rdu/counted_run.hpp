// What devices counted in one run: the details that their plugins give to the trace.
#pragma once

#include <rdu/rdu.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rdu::tool {

// Traces the context while `run` runs once. Of chips: {"cycles", "chip_ms", "estimated_cycles", "dma_in_bytes", "dma_out_bytes",
// "dma_ms", "setup": […], "sections": […]}, summed over the executables of the run, whose sections come in order, each with the first
// portable section that its executable covers. An empty object where no chip took part.
// "setup" has the sections that only put something into scratchpads which stays there; "cycles" and "chip_ms" leave them out.
nlohmann::json counted_run(rdu_context* context, const std::function<void()>& run);

// A later run with what it takes once: of two counted runs of one program, the first after loading and another. "setup" is
// {"cycles", "dram_bytes", "sections"} of what the first did and the other did not have to do again. Where setup sections run each
// time, because programs take turns on a chip, they are sections of a run.
nlohmann::json once_and_again(const nlohmann::json& first, nlohmann::json again);

// The same as lines for people: totals, and a line for each section.
std::string counted_text(const nlohmann::json& counted);

}  // namespace rdu::tool
