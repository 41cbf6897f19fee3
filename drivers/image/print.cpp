// An image as text, one line for each record that is not part of another.
#include "drivers/image/print.hpp"

#include <array>
#include <map>
#include <string_view>

#include "drivers/emu/arith/ops.hpp"
#include "drivers/image/route.hpp"
#include "drivers/image/view.hpp"

namespace rdu_hw::image {
namespace {

constexpr std::array<const char*, 7> kPrograms = {"simd", "systolic", "write", "read",
                                                  "load", "store",    "result"};
constexpr std::array<const char*, 3> kUnits = {"pcu", "pmu", "agcu"};
constexpr std::array<const char*, 3> kKinds = {"vector", "scalar", "control"};
constexpr std::array<const char*, 4> kSides = {"west", "east", "north", "south"};
constexpr std::array<const char*, 6> kDo = {"compute", "accumulate",      "accumulate_product",
                                            "reduce",  "accumulate_pick", "reduce_pick"};
constexpr std::array<const char*, 4> kFormats = {"word", "bf16", "int8", "uint8"};
constexpr std::array<const char*, 3> kSystolicFormats = {"fp32", "int32", "bf16_pair"};
constexpr std::array<const char*, 3> kBankModes = {"strided", "diagonal", "duplicated"};
constexpr std::array<const char*, 4> kAccess = {"", "read", "write", "read write"};
#define X(name, ...) #name,
constexpr std::array<const char*, arith::kNumFolds> kFolds = {RDU_HW_ARITH_FOLDS(X)};
constexpr std::array<const char*, arith::kNumPicks> kPicks = {RDU_HW_ARITH_PICKS(X)};
#undef X

std::string str(std::uint64_t number) { return std::to_string(number); }

std::string signed_str(std::int64_t number) { return std::to_string(number); }

std::string hexadecimal(std::uint64_t value, unsigned digits) {
  std::string text = "0x";
  while (digits-- > 0) text += "0123456789abcdef"[value >> 4 * digits & 15];
  return text;
}

class Printer {
 public:
  explicit Printer(const rdu_hw_image& image) : image_(image) {
    for (std::uint32_t i = 0; i < image.num_labels; ++i) {
      const rdu_hw_label& label = image.labels[i];
      std::string text;
      if (label.text.count != 0) {
        text = " \"" + std::string(image.text + label.text.first, label.text.count) + '"';
      }
      if (label.node != RDU_HW_NONE) text += " node " + str(label.node);
      labels_[{label.kind, label.index}] = text;
    }
  }

  std::string run() {
    text_ = "image for chip " + hexadecimal(image_.arch_hash, 16) + "\n";
    for (std::uint32_t i = 0; i < image_.num_arguments; ++i) print_argument(i);
    for (std::uint32_t i = 0; i < image_.num_sections; ++i) print_section(i);
    return std::move(text_);
  }

 private:
  void line(unsigned indent, const std::string& text) {
    text_ += std::string(indent, ' ') + text + '\n';
  }
  std::string label(std::uint32_t kind, std::uint32_t index) const {
    const auto at = labels_.find({kind, index});
    return at == labels_.end() ? "" : at->second;
  }

  void print_argument(std::uint32_t i) {
    const rdu_hw_argument& argument = image_.arguments[i];
    std::string text = "argument " + str(i) + label(RDU_HW_LABEL_ARGUMENT, i) + ": ";
    if (argument.kind == RDU_HW_ARGUMENT_REGION) {
      text += "region of " + str(argument.bytes) + " bytes in " +
              (argument.tier == RDU_HW_TIER_HBM ? "hbm" : "dram") + ", aligned to " +
              str(argument.alignment) + ", ";
    } else {
      text += "scalar, ";
    }
    line(0, text + kAccess[argument.access]);
  }

  void print_section(std::uint32_t i) {
    const bool sets_up = i < rdu_hw_image_num_setup_sections(&image_);
    line(0, (sets_up ? "setup section " : "section ") + str(i) + label(RDU_HW_LABEL_SECTION, i));
    const rdu_hw_section& section = image_.sections[i];
    for (std::uint32_t b = 0; b < section.buffers.count; ++b) {
      print_buffer(b, section.buffers.first + b);
    }
    for_each_context(image_, i, [&](const ContextView& context) {
      const auto index = static_cast<std::uint32_t>(&context.record - image_.contexts);
      print_context(context, index - section.contexts.first, index);
    });
    for (std::uint32_t k = 0; k < section.links.count; ++k) {
      print_link(k, section.links.first + k);
    }
  }

