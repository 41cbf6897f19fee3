// A context of an image together with the ends of its links.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/emu/sim/channel.hpp"
#include "drivers/image/view.hpp"

namespace rdu_hw::emu {

struct Context {
  image::ContextView view;
  std::uint32_t number;  // in the section
  std::string name;
  // By port: an input has one, an output one for each sink of its link.
  std::vector<std::vector<sim::Channel*>> channels;

  const rdu_hw_context& record() const { return view.record; }
  const rdu_hw_port& port(std::uint32_t i) const { return view.ports()[i]; }
  std::uint32_t num_ports() const { return view.record.ports.count; }
};

// Numbers of the ports for which choose(number, port) is true.
template <typename Choose>
std::vector<std::uint32_t> ports_of(const Context& context, const Choose& choose) {
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < context.num_ports(); ++i) {
    if (choose(i, context.port(i))) chosen.push_back(i);
  }
  return chosen;
}
inline std::vector<std::uint32_t> all_ports(const Context& context) {
  return ports_of(context, [](std::uint32_t, const rdu_hw_port&) { return true; });
}
inline std::vector<std::uint32_t> ports_of(const Context& context, rdu_hw_direction direction) {
  return ports_of(context,
                  [&](std::uint32_t, const rdu_hw_port& p) { return p.direction == direction; });
}

// Words of an element of this kind on a chip with so many lanes.
inline unsigned words_of(std::uint32_t kind, unsigned lanes) {
  return kind == RDU_HW_VECTOR ? lanes : kind == RDU_HW_SCALAR ? 1 : 0;
}

}  // namespace rdu_hw::emu
