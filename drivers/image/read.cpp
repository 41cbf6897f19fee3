// The tables of a decoded image become a program again.
#include <span>

#include "drivers/image/program.hpp"

namespace rdu_hw::image {
namespace {

template <typename Record>
std::vector<Record> copy(const Record* table, rdu_hw_range range) {
  return {table + range.first, table + range.first + range.count};
}

Context read_context(const rdu_hw_image& image, const rdu_hw_context& record) {
  Context context;
  context.program = record.program;
  context.row = record.row;
  context.column = record.column;
  context.counters = copy(image.counters, record.counters);
  context.ports = copy(image.ports, record.ports);
  context.instructions = copy(image.instructions, record.instructions);
  for (const rdu_hw_step& step : copy(image.steps, record.steps)) {
    context.steps.push_back({copy(image.terms, step.terms), step.offset, step.divisor, step.modulus,
                             step.low, step.high});
  }
  if (record.detail == RDU_HW_NONE) return context;
  switch (rdu_hw_program_unit(record.program)) {
    case RDU_HW_UNIT_PCU:
      context.systolic = image.systolics[record.detail];
      break;
    case RDU_HW_UNIT_PMU:
      context.access = image.accesses[record.detail];
      break;
    default:
      context.transfer = image.transfers[record.detail];
  }
  return context;
}

Section read_section(const rdu_hw_image& image, const rdu_hw_section& record) {
  Section section;
  for (const rdu_hw_context& context : copy(image.contexts, record.contexts)) {
    section.contexts.push_back(read_context(image, context));
  }
  for (const rdu_hw_buffer& buffer : copy(image.buffers, record.buffers)) {
    section.buffers.push_back({buffer, {}});
  }
  for (const rdu_hw_link& link : copy(image.links, record.links)) {
    section.links.push_back({link.kind,
                             link.source,
                             copy(image.sinks, link.sinks),
                             link.initial,
                             link.entry_row,
                             link.entry_column,
                             copy(image.hops, link.hops),
                             {}});
  }
  return section;
}

// Where the labels of each kind go.
std::vector<Label*> labelled(Program& program, std::uint32_t kind) {
  std::vector<Label*> labels;
  if (kind == RDU_HW_LABEL_ARGUMENT) {
    for (Argument& argument : program.arguments) labels.push_back(&argument.label);
    return labels;
  }
  for (Section& section : program.sections) {
    auto add = [&](auto& items) {
      for (auto& item : items) labels.push_back(&item.label);
    };
    if (kind == RDU_HW_LABEL_SECTION) labels.push_back(&section.label);
    if (kind == RDU_HW_LABEL_CONTEXT) add(section.contexts);
    if (kind == RDU_HW_LABEL_BUFFER) add(section.buffers);
    if (kind == RDU_HW_LABEL_LINK) add(section.links);
  }
  return labels;
}

}  // namespace

Program read_program(const rdu_hw_image& image) {
  Program program;
  program.arch_hash = image.arch_hash;
  for (const rdu_hw_argument& argument : std::span(image.arguments, image.num_arguments)) {
    program.arguments.push_back({argument, {}});
  }
  for (const rdu_hw_section& section : std::span(image.sections, image.num_sections)) {
    program.sections.push_back(read_section(image, section));
  }
  program.num_setup_sections = rdu_hw_image_num_setup_sections(&image);
  std::vector<Label*> labels[RDU_HW_LABEL_LINK + 1];
  for (std::uint32_t kind = 0; kind <= RDU_HW_LABEL_LINK; ++kind) {
    labels[kind] = labelled(program, kind);
  }
  for (const rdu_hw_label& label : std::span(image.labels, image.num_labels)) {
    const char* text = image.text + label.text.first;
    *labels[label.kind][label.index] = {std::string(text, label.text.count), label.node};
  }
  return program;
}

}  // namespace rdu_hw::image
