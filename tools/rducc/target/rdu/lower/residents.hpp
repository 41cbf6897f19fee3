// Constants that stay in scratchpads from run to run: a tile that a section would fill once in each run is filled by a setup section, and
// the section finds it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu::lower {

// A tile that could stay.
struct Resident {
  std::int64_t saved = 0;  // bytes from memory, in each run
  std::int64_t bytes = 0;  // of the scratchpad
  bool extra = false;      // if it does not stay there is no scratchpad for it at all

  bool operator==(const Resident&) const = default;
};

// Those of one section, in the order in which its nodes ask. Nobody's answer changes what is asked later.
class Residents {
 public:
  // None stays: what could is noted.
  Residents() = default;
  // `stays` says of each whether it does; `setup` fills them.
  Residents(Flow& flow, Section& setup, const std::vector<bool>& stays)
      : flow_(&flow), setup_(&setup), stays_(&stays) {}

  std::optional<Store> ask(const Resident& resident, std::string_view name);
  Section& setup() { return *setup_; }
  const std::vector<Resident>& asked() const { return asked_; }

 private:
  Flow* flow_ = nullptr;
  Section* setup_ = nullptr;
  const std::vector<bool>* stays_ = nullptr;
  std::vector<Resident> asked_;
};

// What sections ask for: scratchpads that a section uses if nothing stays, and what could.
struct ResidentWish {
  std::size_t scratchpads = 0;
  std::vector<Resident> residents;
};

// A chip's scratchpads, for what stays.
struct Room {
  std::size_t most =
      0;  // that a section and what stays may take together, unless the section takes more anyway
  double share = 1;        // of those that this leaves
  std::int64_t bytes = 0;  // of each
};

// Which of each section's stay. A scratchpad that keeps something is closed to what changes in all sections, and keeps several tiles,
// one of each section, where they fit.
std::vector<std::vector<bool>> choose_residents(const std::vector<ResidentWish>& sections,
                                                const Room& room);

}  // namespace rducc::rdu::lower
