// The part of rdu inspect that shows what a chip gets to do.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

struct ChipView {
  ChipRequest request;
  std::string floorplan;  // files; empty: not wanted
  std::string trace;
  std::string report;
  bool measure = false;
  bool json = false;
  std::optional<std::uint32_t> section;

  bool wanted() const { return measure || !floorplan.empty() || !trace.empty() || !report.empty(); }
};

void add_chip_options(CLI::App& command, ChipView& view);

// Writes the files that are wanted, and prints a line for each section, or one line of JSON.
void show_chip(ChipWork work, const ChipView& view);

// A package or an image as text.
std::string chip_file_text(const ChipWork& work);

}  // namespace rdu::tool
