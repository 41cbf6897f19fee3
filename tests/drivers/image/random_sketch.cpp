// The short ways in which a random section grows.
#include "tests/drivers/image/random_sketch.hpp"

#include <algorithm>

namespace image_test {

using namespace rdu_hw::image;

std::uint64_t Domain::elements(std::uint32_t first) const {
  std::uint64_t count = 1;
  for (std::uint32_t i = first; i < levels(); ++i) count *= counters[i].extent;
  return count;
}

Domain Domain::outer(std::uint32_t levels) const {
  Domain domain = *this;
  domain.counters.resize(levels);
  if (domain.counter >= levels) domain.extents = RDU_HW_NONE;
  return domain;
}

Step linear(const Domain& domain, std::uint32_t element, std::uint32_t first) {
  Step step;
  std::int64_t bytes = element;
  for (std::uint32_t i = domain.levels(); i-- > first;) {
    step.terms.push_back(counter_term(i, bytes));
    bytes *= domain.counters[i].extent;
  }
  std::ranges::reverse(step.terms);
  return step;
}

std::uint32_t Sketch::open(std::uint32_t kind, const Domain& domain) {
  const auto number = static_cast<std::uint32_t>(section.contexts.size());
  Context& context = section.contexts.emplace_back();
  domains.push_back(domain);
  context.program = kind;
  context.counters = domain.counters;
  if (domain.extents != RDU_HW_NONE) {
    rdu_hw_counter& counter = context.counters[domain.counter];
    counter.extent_from = RDU_HW_EXTENT_PORT;
    counter.source = take(number, domain.extents, domain.level, depth_of(number, RDU_HW_SCALAR));
  }
  return number;
}

std::uint32_t Sketch::take(std::uint32_t context, const Stream& stream) {
  return take(context, stream.link, stream.domain.levels(), depth_of(context, stream.kind));
}

std::uint32_t Sketch::take(std::uint32_t number, std::uint32_t link, std::uint32_t level,
                           std::uint32_t depth) {
  std::vector<rdu_hw_port>& ports = context(number).ports;
  const auto port = static_cast<std::uint32_t>(ports.size());
  ports.push_back(input(section.links[link].kind, 0, level));
  section.links[link].sinks.push_back(sink({number, port}, depth));
  return port;
}

void Sketch::insert_input(std::uint32_t number, std::uint32_t port, std::uint32_t link,
                          std::uint32_t level, std::uint32_t depth) {
  Context& moved = context(number);
  for (Link& other : section.links) {
    if (other.source.context == number && other.source.port >= port) ++other.source.port;
  }
  for (std::uint32_t* data : {&moved.access.data, &moved.transfer.data, &moved.systolic.result}) {
    if (moved.ports.size() > port && *data >= port) ++*data;
  }
  moved.ports.insert(moved.ports.begin() + port, input(RDU_HW_CONTROL, 0, level));
  section.links[link].sinks.push_back(sink({number, port}, depth));
}

Stream Sketch::send(std::uint32_t number, std::uint32_t kind, std::uint32_t level,
                    rdu_hw_operand value) {
  const std::uint32_t link = add_link(kind);
  section.links[link].source = {number, static_cast<std::uint32_t>(context(number).ports.size())};
  context(number).ports.push_back(output(kind, 0, level, value, room()));
  return {link, kind, domains[number].outer(level)};
}

void Sketch::send_by(std::uint32_t number, std::uint32_t link, std::uint32_t level,
                     std::uint32_t room) {
  section.links[link].source = {number, static_cast<std::uint32_t>(context(number).ports.size())};
  context(number).ports.push_back(output(section.links[link].kind, 0, level, {}, room));
}

std::uint32_t Sketch::room() { return random.chance(15) ? RDU_HW_ROOM_FIRST : RDU_HW_ROOM_LAST; }

std::uint32_t Sketch::add_link(std::uint32_t kind) {
  section.links.emplace_back().kind = kind;
  return static_cast<std::uint32_t>(section.links.size() - 1);
}

std::uint32_t Sketch::add_region(std::uint32_t access, std::uint64_t bytes) {
  const std::uint32_t tier =
      arch.hbm.channels != 0 && random.chance(50) ? RDU_HW_TIER_HBM : RDU_HW_TIER_DRAM;
  const std::uint32_t alignment = random.chance(30) ? 4 : 64;
  program.arguments.push_back({{RDU_HW_ARGUMENT_REGION, access, tier, alignment, bytes}, {}});
  return static_cast<std::uint32_t>(program.arguments.size() - 1);
}

std::uint32_t Sketch::add_scalar(std::uint32_t access) {
  program.arguments.push_back({{RDU_HW_ARGUMENT_SCALAR, access, 0, 4, 4}, {}});
  return static_cast<std::uint32_t>(program.arguments.size() - 1);
}

std::uint32_t Sketch::add_buffer(std::uint32_t copies, std::uint64_t bytes) {
  const std::uint64_t slice = 4 * std::uint64_t{arch.pmu.banks};
  const std::uint64_t rounded = (bytes + slice - 1) / slice * slice;
  const std::uint32_t mode = random.in(RDU_HW_BANK_STRIDED, RDU_HW_BANK_DIAGONAL);
  const std::uint32_t stride = random.chance(50) ? 1 : random.in(1, 32);
  section.buffers.push_back({{RDU_HW_NONE, 0, copies, mode, 0, rounded, stride, 0}, {}});
  pinned.push_back(false);
  return static_cast<std::uint32_t>(section.buffers.size() - 1);
}

std::uint32_t Sketch::depth_of(std::uint32_t number, std::uint32_t kind) {
  const std::uint32_t unit = rdu_hw_program_unit(context(number).program);
  const rdu_hw_ports& ports = unit == RDU_HW_UNIT_PCU   ? arch.pcu.ports
                              : unit == RDU_HW_UNIT_PMU ? arch.pmu.ports
                                                        : arch.agcu.ports;
  const std::uint32_t most = kind == RDU_HW_VECTOR   ? ports.vector_fifo_depth
                             : kind == RDU_HW_SCALAR ? ports.scalar_fifo_depth
                                                     : ports.control_fifo_depth;
  return random.in(1, std::min(most, 16u));
}

std::uint32_t Sketch::format() {
  return random.chance(60) ? std::uint32_t{RDU_HW_FORMAT_WORD}
                           : random.in(RDU_HW_FORMAT_BF16, RDU_HW_FORMAT_UINT8);
}

}  // namespace image_test
