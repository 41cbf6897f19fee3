// Sorts a section's records by unit and by node of the graph.
#include "tools/rdu/chip/chip_section.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace rdu::tool {

namespace {

constexpr std::array<const char*, 7> kPrograms = {"simd", "systolic", "write", "read",
                                                  "load", "store",    "result"};

struct LabelText {
  std::string text;
  std::uint32_t node = RDU_HW_NONE;
};

// Labels of one kind, by their record's number.
std::map<std::uint32_t, LabelText> labels_of(const rdu_hw_image& image, std::uint32_t kind) {
  std::map<std::uint32_t, LabelText> labels;
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    const rdu_hw_label& label = image.labels[i];
    if (label.kind != kind) continue;
    labels[label.index] = {std::string(image.text + label.text.first, label.text.count),
                           label.node};
  }
  return labels;
}

class Reader {
 public:
  Reader(const ChipWork& work, const ChipProgram& program, std::uint32_t section)
      : work_(work),
        program_(program),
        image_(*program.image),
        record_(image_.sections[section]),
        labels_(labels_of(image_, RDU_HW_LABEL_CONTEXT)) {
    out_.index = section;
    const auto names = labels_of(image_, RDU_HW_LABEL_SECTION);
    if (const auto found = names.find(section); found != names.end()) {
      out_.name = found->second.text;
    }
    if (program.counters) out_.counters = &program.counters->sections[section];
  }

  ChipSection run() && {
    make_units();
    make_groups();
    make_contexts();
    make_links();
    count_units();
    return std::move(out_);
  }

 private:
  using Seat = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

  const rdu_hw_context& context(std::uint32_t number) const {
    return image_.contexts[record_.contexts.first + number];
  }
  static Seat seat(const rdu_hw_context& context) {
    return {rdu_hw_program_unit(context.program), context.row, context.column};
  }
  const LabelText* label(std::uint32_t number) const {
    const auto found = labels_.find(record_.contexts.first + number);
    return found == labels_.end() ? nullptr : &found->second;
  }

  void make_units() {
    for (std::uint32_t i = 0; i < record_.contexts.count; ++i) seats_[seat(context(i))] = 0;
    for (std::uint32_t i = 0; i < record_.buffers.count; ++i) seats_[seat_of_buffer(i)] = 0;
    for (auto& [seat, number] : seats_) {
      number = static_cast<std::uint32_t>(out_.units.size());
      SectionUnit unit;
      std::tie(unit.kind, unit.row, unit.column) = seat;
      out_.units.push_back(std::move(unit));
    }
    for (std::uint32_t i = 0; i < record_.buffers.count; ++i) {
      const rdu_hw_buffer& buffer = image_.buffers[record_.buffers.first + i];
      const std::uint64_t banks =
          buffer.bank_mode == RDU_HW_BANK_DUPLICATED ? work_.arch.pmu.banks : 1;
      const std::uint64_t bytes = buffer.bytes * buffer.copies * banks;
      out_.units[seats_[seat_of_buffer(i)]].scratchpad_bytes += bytes;
      out_.scratchpad_bytes += bytes;
    }
  }

  Seat seat_of_buffer(std::uint32_t number) const {
    const rdu_hw_buffer& buffer = image_.buffers[record_.buffers.first + number];
    return {RDU_HW_UNIT_PMU, buffer.row, buffer.column};
  }

  // By node where any context has one, else by label.
  void make_groups() {
    for (std::uint32_t i = 0; i < record_.contexts.count; ++i) {
      out_.by_node = out_.by_node || (label(i) != nullptr && label(i)->node != RDU_HW_NONE);
    }
    std::vector<std::uint32_t> keys;
    std::map<std::string, std::uint32_t> labels;
    std::map<std::uint32_t, SectionGroup> groups;  // by node or number of the label
    for (std::uint32_t i = 0; i < record_.contexts.count; ++i) {
      const LabelText* text = label(i);
      std::uint32_t key = RDU_HW_NONE;
      if (text != nullptr && out_.by_node) {
        key = text->node;
      } else if (text != nullptr && !text->text.empty()) {
        key =
            labels.try_emplace(text->text, static_cast<std::uint32_t>(labels.size())).first->second;
      }
      keys.push_back(key);
      groups.try_emplace(
          key, SectionGroup{.name = group_name(key, text), .has_name = key != RDU_HW_NONE});
    }
    std::map<std::uint32_t, std::uint32_t> numbers;
    for (auto& [key, group] : groups) {
      numbers[key] = static_cast<std::uint32_t>(out_.groups.size());
      out_.groups.push_back(std::move(group));
    }
    for (const std::uint32_t key : keys) groups_.push_back(numbers[key]);
  }

