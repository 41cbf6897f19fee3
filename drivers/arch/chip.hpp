// The steps between a text and a checked chip. All throw Faults.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rdu_hw::arch {

enum class Files { kNone, kAllowed };         // may "extends" name a file?
enum class Sources { kOptional, kRequired };  // must every figure say where it is from?

struct ParseOptions {
  std::string origin;  // begins messages; for Files::kAllowed the path of the text
  Files files = Files::kNone;
  Sources sources = Sources::kOptional;
  int depth = 0;  // of the chain of "extends"
};

rdu_hw_arch parse_chip(std::string_view text, const ParseOptions& options);

// A preset's name or a file's path.
rdu_hw_arch load_chip(const std::string& name_or_path, const ParseOptions& options);
bool is_path(std::string_view name_or_path);

// Ranges of all figures, then what they demand of each other.
void validate_chip(const rdu_hw_arch& arch, const std::string& origin);

// DRAM clocks that take as long as chip cycles, in lowest terms. For figures that are in their ranges.
struct ClockRatio {
  uint64_t clocks;
  uint64_t cycles;
};
ClockRatio clock_ratio(const rdu_hw_arch& arch, const rdu_hw_dram& dram);

// A side of the mesh, and how many AGCUs it holds.
struct Side {
  uint32_t edge;      // RDU_HW_EDGE_
  uint32_t switches;  // along it
  uint32_t agcus;
};
// In the order in which AGCUs are dealt to them.
std::array<Side, 4> sides_of(const rdu_hw_arch& arch);

void override_chip(rdu_hw_arch& arch, std::span<const char* const> settings);

void set_chip_name(rdu_hw_arch& arch, std::string_view name, const std::string& place);
// "sn10" becomes "sn10+": it is no longer what the name promises.
void mark_changed(rdu_hw_arch& arch);

std::string table_of(const rdu_hw_arch& arch);
std::string json_of(const rdu_hw_arch& arch);

struct Preset {
  const char* name;
  const char* json;
};

// In alphabetical order; generated from presets/*.json.
std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);

}  // namespace rdu_hw::arch
