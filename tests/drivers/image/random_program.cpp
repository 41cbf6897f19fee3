// Random programs: streams over a common domain, from loads through maps, buffers and reductions to stores.
#include "tests/drivers/image/random_program.hpp"

#include <algorithm>
#include <span>

#include "tests/drivers/image/random.hpp"
#include "tests/drivers/image/random_body.hpp"
#include "tests/drivers/image/router.hpp"

namespace image_test {
namespace {

using namespace rdu_hw::image;

// What a context sends, and over which counters: one element per firing of them.
struct Stream {
  std::uint32_t link;
  std::uint32_t kind;
  std::vector<rdu_hw_counter> domain;
  std::uint32_t level() const { return static_cast<std::uint32_t>(domain.size()); }
};

// The units of a chip in random order, each handed out once.
class Seats {
 public:
  Seats(const rdu_hw_arch& arch, Random& random) {
    for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(&arch); ++row) {
      for (std::uint32_t column = 0; column < rdu_hw_arch_mesh_columns(&arch); ++column) {
        const bool is_pcu = rdu_hw_arch_is_pcu(row, column) != 0;
        free_[is_pcu ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU].push_back({row, column});
      }
    }
    for (std::uint32_t i = 0; i < arch.agcu.count; ++i) free_[RDU_HW_UNIT_AGCU].push_back({i, 0});
    for (auto& seats : free_) {
      for (std::size_t i = seats.size(); i > 1; --i) {
        std::swap(seats[i - 1], seats[random.in(0, static_cast<std::uint32_t>(i - 1))]);
      }
    }
  }
  bool has(rdu_hw_unit unit, std::size_t count = 1) const { return free_[unit].size() >= count; }
  rdu_hw_end take(rdu_hw_unit unit) {
    const rdu_hw_end seat = free_[unit].back();
    free_[unit].pop_back();
    return seat;
  }

 private:
  std::vector<rdu_hw_end> free_[3];  // row, column
};

std::uint64_t words(const std::vector<rdu_hw_counter>& domain) {
  std::uint64_t count = 1;
  for (const rdu_hw_counter& counter : domain) count *= counter.extent;
  return count;
}

// Element after element of counters [from, …), the innermost fastest.
Step linear(const std::vector<rdu_hw_counter>& domain, std::size_t from = 0) {
  Step step;
  std::int64_t bytes = 4;
  for (std::size_t i = domain.size(); i-- > from;) {
    step.terms.push_back(counter_term(static_cast<std::uint32_t>(i), bytes));
    bytes *= domain[i].extent;
  }
  std::ranges::reverse(step.terms);
  return step;
}

class Generator {
 public:
  Generator(const rdu_hw_arch& arch, Random& random, Program& program)
      : arch_(arch), random_(random), program_(program), seats_(arch, random) {}

  Section run() {
    const bool systolic = arch_.pcu.systolic_rows != 0 && random_.chance(25);
    if (systolic && seats_.has(RDU_HW_UNIT_AGCU, 3)) {
      add_contraction();
    } else {
      add_pipeline();
    }
    return std::move(section_);
  }

 private:
  void add_pipeline() {
    const std::vector<rdu_hw_counter> domain = random_domain();
    std::vector<Stream> streams = {load(domain)};
    if (random_.chance(50) && seats_.has(RDU_HW_UNIT_AGCU, 3)) streams.push_back(load(domain));
    const std::uint32_t steps = random_.in(0, 4);
    for (std::uint32_t i = 0; i < steps; ++i) transform(streams);
    for (const Stream& stream : streams) finish(stream);
    for (const Stream& stream : streams) {
      if (random_.chance(25) && seats_.has(RDU_HW_UNIT_AGCU)) finish(stream);  // a second sink
    }
  }

  std::vector<rdu_hw_counter> random_domain() {
    std::vector<rdu_hw_counter> domain;
    const std::uint32_t outer = random_.in(0, 2);
    for (std::uint32_t i = 0; i < outer; ++i) domain.push_back(counter(random_.in(1, 4)));
    const std::uint32_t lanes = random_.chance(20) ? 1 : arch_.pcu.lanes;
    domain.push_back(counter(random_.in(1, 4 * lanes), lanes));
    return domain;
  }

  // One of the streams goes on as something else.
  void transform(std::vector<Stream>& streams) {
    Stream& stream = streams[random_.in(0, static_cast<std::uint32_t>(streams.size() - 1))];
    const std::uint32_t choice = random_.in(0, 3);
    if (choice <= 1 && seats_.has(RDU_HW_UNIT_PCU)) {
      stream = map({&stream, 1});
    } else if (choice == 2 && stream.kind == RDU_HW_VECTOR && seats_.has(RDU_HW_UNIT_PMU)) {
      stream = buffer(stream);
    } else if (choice == 3 && streams.size() > 1) {
      join(streams);
    }
  }

  void join(std::vector<Stream>& streams) {
    if (!seats_.has(RDU_HW_UNIT_PCU)) return;
    streams = {map(streams)};
  }