  std::string group_name(std::uint32_t key, const LabelText* text) const {
    if (key == RDU_HW_NONE) return out_.by_node ? "of no node" : "without a name";
    if (!out_.by_node) return text->text;
    const bool named = key < work_.nodes.size() && !work_.nodes[key].empty();
    return named ? work_.nodes[key] : "node " + std::to_string(key);
  }

  void make_contexts() {
    const double execution =
        out_.counters == nullptr ? 0 : static_cast<double>(out_.counters->exec_cycles);
    for (std::uint32_t i = 0; i < record_.contexts.count; ++i) {
      SectionContext made;
      made.index = record_.contexts.first + i;
      made.unit = seats_[seat(context(i))];
      made.group = groups_[i];
      const LabelText* text = label(i);
      made.label =
          text != nullptr && !text->text.empty() ? text->text : kPrograms[context(i).program];
      made.name = text != nullptr && text->node != RDU_HW_NONE ? role(made.label) : made.label;
      if (execution > 0) {
        const auto busy = program_.counters->contexts[made.index].busy_cycles;
        made.busy = std::min(1.0, static_cast<double>(busy) / execution);
      }
      SectionGroup& group = out_.groups[made.group];
      group.busy = std::max(group.busy, made.busy);
      out_.units[made.unit].contexts.push_back(i);
      out_.contexts.push_back(std::move(made));
    }
  }

  // Labels of a node's contexts are "node: role".
  static std::string role(const std::string& label) {
    const std::size_t colon = label.rfind(": ");
    return colon == label.npos ? label : label.substr(colon + 2);
  }

  void make_links() {
    for (std::uint32_t i = 0; i < record_.links.count; ++i) {
      SectionLink link;
      link.index = record_.links.first + i;
      const rdu_hw_link& record = image_.links[link.index];
      link.source = record.source.context;
      for (std::uint32_t s = 0; s < record.sinks.count; ++s) {
        link.sinks.push_back(image_.sinks[record.sinks.first + s].end.context);
      }
      if (program_.counters) link.elements = program_.counters->link_elements[link.index];
      out_.links.push_back(std::move(link));
    }
  }

  void count_units() {
    for (const SectionUnit& unit : out_.units) {
      ++out_.units_used[unit.kind];
      std::set<std::uint32_t> groups;
      for (const std::uint32_t i : unit.contexts) groups.insert(out_.contexts[i].group);
      for (const std::uint32_t group : groups) ++out_.groups[group].units[unit.kind];
    }
  }

  const ChipWork& work_;
  const ChipProgram& program_;
  const rdu_hw_image& image_;
  const rdu_hw_section& record_;
  std::map<std::uint32_t, LabelText> labels_;  // of contexts
  std::map<Seat, std::uint32_t> seats_;
  std::vector<std::uint32_t> groups_;  // of each context
  ChipSection out_;
};

}  // namespace

ChipSection read_section(const ChipWork& work, const ChipProgram& program, std::uint32_t section) {
  return Reader(work, program, section).run();
}

std::string seat_text(const SectionUnit& unit) {
  if (unit.kind == RDU_HW_UNIT_AGCU) return "agcu " + std::to_string(unit.row);
  return (unit.kind == RDU_HW_UNIT_PCU ? "pcu (" : "pmu (") + std::to_string(unit.row) + ", " +
         std::to_string(unit.column) + ")";
}

}  // namespace rdu::tool
