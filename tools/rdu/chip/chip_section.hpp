// One section of an image as people think of it: units with what runs on them, links between them, groups with a name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

struct SectionContext {
  std::uint32_t index = 0;  // in the image
  std::uint32_t unit = 0;   // into units
  std::uint32_t group = 0;  // into groups
  std::string label;        // as the compiler calls it, or what it does: "conv1: read"
  std::string name;         // the same beside its node's name: "read"
  double busy = 0;          // share of the execution; 0 where nobody counted
};

struct SectionUnit {
  std::uint32_t kind = 0;  // RDU_HW_UNIT_
  std::uint32_t row = 0;   // an AGCU: its number
  std::uint32_t column = 0;
  std::vector<std::uint32_t> contexts;  // into contexts; none in a PMU with buffers alone
  std::uint64_t scratchpad_bytes = 0;
};

struct SectionLink {
  std::uint32_t index = 0;           // in the image
  std::uint32_t source = 0;          // into contexts
  std::vector<std::uint32_t> sinks;  // into contexts
  std::uint64_t elements = 0;        // 0 where nobody counted
};

// What has one colour: a node of the graph, or contexts of one label where no context names a node.
struct SectionGroup {
  std::string name;
  bool has_name = true;         // false: all that has no node, or no label
  std::uint32_t units[3] = {};  // by RDU_HW_UNIT_
  double busy = 0;              // of the busiest context
};

struct ChipSection {
  std::uint32_t index = 0;  // in the image
  std::string name;         // may be empty
  std::vector<SectionContext> contexts;
  std::vector<SectionUnit> units;  // PCUs, PMUs, AGCUs, each by row and column
  std::vector<SectionLink> links;
  bool by_node = false;  // what the groups are; otherwise they are labels
  std::vector<SectionGroup>
      groups;  // nodes in the graph's order, labels in the image's; what has none last
  std::uint32_t units_used[3] = {};  // with a context or a buffer
  std::uint64_t scratchpad_bytes = 0;
  const rdu_hw_section_counters* counters = nullptr;  // null where nobody counted
};

// `section` is a number of the program's image; borrows the program's counters.
ChipSection read_section(const ChipWork& work, const ChipProgram& program, std::uint32_t section);

// "pcu (3, 4)", "agcu 5".
std::string seat_text(const SectionUnit& unit);

}  // namespace rdu::tool
