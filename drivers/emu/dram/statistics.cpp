// Sums over channels, and what follows from them.
#include <algorithm>

#include "drivers/emu/dram/request.hpp"

namespace rdu_hw::dram {

double Statistics::bandwidth(const Config& config) const {
  const Cycle cycles = config.ratio.completion(last_data);
  return cycles == 0 ? 0 : static_cast<double>(bytes(config)) / static_cast<double>(cycles);
}

Statistics& Statistics::operator+=(const Statistics& other) {
  reads += other.reads;
  writes += other.writes;
  row_hits += other.row_hits;
  row_misses += other.row_misses;
  row_conflicts += other.row_conflicts;
  activates += other.activates;
  precharges += other.precharges;
  refreshes += other.refreshes;
  busy_clocks += other.busy_clocks;
  last_data = std::max(last_data, other.last_data);
  read_latency += other.read_latency;
  write_latency += other.write_latency;
  return *this;
}

Statistics Statistics::operator-(const Statistics& earlier) const {
  Statistics rest = *this;
  rest.reads -= earlier.reads;
  rest.writes -= earlier.writes;
  rest.row_hits -= earlier.row_hits;
  rest.row_misses -= earlier.row_misses;
  rest.row_conflicts -= earlier.row_conflicts;
  rest.activates -= earlier.activates;
  rest.precharges -= earlier.precharges;
  rest.refreshes -= earlier.refreshes;
  rest.busy_clocks -= earlier.busy_clocks;
  rest.read_latency -= earlier.read_latency;
  rest.write_latency -= earlier.write_latency;
  return rest;
}

}  // namespace rdu_hw::dram