  void print_buffer(std::uint32_t number, std::uint32_t index) {
    const rdu_hw_buffer& buffer = image_.buffers[index];
    line(2, "buffer " + str(number) + label(RDU_HW_LABEL_BUFFER, index) + ": pmu (" +
                str(buffer.row) + ", " + str(buffer.column) + "), " + str(buffer.copies) + " x " +
                str(buffer.bytes) + " bytes at " + str(buffer.base) + ", " +
                kBankModes[buffer.bank_mode] + " by " + str(buffer.bank_stride));
  }

  void print_context(const ContextView& context, std::uint32_t number, std::uint32_t index) {
    const rdu_hw_context& record = context.record;
    const bool is_agcu = context.unit() == RDU_HW_UNIT_AGCU;
    const std::string seat =
        is_agcu ? str(record.row) : "(" + str(record.row) + ", " + str(record.column) + ")";
    line(2, "context " + str(number) + label(RDU_HW_LABEL_CONTEXT, index) + ": " +
                kPrograms[record.program] + " on " + kUnits[context.unit()] + " " + seat);
    for (std::uint32_t i = 0; i < record.counters.count; ++i) {
      print_counter(i, context.counters()[i]);
    }
    for (std::uint32_t i = 0; i < record.ports.count; ++i) print_port(i, context.ports()[i]);
    for (const rdu_hw_instruction& instruction : context.instructions()) {
      print_instruction(instruction);
    }
    for (std::uint32_t i = 0; i < record.steps.count; ++i) {
      print_step(i, context.steps()[i], context.terms(context.steps()[i]));
    }
    if (record.detail != RDU_HW_NONE) print_detail(record);
  }

  void print_counter(std::uint32_t i, const rdu_hw_counter& counter) {
    std::string text = "counter " + str(i) + ": " + str(counter.extent) + " from " +
                       signed_str(counter.start) + " by " + signed_str(counter.step);
    if (counter.lanes != 1) text += ", " + str(counter.lanes) + " lanes";
    if (counter.extent_from == RDU_HW_EXTENT_ARGUMENT) {
      text += ", at most: argument " + str(counter.source);
    }
    if (counter.extent_from == RDU_HW_EXTENT_PORT) text += ", at most: port " + str(counter.source);
    line(4, text);
  }

  void print_port(std::uint32_t i, const rdu_hw_port& port) {
    const bool is_output = port.direction == RDU_HW_OUTPUT;
    std::string text = "port " + str(i) + ": " + kKinds[port.kind] +
                       (is_output ? " out " : " in ") + str(port.number) + ", link " +
                       str(port.link) + ", level " + str(port.level);
    if (port.room == RDU_HW_ROOM_FIRST) text += ", room first";
    if (port.value.kind != RDU_HW_OPERAND_NONE) text += ", sends " + operand(port.value);
    line(4, text);
  }

  static std::string operand(const rdu_hw_operand& operand) {
    const std::string value = str(operand.value);
    switch (operand.kind) {
      case RDU_HW_OPERAND_REGISTER:
        return "r" + value + (operand.shift == 0 ? "" : " of lane + " + signed_str(operand.shift));
      case RDU_HW_OPERAND_INPUT:
        return "port " + value;
      case RDU_HW_OPERAND_COUNTER:
        return "counter " + value;
      case RDU_HW_OPERAND_LANE:
        return "lane";
      case RDU_HW_OPERAND_CONSTANT:
        return hexadecimal(operand.value, 8);
      case RDU_HW_OPERAND_ARGUMENT:
        return "argument " + value;
      case RDU_HW_OPERAND_VALID:
        return "valid";
      case RDU_HW_OPERAND_FIRST:
        return "first at " + value;
      default:
        return "last at " + value;
    }
  }

  void print_instruction(const rdu_hw_instruction& instruction) {
    std::string text = "stage " + str(instruction.stage) + ": r" + str(instruction.result);
    if (instruction.position != RDU_HW_NONE) text += ", r" + str(instruction.position);
    text += " = ";
    const bool picks =
        instruction.kind == RDU_HW_DO_ACCUMULATE_PICK || instruction.kind == RDU_HW_DO_REDUCE_PICK;
    if (instruction.kind == RDU_HW_DO_COMPUTE) {
      text += arith::op_name(instruction.code);
    } else {
      text += std::string(kDo[instruction.kind]) + " " +
              (picks ? kPicks[instruction.code] : kFolds[instruction.code]) + " at level " +
              str(instruction.level);
    }
    const char* separator = " (";
    for (const rdu_hw_operand& given : instruction.operands) {
      if (given.kind == RDU_HW_OPERAND_NONE) continue;
      text += separator + operand(given);
      separator = ", ";
    }
    line(4, text + ")");
  }

