// The lines of a context's title, bounded in number and length.
#include "tools/rdu/chip/context_title.hpp"

#include <sstream>

#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

constexpr std::size_t kManyContexts = 512;
constexpr std::size_t kMostLines = 28;
constexpr std::size_t kMostCharacters = 140;

std::string first_lines(const std::string& text, std::size_t count) {
  std::istringstream lines(text);
  std::string out, line;
  for (std::size_t seen = 0; std::getline(lines, line); ++seen) {
    if (seen == count) return out + "…\n";
    out += shorten(line, kMostCharacters) + "\n";
  }
  return out;
}

std::string counted_lines(const rdu_hw_context_counters& counted, std::uint64_t execution) {
  const auto share = [&](std::uint64_t cycles) {
    return percent_text(
        execution == 0 ? 0 : static_cast<double>(cycles) / static_cast<double>(execution));
  };
  std::string text = "busy " + share(counted.busy_cycles) + ", starved " +
                     share(counted.starved_cycles) + ", blocked " + share(counted.blocked_cycles) +
                     ", queued " + share(counted.queued_cycles) + "\n" +
                     count_text(counted.firings) + " firings from cycle " +
                     count_text(counted.first_cycle) + " to " + count_text(counted.end_cycle);
  if (counted.conflict_cycles != 0) {
    text += "\nbank conflicts " + share(counted.conflict_cycles);
  }
  if (counted.flops != 0) text += "\n" + count_text(counted.flops) + " operations";
  return text;
}

}  // namespace

std::string context_title(const FloorplanPage& page, const SectionContext& context) {
  const bool many = page.section.contexts.size() > kManyContexts;
  const SectionGroup& group = page.section.groups[context.group];
  std::string text =
      group_mark(page.section, context.group) + " " + shorten(group.name, kMostCharacters);
  text += "\n" + first_lines(page.texts[context.index], many ? 1 : kMostLines);
  if (page.counted()) {
    text += counted_lines(page.program.counters->contexts[context.index],
                          page.section.counters->exec_cycles);
  } else {
    text.pop_back();
  }
  return text;
}

}  // namespace rdu::tool
