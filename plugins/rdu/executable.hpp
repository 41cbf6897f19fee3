// One package on a chip: loaded once, run as often as wanted, one run at a time.
#pragma once

#include <memory>
#include <mutex>
#include <rdu/plugin.hpp>

#include "plugins/rdu/memory_plan.hpp"
#include "plugins/rdu/moves.hpp"

namespace rdu::chip_plugin {

// What an executable needs of its device, which outlives it.
struct Place {
  const Owner& owner;
  std::uint64_t alignment;  // of buffers
  std::timed_mutex& turn;   // who holds it has the chip
};

class Executable {
 public:
  static plugin::Result<std::unique_ptr<Executable>> load(const Place& place, const rdu_load& load);

  rdu_memory memory() const;
  plugin::Status run(const rdu_submission& submission);
  plugin::Status params_changed(std::uint32_t value, std::uint64_t offset, std::uint64_t bytes,
                                std::uint64_t epoch);

 private:
  Executable(const Place& place, const rdu_load& load);

  plugin::Status take_turn(std::uint64_t deadline_ns, std::unique_lock<std::timed_mutex>& out);
  // Where the first byte of what moves lies in device memory.
  plugin::Status locate(const rdu_submission& submission, const Moved& moved,
                        std::uint64_t* out_address) const;
  plugin::Status bind(const rdu_submission& submission);
  plugin::Status wait(const Run& run, std::uint64_t deadline_ns) const;
  plugin::Status deliver(const rdu_submission& submission, const Run& run);
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
