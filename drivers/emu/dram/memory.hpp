// A memory of several channels, as a conservative simulator uses it: timing only, values live elsewhere.
#pragma once

#include <optional>
#include <vector>

#include "drivers/emu/dram/address_map.hpp"
#include "drivers/emu/dram/channel.hpp"
#include "drivers/emu/dram/config.hpp"
#include "drivers/emu/dram/earliest.hpp"
#include "drivers/emu/dram/request.hpp"

namespace rdu_hw::dram {

// The simulator runs its units until all are blocked, then serves the earliest decision, and so on:
//   while (auto at = memory.next_decision()) if (auto done = memory.serve()) …
// Requests may be submitted in any order, but each later than the cycle of every decision served before: whatever is
// still to come is caused by a completion. Then completions do not depend on the order of submissions.
class Memory {
 public:
  explicit Memory(const Config& config);  // find_fault(config) is empty

  // A request that breaks the rule is taken as arriving at the first clock that is still undecided.
  void submit(const Request& request);
  // The chip cycle of the earliest decision, nothing without requests. Never earlier than one served before.
  std::optional<Cycle> next_decision() const;
  // Makes that decision: a command, or the entry of a request. At most one request is completed by it, later than the
  // decision's cycle.
  std::optional<Completion> serve();

  const Config& config() const { return config_; }
  const AddressMap& map() const { return map_; }
  const Statistics& statistics(std::int32_t channel) const {
    return channels_[channel].statistics();
  }
  Statistics statistics() const;
  // Appends every command from now on, in the order of decisions. Null stops it.
  void record(std::vector<Command>* commands);

 private:
  Config config_;
  AddressMap map_;
  std::vector<Channel> channels_;
  Earliest earliest_;
};

}  // namespace rdu_hw::dram
