// Follows the only thing that each unit waits for until the chain closes or ends.
#include "drivers/emu/sim/deadlock.hpp"

#include <algorithm>
#include <vector>

#include "drivers/emu/sim/channel.hpp"

namespace rdu_hw::sim {
namespace {

using State = Progress::State;

bool blocked(const Unit& unit) { return unit.progress().channel != nullptr; }

// The unit at the other end of what this one waits for, if a unit holds it.
const Unit* awaited(const Unit& unit) {
  const Progress& p = unit.progress();
  return p.state == State::kEmpty ? p.channel->writer() : p.channel->reader();
}

std::string line(const Unit& unit) {
  const Progress& p = unit.progress();
  const ChannelSpec& channel = p.channel->spec();
  const std::string depth = std::to_string(channel.depth);
  const std::int64_t held = p.channel->sent() - p.channel->taken();
  const std::string what = p.state == State::kEmpty ? "for an element of " : "for room in ";
  const std::string state = p.state == State::kEmpty
                                ? "empty, depth " + depth
                                : "full, " + std::to_string(held) + " of " + depth;
  const Unit* other = awaited(unit);
  const std::string who = other == nullptr ? "an end outside the units" : other->name();
  return unit.name() + " (time " + std::to_string(unit.now()) + ") waits " + what + channel.name +
         " (" + state + "), " + (p.state == State::kEmpty ? "written by " : "read by ") + who +
         "\n";
}

}  // namespace

std::string describe_deadlock(std::span<Unit* const> units) {
  const auto first = std::find_if(units.begin(), units.end(), [](Unit* u) { return blocked(*u); });
  std::vector<const Unit*> chain;
  const Unit* unit = *first;
  while (unit != nullptr && blocked(*unit) && std::count(chain.begin(), chain.end(), unit) == 0) {
    chain.push_back(unit);
    unit = awaited(*unit);
  }
  std::string text;
  // A unit met again closes the cycle; who merely waits for the cycle is left out.
  const auto from = std::find(chain.begin(), chain.end(), unit);
  const bool cycle = from != chain.end();
  for (auto u = cycle ? from : chain.begin(); u != chain.end(); ++u) text += line(**u);
  if (!cycle && unit != nullptr) {
    text += unit->name() + " (time " + std::to_string(unit->now()) + ") is done\n";
  }
  return text;
}

}  // namespace rdu_hw::sim
