// Bridges by depth-first search: a way into a part that nothing leads out of but the way itself.
#include "tools/rducc/target/rdu/circuits.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/schedule.hpp"

namespace rducc::rdu {

Circuits::Circuits(const Parts& parts)
    : edges_(parts.contexts.size()),
      entered_(parts.contexts.size(), 0),
      lowest_(parts.contexts.size(), 0) {
  std::uint32_t number = 0;
  for (const Link& link : parts.links) {
    first_.push_back(number);
    for (const Sink& sink : link.sinks) {
      if (must_come(link, sink)) {
        edges_[link.source->context].push_back({number, sink.end.context});
        edges_[sink.end.context].push_back({number, link.source->context});
      }
      ++number;
    }
  }
  on_circuit_.assign(number, true);
  for (std::uint32_t context = 0; context < edges_.size(); ++context) {
    if (entered_[context] == 0) search(context);
  }
}

void Circuits::search(std::uint32_t root) {
  const auto enter = [&](std::uint32_t context, std::uint32_t from) {
    entered_[context] = lowest_[context] = ++clock_;
    stack_.push_back({context, from});
  };
  enter(root, RDU_HW_NONE);
  while (!stack_.empty()) {
    Visit& visit = stack_.back();
    if (visit.next == edges_[visit.context].size()) {
      const Visit done = visit;
      stack_.pop_back();
      leave(done);
      continue;
    }
    const Edge edge = edges_[visit.context][visit.next++];
    if (edge.number == visit.from) continue;
    if (entered_[edge.other] == 0) {
      enter(edge.other, edge.number);
    } else {
      lowest_[visit.context] = std::min(lowest_[visit.context], entered_[edge.other]);
    }
  }
}

void Circuits::leave(const Visit& visit) {
  if (stack_.empty()) return;
  const std::uint32_t before = stack_.back().context;
  lowest_[before] = std::min(lowest_[before], lowest_[visit.context]);
  if (lowest_[visit.context] > entered_[before]) on_circuit_[visit.from] = false;
}

}  // namespace rducc::rdu
