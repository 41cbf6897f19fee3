// Designs beside each other: every combination of some figures of a chip, each compiled for and counted.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

inline constexpr std::size_t kMostSweepPoints = 4096;

struct SweepAxis {
  std::string key;  // "pcu.lanes", or "schedule" and "seed" of the compiler
  std::vector<std::string> values;
};

// "pcu.lanes=8,16,32"; where one figure alone ends so, "lanes=8,16,32". Throws ToolError for a key that is none.
SweepAxis parse_axis(const std::string& text);

// One combination, in the order of the axes.
using SweepPoint = std::vector<std::pair<std::string, std::string>>;

struct SweepFigures {
  std::uint64_t cycles = 0;
  std::uint64_t clock_hz = 1;
  std::uint32_t pcus = 0;  // the most that a section uses
  std::uint32_t pmus = 0;
  std::uint64_t dram_bytes = 0;
  std::uint64_t flops = 0;
  double on_chip = 1;  // share of the nodes; the others cost nothing here
};

struct SweepRow {
  SweepPoint point;
  std::optional<SweepFigures> figures;
  std::string error;  // why there are none
};

// All combinations, the last axis fastest. A ToolError of `measure` is the answer for its point, and the sweep goes on.
// Throws ToolError where an axis comes twice, or there are more than kMostSweepPoints.
std::vector<SweepRow> sweep(const std::vector<SweepAxis>& axes,
                            const std::function<SweepFigures(const SweepPoint&)>& measure);

// Of a work whose programs have counters.
SweepFigures sweep_figures(const ChipWork& work);

// A line for each point, with its cycles over those of the first that has any.
std::string sweep_table(const std::vector<SweepRow>& rows);
nlohmann::ordered_json sweep_json(const std::vector<SweepRow>& rows);

// "rdu:sn10?pcu.lanes=8" of "rdu:sn10" and a point.
std::string with_point(std::string uri, const SweepPoint& point);

}  // namespace rdu::tool
