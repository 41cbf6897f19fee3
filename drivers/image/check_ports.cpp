// Counter chains and ports: what every context has, whatever its program.
#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;
constexpr std::uint32_t kMaxExtent = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t kMaxLanes = 64;
constexpr std::uint64_t kMaxFirings = std::uint64_t{1} << 62;
constexpr std::uint64_t kMaxPeriod = std::uint64_t{1} << 31;

void check_extent_source(const ContextView& context, std::uint32_t number, const Place& place) {
  const rdu_hw_counter& counter = context.counters()[number];
  switch (counter.extent_from) {
    case RDU_HW_EXTENT_CONSTANT:
      return demand_equal(counter.source, RDU_HW_NONE, kValue, place, "source");
    case RDU_HW_EXTENT_ARGUMENT:
      return demand_scalar(context.image, counter.source, RDU_HW_ACCESS_READ, place, "source");
    case RDU_HW_EXTENT_PORT: {
      const rdu_hw_port& port = data_port(context, counter.source, RDU_HW_INPUT, place, "source");
      demand(port.kind == RDU_HW_SCALAR, kConflict, place, "source", "a scalar input",
             counter.source);
      demand_within<std::uint32_t>(port.level, 0, number, kConflict, place, "level of source");
      return;
    }
    default:
      demand_within<std::uint32_t>(counter.extent_from, 0, RDU_HW_EXTENT_PORT, kValue, place,
                                   "extent_from");
  }
}

void check_values(const rdu_hw_counter& counter, const Place& place) {
  demand_within<std::uint32_t>(counter.extent, 1, kMaxExtent, kValue, place, "extent");
  const std::int64_t last =
      std::int64_t{counter.start} + std::int64_t{counter.step} * (counter.extent - 1);
  demand_within<std::int64_t>(last, std::numeric_limits<std::int32_t>::min(),
                              std::numeric_limits<std::int32_t>::max(), kValue, place,
                              "last value");
}

// Firings in an iteration at each level; 2^62 and more stop at the check of the whole.
std::vector<std::uint64_t> periods(const ContextView& context) {
  std::vector<std::uint64_t> period(context.innermost() + std::size_t{1}, 1);
  for (std::uint32_t level = context.innermost(); level-- > 0;) {
    const std::uint64_t count = iterations(context.counters()[level]);
    const bool fits = period[level + 1] <= kMaxFirings / count;
    demand(fits, kValue, context.place.in("counter", level), "extent",
           "at most 2^62 firings of the chain", count);
    period[level] = period[level + 1] * count;
  }
  return period;
}

void check_codes(const rdu_hw_port& port, const Place& place) {
  demand_within<std::uint32_t>(port.direction, 0, RDU_HW_OUTPUT, kValue, place, "direction");
  demand_within<std::uint32_t>(port.kind, 0, RDU_HW_CONTROL, kValue, place, "kind");
  demand_within<std::uint32_t>(port.room, 0, RDU_HW_ROOM_FIRST, kValue, place, "room");
}

}  // namespace

void demand_scalar(const rdu_hw_image& image, std::uint32_t number, std::uint32_t access,
                   const Place& place, const char* field) {
  demand_number(number, image.num_arguments, place, field);
  const rdu_hw_argument& argument = image.arguments[number];
  demand(argument.kind == RDU_HW_ARGUMENT_SCALAR && argument.access == access, kConflict, place,
         field,
         access == RDU_HW_ACCESS_READ ? "a scalar argument that the chip reads"
                                      : "a scalar argument that the chip writes",
         number);
}

const rdu_hw_port& data_port(const ContextView& context, std::uint32_t number,
                             rdu_hw_direction direction, const Place& place, const char* field) {
  demand_number(number, context.record.ports.count, place, field);
  const rdu_hw_port& port = context.ports()[number];
  demand(port.direction == direction && port.kind != RDU_HW_CONTROL, kConflict, place, field,
         direction == RDU_HW_INPUT ? "a vector or scalar input" : "a vector or scalar output",
         number);
  return port;
}

void check_counters(const ContextView& context) {
  for (std::uint32_t i = 0; i < context.innermost(); ++i) {
    const rdu_hw_counter& counter = context.counters()[i];
    const Place place = context.place.in("counter", i);
    check_values(counter, place);
    const std::uint32_t most = i + 1 == context.innermost() ? kMaxLanes : 1;
    demand_within<std::uint32_t>(counter.lanes, 1, most, kValue, place, "lanes");
    check_extent_source(context, i, place);
  }
}

void check_ports(const ContextView& context) {
  const std::vector<std::uint64_t> period = periods(context);
  bool outputs = false;
  for (std::uint32_t i = 0; i < context.record.ports.count; ++i) {
    const rdu_hw_port& port = context.ports()[i];
    const Place place = context.place.in("port", i);
    check_codes(port, place);
    if (port.direction == RDU_HW_OUTPUT) {
      outputs = true;
    } else {
      demand(!outputs, kConflict, place, "direction", "inputs before outputs", port.direction);
      demand_equal(port.room, RDU_HW_ROOM_LAST, kValue, place, "room");
    }
    demand_within<std::uint32_t>(port.level, 0, context.innermost(), kValue, place, "level");
    demand_within<std::uint64_t>(period[port.level], 1, kMaxPeriod, kValue, place,
                                 "firings per element");
    demand_number(port.link, context.section.links.count, place, "link");
    const bool sends_value = context.record.program == RDU_HW_PROGRAM_SIMD &&
                             port.direction == RDU_HW_OUTPUT && port.kind != RDU_HW_CONTROL;
    demand((port.value.kind != RDU_HW_OPERAND_NONE) == sends_value, kConflict, place, "value",
           sends_value ? "what is sent" : "none", port.value.kind);
    demand(sends_value || (port.value.shift == 0 && port.value.value == 0), kValue, place, "value",
           "zeros", port.value.value);
  }
}

void check_port_numbers(const rdu_hw_image& image, std::uint32_t section) {
  struct Used {
    std::array<std::uint32_t, 6> door;  // unit, row, column, direction, kind, number
    Place place;
  };
  std::vector<Used> used;
  for_each_context(image, section, [&](const ContextView& context) {
    const rdu_hw_context& record = context.record;
    for (std::uint32_t i = 0; i < record.ports.count; ++i) {
      const rdu_hw_port& port = context.ports()[i];
      used.push_back(
          {{context.unit(), record.row, record.column, port.direction, port.kind, port.number},
           context.place.in("port", i)});
    }
  });
  std::ranges::stable_sort(used, {}, &Used::door);
  const auto twice = std::ranges::adjacent_find(used, {}, &Used::door);
  if (twice == used.end()) return;
  refuse(kConflict, std::next(twice)->place, "number",
         "a port of the unit that is not used by " + twice->place.text(),
         std::to_string(twice->door.back()));
}

}  // namespace rdu_hw::image
