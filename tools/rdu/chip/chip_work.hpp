// What a chip is given to do: the images of a compiled model in their order, the chip, and the names of the graph's nodes.
#pragma once

#include <rdu_hw/arch.h>
#include <rdu_hw/package.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "tools/rdu/chip/run_counters.hpp"

namespace rdu::tool {

// A package or a bare image, valid for the chip.
struct ChipProgram {
  std::shared_ptr<const rdu_hw_image> image;
  std::shared_ptr<const rdu_hw_package> package;  // null: a bare image
  std::span<const std::byte> image_bytes;         // what a driver loads; within ChipWork::bytes
  std::uint64_t estimated_cycles = 0;             // of the compiler; 0: none
  std::optional<RunCounters> counters;            // of a run
  bool needed_values = false;                     // to be measured: its inputs were zeros
};

struct ChipWork {
  std::string name;  // of the model
  rdu_hw_arch arch = {};
  std::vector<ChipProgram> programs;
  const rdu_graph* graph = nullptr;   // in the artifact; null without
  std::vector<std::string> nodes;     // of the graph, by the numbers that labels have; may be empty
  double on_chip = 1;                 // share of the graph's nodes that the programs compute
  std::shared_ptr<const void> bytes;  // what the packages lie in
};

struct ChipRequest {
  std::string chip;  // as load_chip() reads it; empty: what the compiler was told, or a preset
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
};

// Reads the first cut of the variant that is for chips. All of these throw ToolError.
ChipWork chip_work_of(artifact::ArtifactPtr artifact, const ChipRequest& request);
// A package or an image by itself.
ChipWork chip_work_of(std::span<const std::byte> bytes, const std::string& name,
                      const ChipRequest& request);
// Whether bytes begin as a package or an image does.
bool is_chip_file(std::span<const std::byte> bytes);

// As a device's URI behind "rdu:": "sn10", "my.json", "sn10?pcu.lanes=8&network.kind=ideal". What is
// the compiler's, schedule and seed, is skipped.
rdu_hw_arch load_chip(const std::string& text);

}  // namespace rdu::tool
