// One package on a chip: loaded once, run as often as wanted, one run at a time. What a run changes belongs to whose turn it is.
#pragma once

#include <memory>
#include <rdu/plugin.hpp>

#include "plugins/rdu/event.hpp"
#include "plugins/rdu/memory_plan.hpp"
#include "plugins/rdu/moves.hpp"

namespace rdu::chip_plugin {

// What an executable needs of its device, which outlives it.
struct Place {
  const Owner& owner;
  std::uint64_t alignment;  // of buffers
  Turn& turn;               // who has it has the chip
};

class Executable {
 public:
  static plugin::Result<std::unique_ptr<Executable>> load(const Place& place, const rdu_load& load);

  rdu_memory memory() const;
  // Binds what moves and starts the chip, when it is this run's turn.
  plugin::Result<std::unique_ptr<Event>> start(const rdu_submission& submission);
  // Behind a run that ended well, which still has its turn: delivers, and tells the trace.
  plugin::Status finish(const Run& run, const std::vector<std::uint64_t>& addresses,
                        std::uint64_t begin_ns);
  plugin::Status params_changed(std::uint32_t value, std::uint64_t offset, std::uint64_t bytes,
                                std::uint64_t epoch);

 private:
  Executable(const Place& place, const rdu_load& load);

  // Where the first byte of what moves lies in device memory.
  plugin::Status locate(const rdu_submission& submission, const Moved& moved,
                        std::uint64_t* out_address) const;
  plugin::Result<std::vector<std::uint64_t>> bind(const rdu_submission& submission);
  // Whether positions that came from data were where they may be.
  plugin::Status check(const Run& run) const;
  // That the argument was made for; empty where the image does not say.
  const char* node_of(std::uint32_t argument) const;
  const char* name_of(std::uint32_t value) const { return graph_.value(value).name; }

  Place place_;
  plugin::Graph graph_;
  std::uint32_t first_section_;
  std::uint64_t estimated_cycles_ = 0;
  Module module_;
  MemoryPlan plan_;
  Staging staging_;
};

}  // namespace rdu::chip_plugin
