// A contraction: an array of sums, and the registers from which its results leave row by row.
#include "tests/drivers/emu/naive/pcu.hpp"

namespace naive {

Array::Array(const Context& context, Time start, Block& block)
    : Side(context, Owns::kAll, start),
      record_(context.image.systolics[context.record.detail]),
      block_(block),
      sums_(record_.rows, Words(record_.columns, 0)) {}

Time Array::act(Time now) {
  for (std::uint32_t m = 0; m < record_.rows; ++m) {
    for (std::uint32_t n = 0; n < record_.columns; ++n) {
      Word& sum = sums_[m][n];
      if (position().begins(record_.level)) sum = 0;
      sum = systolic_step(record_.format, context().input(record_.a, m),
                          context().input(record_.b, n), sum);
    }
  }
  if (position().ends(record_.level)) {
    block_.rows = sums_;
    for (Words& row : block_.rows) row.resize(context().arch.pcu.lanes, 0);
    block_.full = true;
    block_.filled = now + record_.columns;
  }
  return 1;
}

Words Array::sent(std::uint32_t port) {
  return context().ports()[port].kind == RDU_HW_CONTROL ? Words{} : Words{0};
}

std::size_t Array::places(std::uint32_t port) const {
  return port == record_.result ? 1 : Side::places(port);
}

// The port's `room` is the drain's.
bool Array::needs_room(std::uint32_t port) const {
  return port == record_.result ? position().ends(record_.level) : Side::needs_room(port);
}

bool Array::has_room(std::uint32_t port, std::size_t sink, Time now) const {
  if (port != record_.result) return Side::has_room(port, sink, now);
  return !block_.full && block_.free_from <= now;
}

void Array::send(std::uint32_t port, Time now) {
  if (port != record_.result) Side::send(port, now);
}

Drain::Drain(const Context& context, Time start, Block& block, const Array& array)
    : Side(context, Owns::kOutputs, start),
      record_(context.image.systolics[context.record.detail]),
      block_(block),
      array_(array),
      each_({}) {}

void Drain::advance() {
  if (++row_ < record_.rows) return;
  row_ = 0;
  block_.full = false;
  block_.free_from = times_.last + 1;
}

}  // namespace naive
