// Sends each request to its channel and serves the channels in order of time.
#include "drivers/emu/dram/memory.hpp"

namespace rdu_hw::dram {

Memory::Memory(const Config& config)
    : config_(config), map_(config), earliest_(config.geometry.channels) {
  channels_.reserve(config.geometry.channels);
  for (std::int32_t c = 0; c < config.geometry.channels; ++c) channels_.emplace_back(config, c);
}

void Memory::submit(const Request& request) {
  const Place place = map_.place(request.address);
  Channel& channel = channels_[place.channel];
  channel.submit({request, config_.ratio.arrival(request.time), place.bank, place.row});
  earliest_.set(place.channel, channel.next());
}

std::optional<Cycle> Memory::next_decision() const {
  if (earliest_.clock() == kNever) return std::nullopt;
  return config_.ratio.during(earliest_.clock());
}

std::optional<Completion> Memory::serve() {
  if (earliest_.clock() == kNever) return std::nullopt;
  const std::size_t index = earliest_.index();
  std::optional<Completion> completion = channels_[index].serve();
  earliest_.set(index, channels_[index].next());
  return completion;
}

Statistics Memory::statistics() const {
  Statistics sum;
  for (const Channel& c : channels_) sum += c.statistics();
  return sum;
}

void Memory::record(std::vector<Command>* commands) {
  for (Channel& c : channels_) c.record(commands);
}

}  // namespace rdu_hw::dram