  void print_step(std::uint32_t i, const rdu_hw_step& step, std::span<const rdu_hw_term> terms) {
    static constexpr std::array<const char*, 3> kSources = {"counter ", "step ", "port "};
    std::string text = "step " + str(i) + ": " + signed_str(step.offset);
    for (const rdu_hw_term& term : terms) {
      text += " + " + signed_str(term.coefficient) + " " + kSources[term.source] + str(term.index);
    }
    if (step.divisor != 1) text += ", divided by " + signed_str(step.divisor);
    if (step.modulus != 0) text += ", modulo " + signed_str(step.modulus);
    if (step.low != INT64_MIN || step.high != INT64_MAX) {
      text += ", within " + signed_str(step.low) + " .. " + signed_str(step.high);
    }
    line(4, text);
  }

  void print_detail(const rdu_hw_context& record) {
    switch (rdu_hw_program_unit(record.program)) {
      case RDU_HW_UNIT_PCU:
        return print_systolic(image_.systolics[record.detail]);
      case RDU_HW_UNIT_PMU:
        return print_access(image_.accesses[record.detail]);
      default:
        return print_transfer(record.program, image_.transfers[record.detail]);
    }
  }

  void print_systolic(const rdu_hw_systolic& array) {
    line(4, "array " + str(array.rows) + " x " + str(array.columns) + " of " +
                kSystolicFormats[array.format] + ", level " + str(array.level) + ": port " +
                str(array.result) + " = port " + str(array.a) + " x port " + str(array.b));
  }

  void print_access(const rdu_hw_access& access) {
    std::string text = "buffer " + str(access.buffer) + ", data port " + str(access.data) + ", " +
                       kFormats[access.format] + ", swaps at level " + str(access.swap_level);
    if (access.fold != RDU_HW_NONE) {
      text += std::string(", folds by ") + kFolds[access.fold];
      if (access.fresh_count != 0) {
        text += ", fresh with counters " + str(access.fresh_first) + " .. " +
                str(access.fresh_first + access.fresh_count - 1);
      }
    }
    if (access.fill != 0) text += ", fill " + hexadecimal(access.fill, 8);
    line(4, text);
  }

  void print_transfer(std::uint32_t program, const rdu_hw_transfer& transfer) {
    std::string text = "argument " + str(transfer.argument) + ", data port " + str(transfer.data);
    if (program != RDU_HW_PROGRAM_RESULT) {
      text += std::string(", ") +
              (transfer.mode == RDU_HW_TRANSFER_SPARSE ? "sparse, " : "dense, ") +
              kFormats[transfer.format];
    }
    if (transfer.fill != 0) text += ", fill " + hexadecimal(transfer.fill, 8);
    line(4, text);
  }

  static std::string pace(const rdu_hw_sink& sink) {
    return " counts: of each " + str(sink.pace_tokens) + ", (r * " + str(sink.pace_step) + " + " +
           str(sink.pace_lead) + ") / " + str(sink.pace_per) + " before iteration r of " +
           str(sink.pace_group);
  }

  void print_link(std::uint32_t number, std::uint32_t index) {
    const rdu_hw_link& link = image_.links[index];
    std::string text = "link " + str(number) + label(RDU_HW_LABEL_LINK, index) + ": " +
                       kKinds[link.kind] + " " + end(link.source) + " ->";
    const char* separator = " ";
    for (const rdu_hw_sink& sink : ContextView::of(image_.sinks, link.sinks)) {
      text += separator + end(sink.end);
      text += sink.pace_group == 0 ? " depth " + str(sink.depth) : pace(sink);
      if (sink.hop != RDU_HW_NONE) text += " behind hop " + str(sink.hop);
      separator = ", ";
    }
    if (link.initial != 0) text += ", initial " + str(link.initial);
    if (link.hops.count != 0 || link.entry_row != 0 || link.entry_column != 0) {
      text += ", enters at (" + str(link.entry_row) + ", " + str(link.entry_column) + ")";
    }
    line(2, text);
    const auto hops = ContextView::of(image_.hops, link.hops);
    for (std::uint32_t i = 0; i < hops.size(); ++i) {
      const Switch to = end_of(hops[i]);
      line(4, "hop " + str(i) + ": " + kSides[hops[i].side] + " by wire " + str(hops[i].number) +
                  " to (" + str(to.row) + ", " + str(to.column) + ")");
    }
  }

  static std::string end(const rdu_hw_end& end) { return str(end.context) + "." + str(end.port); }

  const rdu_hw_image& image_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> labels_;
  std::string text_;
};

}  // namespace

std::string text_of(const rdu_hw_image& image) { return Printer(image).run(); }

}  // namespace rdu_hw::image
