// Steps are taken in the longest rows that lie within one block of results.
#include "drivers/emu/units/systolic.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

// The registers stand where the result port is.
std::vector<Attachment> ports_of_array(const Context& context, sim::Channel& registers) {
  const std::uint32_t result = context.view.image.systolics[context.record().detail].result;
  std::vector<Attachment> ports = attach(context, all_ports(context));
  ports[result] = {result, {&registers}, sim::Port::Need::kLast};
  return ports;
}

sim::ChannelSpec registers(const Context& context, Time columns) {
  return {.name = "the result registers of " + context.name, .depth = 1, .latency = columns};
}

}  // namespace

SystolicArray::SystolicArray(const rdu_hw_systolic& shape, const arith::Forms& forms,
                             unsigned lanes)
    : shape_(shape),
      forms_(forms),
      lanes_(lanes),
      sums_(std::size_t{shape.rows} * shape.columns),
      results_(sums_.size()) {}

void SystolicArray::take(const Word* a, const Word* b, std::int64_t count) {
  if (shape_.format == RDU_HW_SYSTOLIC_BF16_PAIR) return take_pairs(a, b, count);
  const arith::Operand operand =
      shape_.format == RDU_HW_SYSTOLIC_FP32 ? arith::Operand::kFp32 : arith::Operand::kInt32;
  forms_.systolic_of(operand, operand)({.c = sums_.data(),
                                        .c_row = shape_.columns,
                                        .a = a,
                                        .a_row = 1,
                                        .a_step = lanes_,
                                        .b = b,
                                        .b_step = lanes_,
                                        .rows = shape_.rows,
                                        .columns = shape_.columns,
                                        .steps = static_cast<std::size_t>(count)});
}

// A vector of pairs becomes two steps: the lower halves, then the upper ones.
void SystolicArray::take_pairs(const Word* a, const Word* b, std::int64_t count) {
  const auto steps = static_cast<std::size_t>(count) * 2;
  const auto split = [&](const Word* words, std::uint32_t lanes,
                         std::vector<std::uint16_t>& halves) {
    halves.resize(std::max(halves.size(), steps * lanes));
    std::uint16_t* to = halves.data();
    for (std::int64_t k = 0; k < count; ++k, words += lanes_, to += 2 * lanes) {
      for (std::uint32_t i = 0; i < lanes; ++i) {
        to[i] = static_cast<std::uint16_t>(words[i]);
        to[lanes + i] = static_cast<std::uint16_t>(words[i] >> 16);
      }
    }
  };
  split(a, shape_.rows, a_);
  split(b, shape_.columns, b_);
  forms_.systolic_of(arith::Operand::kBf16, arith::Operand::kBf16)({.c = sums_.data(),
                                                                    .c_row = shape_.columns,
                                                                    .a = a_.data(),
                                                                    .a_row = 1,
                                                                    .a_step = shape_.rows,
                                                                    .b = b_.data(),
                                                                    .b_step = shape_.columns,
                                                                    .rows = shape_.rows,
                                                                    .columns = shape_.columns,
                                                                    .steps = steps});
}

void SystolicArray::finish() {
  std::swap(sums_, results_);
  std::fill(sums_.begin(), sums_.end(), 0);
}

void SystolicArray::drain(std::int64_t row, std::int64_t count, Word* to) const {
  for (std::int64_t i = 0; i < count; ++i, to += lanes_) {
    const Word* from = results_.data() + (row + i) % shape_.rows * shape_.columns;
    std::copy_n(from, shape_.columns, to);
    std::fill(to + shape_.columns, to + lanes_, 0);
  }
}

Systolic::Systolic(const Context& context, World& world)
    : ContextUnit(context, world, ports_of_array(context, blocks_)),
      shape_(context.view.image.systolics[context.record().detail]),
      blocks_(registers(context, shape_.columns)) {
  drain_.emplace(*this, world);
  blocks_.connect(this, &*drain_);
  if (!values()) return;
  array_.emplace(shape_, world.forms, lanes());
  a_.emplace(timeline_.firing(), timeline_.place(shape_.a), lanes());
  b_.emplace(timeline_.firing(), timeline_.place(shape_.b), lanes());
}

void Systolic::compute(std::int64_t count) {
  if (!array_) return;
  a_->begin(count);
  b_->begin(count);
  Chain& chain = timeline_.chain();
  std::int64_t taken = 0;
  const auto take_until = [&](std::int64_t end) {
    if (end > taken) array_->take(a_->at(taken), b_->at(taken), end - taken);
    taken = end;
  };
  walk_runs(chain, count, [&](std::int64_t at, std::int64_t firings) {
    if (shape_.level >= chain.run_level()) {
      for (std::int64_t i = 1; i <= firings; ++i) {
        take_until(at + i);
        array_->finish();
      }
    } else if (firings == chain.firings_left() && chain.run_end_level() <= shape_.level) {
      take_until(at + firings);
      array_->finish();
    }
  });
  take_until(count);
}

sim::Progress Systolic::run() {
  return run_blocks([&](std::int64_t count) { compute(count); });
}

sim::Unit& Systolic::sender(std::uint32_t port) {
  if (port == shape_.result) return *drain_;
  return *this;
}

void Systolic::join(sim::Schedule& schedule) {
  schedule.add(*this);
  schedule.add(*drain_);
}

bool Systolic::done() const { return timeline_.done() && drain_->timeline.done(); }

Time Systolic::end() const { return std::max(timeline_.end(), drain_->timeline.end()); }

void Systolic::report(ContextReport& report) const {
  ContextUnit::report(report);
  report.second = drain_->timeline.report();
  const std::int64_t steps = shape_.format == RDU_HW_SYSTOLIC_BF16_PAIR ? 2 : 1;
  report.operations = 2 * steps * shape_.rows * shape_.columns * report.main.firings;
}

Systolic::Drain::Drain(Systolic& array, World& world)
    : Unit("the drain of " + array.name()),
      timeline(world),
      array_(array),
      values_(world.options.values) {
  timeline.firing().add_input(array.blocks_, array.shape_.rows);
  for (sim::Channel* channel : array.context_.channels[array.shape_.result]) {
    timeline.firing().add_output(*channel);
  }
}

sim::Progress Systolic::Drain::run() {
  const Output output(timeline.firing(), 1);
  while (const std::int64_t count = timeline.possible()) {
    if (values_) array_.array_->drain(row_, count, output.begin(count));
    row_ = (row_ + count) % array_.shape_.rows;
    timeline.fire(count);
  }
  const std::int64_t due = array_.blocks_.sent() * array_.shape_.rows;
  if (array_.timeline_.done() && timeline.firing().fired() == due) timeline.finish();
  return timeline.progress();
}

}  // namespace rdu_hw::emu
