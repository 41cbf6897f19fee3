// A run on the chip, from its start until its values are where the host wants them.
#pragma once

#include <rdu/plugin.h>

#include <mutex>
#include <optional>
#include <vector>

#include "plugins/rdu/chip.hpp"
#include "plugins/rdu/turn.hpp"

namespace rdu::chip_plugin {

class Executable;

class Event {
 public:
  // `addresses` are where the executable's moved values lie for the host.
  Event(Executable& executable, TurnHolder turn, Run run, std::vector<std::uint64_t> addresses,
        std::uint64_t begin_ns)
      : executable_(executable),
        turn_(std::move(turn)),
        run_(std::move(run)),
        addresses_(std::move(addresses)),
        begin_ns_(begin_ns) {}

  // From any thread. The run's status once it is over; the first who sees that delivers the values.
  std::optional<plugin::Status> wait(std::uint64_t timeout_ns);
  void cancel() { rdu_hw_run_stop(run_.get()); }

 private:
  Executable& executable_;
  TurnHolder turn_;
  Run run_;
  std::vector<std::uint64_t> addresses_;
  std::uint64_t begin_ns_;
  std::mutex mutex_;
  std::optional<plugin::Status> status_;
};

// `submit` and the event entries of the plugin's table.
void add_event_entries(rdu_plugin_api& api);

}  // namespace rdu::chip_plugin