  Context& open(std::uint32_t program, rdu_hw_end seat, std::vector<rdu_hw_counter> counters) {
    Context& context = section_.contexts.emplace_back();
    context.program = program;
    context.row = seat.context;
    context.column = seat.port;
    context.counters = std::move(counters);
    return context;
  }
  std::uint32_t number() const { return static_cast<std::uint32_t>(section_.contexts.size() - 1); }

  // A link from a port of the context that is open; its sinks come with whoever takes the stream.
  std::uint32_t leave(std::uint32_t kind, std::uint32_t port) {
    Link& link = section_.links.emplace_back();
    link.kind = kind;
    link.source = {number(), port};
    return static_cast<std::uint32_t>(section_.links.size() - 1);
  }
  void arrive(std::uint32_t link, std::uint32_t port, std::uint32_t deepest) {
    const rdu_hw_end end = {number(), port};
    section_.links[link].sinks.push_back(rdu_hw::image::sink(end, random_.in(1, deepest)));
  }
  std::uint32_t fifo(const rdu_hw_ports& ports, std::uint32_t kind) const {
    return std::min(kind == RDU_HW_VECTOR ? ports.vector_fifo_depth : ports.scalar_fifo_depth, 16u);
  }

  std::uint32_t region(std::uint32_t access, std::uint64_t bytes) {
    program_.arguments.push_back(
        {{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, bytes}, {}});
    return static_cast<std::uint32_t>(program_.arguments.size() - 1);
  }

