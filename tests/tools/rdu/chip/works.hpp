// Works for small chips, counters for them, and a reader of XML that knows nothing of how pictures are made.
#pragma once

#include <string>
#include <vector>

#include "drivers/image/program.hpp"
#include "tools/rdu/chip/chip_work.hpp"

namespace chip_test {

// The program becomes an image for the chip; throws ToolError where it does not fit.
rdu::tool::ChipWork work_of(rdu_hw::image::Program program, const std::string& chip,
                            const std::string& name = "model");

// y = max(x, 0) on four units: load → buffer → relu → buffer → store, 8 tiles of 256 words; no routes.
rdu::tool::ChipWork map_work();
// One tile of a product on six units, with routes.
rdu::tool::ChipWork systolic_work();
// Every PCU and PMU of a chip in use, PCUs between two PMUs.
rdu::tool::ChipWork full_work(const std::string& chip);

// Of a run with 1000 cycles for each section: its contexts were busy for 100, 200, … 800, 100, … of 800, and links carried
// 128, 0, 128, 0, …
rdu::tool::RunCounters counters_of(const rdu_hw_image& image);

struct XmlElement {
  std::string tag;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;                                      // directly inside
  std::string attribute(const std::string& name) const;  // "" where there is none
};

// Elements in the order of their beginnings. Throws std::runtime_error where the text is not well-formed.
std::vector<XmlElement> read_xml(const std::string& text);

// The text with the content of <style>, the same in every picture, left out.
std::string without_style(std::string svg);

std::string golden(const std::string& name);

}  // namespace chip_test
