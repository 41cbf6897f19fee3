// Copies the driver's arrays, and checks counters that came from a file against the image they are shown with.
#include "tools/rdu/chip/run_counters.hpp"

#include <string>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

template <typename Record>
std::vector<Record> copy(const Record* records, std::uint32_t count) {
  return records == nullptr ? std::vector<Record>() : std::vector<Record>(records, records + count);
}

void check_count(const char* what, std::size_t counted, std::uint32_t expected) {
  if (counted == expected) return;
  throw ToolError("the counters are of another program: " + std::to_string(counted) + " " + what +
                  ", the image has " + std::to_string(expected));
}

}  // namespace

RunCounters copy_counters(const rdu_hw_counters& counters) {
  return {.cycles = counters.cycles,
          .later_cycles = 0,
          .clock_hz = counters.clock_hz,
          .sections = copy(counters.sections, counters.num_sections),
          .contexts = copy(counters.contexts, counters.num_contexts),
          .link_elements = copy(counters.link_elements, counters.num_links),
          .spans = copy(counters.spans, counters.num_spans)};
}

void check_counters(const RunCounters& counters, const rdu_hw_image& image) {
  check_count("sections", counters.sections.size(), image.num_sections);
  check_count("contexts", counters.contexts.size(), image.num_contexts);
  check_count("links", counters.link_elements.size(), image.num_links);
  if (counters.clock_hz == 0) throw ToolError("the counters have a clock of 0 Hz");
  for (const rdu_hw_span& span : counters.spans) {
    if (span.context < image.num_contexts && span.begin_cycle <= span.end_cycle) continue;
    throw ToolError("the counters have a span of context " + std::to_string(span.context) +
                    " from cycle " + std::to_string(span.begin_cycle) + " to " +
                    std::to_string(span.end_cycle) + ", the image has " +
                    std::to_string(image.num_contexts) + " contexts");
  }
}

std::uint64_t dram_bytes(const rdu_hw_section_counters& section) {
  std::uint64_t bytes = 0;
  for (const rdu_hw_memory_counters& tier : section.memory) {
    bytes += tier.read_bytes + tier.written_bytes;
  }
  return bytes;
}

}  // namespace rdu::tool
