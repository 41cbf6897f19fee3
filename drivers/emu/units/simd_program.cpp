// From registers to values: who needs which rows; then instruction after instruction, and what is sent.
#include "drivers/emu/units/simd_program.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kWordsOfBlock = 1024;

// Lanes that can matter: all where a register is shifted, else those of the counter.
unsigned width_of(const image::ContextView& context, const rdu_hw_arch& arch) {
  bool shifts = false;
  for (const rdu_hw_instruction& instruction : context.instructions()) {
    for (const rdu_hw_operand& operand : instruction.operands) shifts |= operand.shift != 0;
  }
  for (const rdu_hw_port& port : context.ports()) shifts |= port.value.shift != 0;
  if (shifts) return arch.pcu.lanes;
  return context.innermost() == 0 ? 1 : context.counters().back().lanes;
}

}  // namespace

SimdProgram::SimdProgram(const Context& context, const World& world, const Timeline& timeline)
    : context_(&context),
      world_(&world),
      longest_(std::max<std::int64_t>(16, kWordsOfBlock / width_of(context.view, world.arch))),
      values_(context, world, timeline, width_of(context.view, world.arch), longest_) {
  add_instructions();
  add_outputs(timeline);
  find_domains();
  values_.settle();
  const auto size = static_cast<std::size_t>(longest_);
  trees_.resize(size);
  tree_positions_.resize(size);
  packed_.resize(2 * size * values_.width());
}

SimdProgram::Id SimdProgram::operand(const rdu_hw_operand& operand) {
  if (operand.kind == RDU_HW_OPERAND_NONE) return SimdValues::kNone;
  if (operand.kind != RDU_HW_OPERAND_REGISTER) return values_.add(operand);
  const Id id = written_[operand.value];
  return operand.shift == 0 ? id : values_.add_shifted(id, operand.shift);
}

void SimdProgram::add_instructions() {
  for (const rdu_hw_instruction& record : context_->view.instructions()) {
    Stage stage{.record = record};
    for (unsigned i = 0; i < 3; ++i) stage.operands[i] = operand(record.operands[i]);
    stage.result = values_.add_result();
    const bool picks = record.position != RDU_HW_NONE;
    stage.position = picks ? values_.add_result() : SimdValues::kNone;
    const std::uint32_t last = picks ? std::max(record.result, record.position) : record.result;
    if (written_.size() <= last) written_.resize(last + std::size_t{1}, SimdValues::kNone);
    written_[record.result] = stage.result;
    if (picks) written_[record.position] = stage.position;
    stage.state.resize(values_.width());
    stage.positions.resize(values_.width());
    stages_.push_back(std::move(stage));
  }
}

void SimdProgram::add_outputs(const Timeline& timeline) {
  for (std::uint32_t i = 0; i < context_->num_ports(); ++i) {
    const rdu_hw_port& port = context_->port(i);
    if (port.direction == RDU_HW_INPUT || port.kind == RDU_HW_CONTROL) continue;
    const Id value = operand(port.value);
    const unsigned domain = values_.domain_of(port.level);
    outputs_.push_back({Output(timeline.firing(), timeline.place(i)), port.kind, domain, value});
    values_.need(value, domain);
  }
}

// Backwards: an instruction computes the rows that its users need, an accumulator all when they look at it inside its
// iterations.
void SimdProgram::find_domains() {
  for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage) {
    const bool computes = stage->record.kind == RDU_HW_DO_COMPUTE;
    if (stage->position != SimdValues::kNone) {
      if (!values_.is_needed(stage->result) && !values_.is_needed(stage->position)) continue;
      for (const Id id : {stage->result, stage->position}) {
        values_.need(id, values_.all());
        values_.need_all(id);
      }
    }
    if (!values_.is_needed(stage->result)) continue;
    stage->domain = values_.domain(stage->result);
    if (!computes && stage->domain > values_.domain_of(stage->record.level)) {
      stage->domain = values_.all();
      values_.need_all(stage->result);
    }
    for (const Id id : stage->operands) {
      if (id != SimdValues::kNone) values_.need(id, computes ? stage->domain : values_.all());
    }
  }
}

void SimdProgram::run(Chain& chain, std::int64_t count) {
  values_.begin(chain, count);
  for (const Sent& sent : outputs_) {
    // Results are written where they are sent from, if the row is the whole vector.
    const bool whole = sent.kind == RDU_HW_VECTOR && sent.domain == values_.all() &&
                       values_.width() == world_->arch.pcu.lanes;
    if (whole && values_.is_result(sent.value))
      values_.redirect(sent.value, sent.output.begin(count));
  }
  for (Stage& stage : stages_) {
    if (!values_.is_needed(stage.result)) continue;
    if (stage.record.kind == RDU_HW_DO_COMPUTE) {
      compute(stage);
    } else {
      accumulate(stage);
    }
  }
  for (const Sent& sent : outputs_) send(sent, count);
  for (const Sent& sent : outputs_) clear_lanes(sent, count);
}

void SimdProgram::compute(Stage& stage) {
  const Word* operands[3] = {};
  for (unsigned i = 0; i < 3; ++i) {
    if (stage.operands[i] != SimdValues::kNone) {
      operands[i] = values_.rows(stage.operands[i], stage.domain, i);
    }
  }
  const auto words = static_cast<std::size_t>(values_.num_rows(stage.domain)) * values_.width();
  world_->forms.op[stage.record.code](values_.result(stage.result), operands[0], operands[1],
                                      operands[2], words);
}

void SimdProgram::send(const Sent& sent, std::int64_t count) {
  const std::int64_t rows = values_.num_rows(sent.domain);
  if (rows == 0) return;
  Word* to = sent.output.begin(count);
  const Word* from = values_.rows(sent.value, sent.domain, 0);
  const unsigned width = values_.width();
  if (sent.kind == RDU_HW_SCALAR) {
    for (std::int64_t row = 0; row < rows; ++row) to[row] = from[row * width];
    return;
  }
  const unsigned lanes = world_->arch.pcu.lanes;
  if (from != to && width == lanes) std::copy_n(from, rows * width, to);
  for (std::int64_t row = 0; row < rows && width != lanes; ++row) {
    std::copy_n(from + row * width, width, to + row * lanes);
  }
}

// What is not valid leaves as 0; behind everything that is sent, since rows may lie in a ring themselves.
void SimdProgram::clear_lanes(const Sent& sent, std::int64_t count) {
  if (sent.kind == RDU_HW_SCALAR) return;
  const unsigned lanes = world_->arch.pcu.lanes;
  const Block& block = values_.block();
  const unsigned own = context_->view.innermost() == 0 ? 1 : context_->view.counters().back().lanes;
  if (!block.has_tails() && own == lanes) return;
  Word* to = sent.output.begin(count);
  const std::int64_t rows = values_.num_rows(sent.domain);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint32_t valid = block.valid(values_.firing(sent.domain, row));
    std::fill(to + row * lanes + valid, to + (row + 1) * lanes, 0);
  }
}

}  // namespace rdu_hw::emu