  Stream load(const std::vector<rdu_hw_counter>& domain) {
    Context& context = open(RDU_HW_PROGRAM_LOAD, seats_.take(RDU_HW_UNIT_AGCU), domain);
    context.steps = {linear(domain)};
    const auto level = static_cast<std::uint32_t>(domain.size());
    context.ports = {output(RDU_HW_VECTOR, 0, level)};
    const std::uint32_t argument = region(RDU_HW_ACCESS_READ, 4 * words(domain));
    context.transfer = {argument, RDU_HW_TRANSFER_DENSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
    return {leave(RDU_HW_VECTOR, 0), RDU_HW_VECTOR, domain};
  }

  // A PCU that takes all the streams, and sends one element per firing or per iteration at an outer level.
  Stream map(std::span<const Stream> streams) {
    const std::vector<rdu_hw_counter> domain = streams.front().domain;
    const auto level = static_cast<std::uint32_t>(domain.size());
    Context& context = open(RDU_HW_PROGRAM_SIMD, seats_.take(RDU_HW_UNIT_PCU), domain);
    for (std::uint32_t i = 0; i < streams.size(); ++i) {
      context.ports.push_back(input(streams[i].kind, i, level));
      arrive(streams[i].link, i, fifo(arch_.pcu.ports, streams[i].kind));
    }
    const std::uint32_t result = add_random_body(context, arch_, random_);
    const bool reduces = streams.size() == 1 && level > 1 && random_.chance(25);
    const std::uint32_t kind = reduces ? std::uint32_t{RDU_HW_SCALAR} : streams.front().kind;
    const std::uint32_t sent = reduces ? level - 1 : level;
    const auto port = static_cast<std::uint32_t>(context.ports.size());
    context.ports.push_back(output(kind, 0, sent, operand(RDU_HW_OPERAND_REGISTER, result)));
    return {leave(kind, port), kind, {domain.begin(), domain.begin() + sent}};
  }

  // Through a scratchpad, a tile of the inner counters at a time, read in another order.
  Stream buffer(const Stream& stream) {
    const std::vector<rdu_hw_counter>& domain = stream.domain;
    const std::uint32_t level = stream.level();
    const std::uint32_t tile = random_.in(level > 2 ? level - 2 : 0, level);
    const std::uint32_t copies = random_.in(1, 3);
    const rdu_hw_end seat = seats_.take(RDU_HW_UNIT_PMU);
    const auto number_of_buffer = static_cast<std::uint32_t>(section_.buffers.size());
    add_buffer(seat, copies, {domain.begin() + tile, domain.end()});

    Context& writer = open(RDU_HW_PROGRAM_WRITE, seat, domain);
    writer.ports = {input(RDU_HW_VECTOR, 0, level),
                    output(RDU_HW_CONTROL, 0, tile, {}, RDU_HW_ROOM_FIRST)};
    writer.steps = {linear(domain, tile)};
    writer.access = {number_of_buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, tile, 0};
    if (random_.chance(20)) writer.access.fold = random_.in(0, 9);
    arrive(stream.link, 0, fifo(arch_.pmu.ports, RDU_HW_VECTOR));
    const std::uint32_t token = leave(RDU_HW_CONTROL, 1);

    Context& reader = open(RDU_HW_PROGRAM_READ, seat, domain);
    reader.ports = {input(RDU_HW_CONTROL, 0, tile), output(RDU_HW_VECTOR, 0, level)};
    reader.steps = {linear(domain, tile)};
    const std::uint32_t fill = random_.in(0, 9);
    reader.access = {number_of_buffer, 1, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, tile, fill};
    if (random_.chance(50)) disorder(reader, tile);
    section_.links[token].sinks = {rdu_hw::image::sink({number(), 0}, copies)};
    return {leave(RDU_HW_VECTOR, 1), RDU_HW_VECTOR, domain};
  }

  void add_buffer(rdu_hw_end seat, std::uint32_t copies, std::vector<rdu_hw_counter> tile) {
    const std::uint64_t slice = 4 * std::uint64_t{arch_.pmu.banks};
    const std::uint64_t bytes = (4 * words(tile) + slice - 1) / slice * slice;
    const std::uint32_t mode = random_.in(RDU_HW_BANK_STRIDED, RDU_HW_BANK_DIAGONAL);
    const std::uint32_t stride = random_.chance(50) ? 1 : random_.in(1, 32);
    section_.buffers.push_back({{seat.context, seat.port, copies, mode, 0, bytes, stride, 0}, {}});
  }

  // Backwards, rotated, or only in part.
  void disorder(Context& reader, std::uint32_t tile) {
    const auto size = 4 * static_cast<std::int64_t>(
                              words({reader.counters.begin() + tile, reader.counters.end()}));
    Step& step = reader.steps.front();
    switch (random_.in(0, 2)) {
      case 0:
        for (rdu_hw_term& term : step.terms) term.coefficient *= -1;
        step.offset = size - 4;
        return;
      case 1:
        step.offset = 4 * std::int64_t{random_.in(0, 64)};
        step.modulus = size;
        return;
      default:
        step.low = 0;
        step.high = std::max<std::int64_t>(size / 2, 4);
    }
  }

  void finish(const Stream& stream) {
    const auto& domain = stream.domain;
    const bool scalar = stream.kind == RDU_HW_SCALAR;
    const rdu_hw_end seat = seats_.take(RDU_HW_UNIT_AGCU);
    if (random_.chance(20)) {
      program_.arguments.push_back({{RDU_HW_ARGUMENT_SCALAR, RDU_HW_ACCESS_WRITE, 0, 4, 4}, {}});
      Context& context = open(RDU_HW_PROGRAM_RESULT, seat, domain);
      const auto argument = static_cast<std::uint32_t>(program_.arguments.size() - 1);
      context.transfer = {argument, 0, RDU_HW_FORMAT_WORD, 0, 0, 0};
    } else {
      Context& context = open(RDU_HW_PROGRAM_STORE, seat, domain);
      context.steps = {linear(domain)};
      const std::uint32_t argument = region(RDU_HW_ACCESS_WRITE, 4 * words(domain));
      context.transfer = {argument, RDU_HW_TRANSFER_DENSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
    }
    section_.contexts.back().ports = {input(stream.kind, 0, stream.level())};
    arrive(stream.link, 0, fifo(arch_.agcu.ports, scalar ? RDU_HW_SCALAR : RDU_HW_VECTOR));
  }

  // Blocks of a product of matrices, straight from memory and back.
  void add_contraction() {
    const rdu_hw_pcu& pcu = arch_.pcu;
    const rdu_hw_counter blocks = counter(random_.in(1, 3));
    const rdu_hw_counter k = counter(random_.in(1, 12));
    const std::uint32_t rows = random_.in(1, std::min(pcu.systolic_rows, pcu.lanes));
    const std::uint32_t columns = random_.in(1, std::min(pcu.systolic_columns, pcu.lanes));
    const Stream a = load({blocks, k, counter(rows, pcu.lanes)});
    const Stream b = load({blocks, k, counter(columns, pcu.lanes)});
    Context& array = open(RDU_HW_PROGRAM_SYSTOLIC, seats_.take(RDU_HW_UNIT_PCU), {blocks, k});
    array.ports = {input(RDU_HW_VECTOR, 0, 2), input(RDU_HW_VECTOR, 1, 2),
                   output(RDU_HW_VECTOR, 0, 1)};
    const std::uint32_t format = random_.chance(50) ? RDU_HW_SYSTOLIC_FP32 : RDU_HW_SYSTOLIC_INT32;
    array.systolic = {rows, columns, format, 1, 0, 1, 2, 0};
    arrive(a.link, 0, fifo(pcu.ports, RDU_HW_VECTOR));
    arrive(b.link, 1, fifo(pcu.ports, RDU_HW_VECTOR));
    finish({leave(RDU_HW_VECTOR, 2),
            RDU_HW_VECTOR,
            {blocks, counter(rows), counter(columns, pcu.lanes)}});
  }

  const rdu_hw_arch& arch_;
  Random& random_;
  Program& program_;
  Seats seats_;
  Section section_;
};

}  // namespace

Program random_program(std::uint64_t seed, const rdu_hw_arch& arch) {
  Random random(seed);
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  const std::uint32_t sections = random.in(1, 2);
  while (program.sections.size() < sections) {
    const std::size_t arguments = program.arguments.size();
    Section section = Generator(arch, random, program).run();
    if (route(section, arch)) {
      program.sections.push_back(std::move(section));
    } else {
      program.arguments.resize(arguments);
    }
  }
  return program;
}

}  // namespace image_test
