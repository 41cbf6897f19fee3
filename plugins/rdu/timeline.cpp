// Cycles become nanoseconds from the begin of the submit on: the chip's own time, however long the emulation took.
#include "plugins/rdu/timeline.hpp"

#include <chrono>
#include <map>
#include <rdu/plugin/graph.hpp>
#include <vector>

namespace rdu::chip_plugin {
namespace {

using plugin::concat;

void emit(const Owner& owner, const std::string& track, const std::string& name,
          std::uint64_t begin_ns, std::uint64_t end_ns, const char* details = nullptr) {
  const rdu_trace_span span{
      RDU_HEADER(rdu_trace_span), track.c_str(), name.c_str(), begin_ns, end_ns, details};
  owner.host->trace(owner.host, &span);
}

std::string unit_name(const rdu_hw_context& context) {
  switch (rdu_hw_program_unit(context.program)) {
    case RDU_HW_UNIT_PCU:
      return concat("pcu (", context.row, ", ", context.column, ")");
    case RDU_HW_UNIT_PMU:
      return concat("pmu (", context.row, ", ", context.column, ")");
    default:
      return concat("agcu ", context.row);
  }
}

// Labels of one kind, by index; a label without text is called after its node.
std::map<std::uint32_t, std::string> labels(const TracedRun& traced, std::uint32_t kind) {
  const rdu_hw_image& image = *traced.image;
  std::map<std::uint32_t, std::string> names;
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    const rdu_hw_label& label = image.labels[i];
    if (label.kind != kind) continue;
    std::string& name = names[label.index];
    name.assign(image.text + label.text.first, label.text.count);
    const plugin::Graph graph(traced.graph);
    if (name.empty() && label.node < graph.nodes().size()) name = graph.nodes()[label.node].name;
  }
  return names;
}

class ChipTime {
 public:
  ChipTime(const Owner& owner, const TracedRun& traced, const rdu_hw_counters& counters)
      : owner_(owner), traced_(traced), counters_(counters) {}

  void emit_sections() const {
    const auto names = labels(traced_, RDU_HW_LABEL_SECTION);
    for (std::uint32_t s = 0; s < counters_.num_sections; ++s) {
      const rdu_hw_section_counters& section = counters_.sections[s];
      const auto name = names.find(s);
      const std::string title = concat("section ", s, name == names.end() ? "" : " ",
                                       name == names.end() ? std::string() : name->second);
      std::uint64_t at = section.begin_cycle;
      const auto phase = [&](const char* what, std::uint64_t cycles) {
        if (cycles != 0) emit_cycles("sections", concat(title, ": ", what), at, at + cycles);
        at += cycles;
      };
      phase("program load", section.program_cycles);
      phase("argument load", section.argument_cycles);
      phase("execution", section.exec_cycles);
      phase("quiesce", section.quiesce_cycles);
    }
  }

  void emit_units() const {
    const auto names = labels(traced_, RDU_HW_LABEL_CONTEXT);
    for (std::uint32_t i = 0; i < counters_.num_spans; ++i) {
      const rdu_hw_span& span = counters_.spans[i];
      const std::string unit = unit_name(traced_.image->contexts[span.context]);
      const auto name = names.find(span.context);
      emit_cycles(unit, name == names.end() ? concat("context ", span.context) : name->second,
                  span.begin_cycle, span.end_cycle);
    }
  }

 private:
  std::uint64_t ns_at(std::uint64_t cycle) const {
    const std::uint64_t hz = counters_.clock_hz;
    return traced_.begin_ns + cycle / hz * 1'000'000'000 + cycle % hz * 1'000'000'000 / hz;
  }

  void emit_cycles(const std::string& track, const std::string& name, std::uint64_t begin,
                   std::uint64_t end) const {
    emit(owner_, concat(owner_.name, " ", track), name, ns_at(begin), ns_at(end));
  }

  const Owner& owner_;
  const TracedRun& traced_;
  const rdu_hw_counters& counters_;
};

// The driver's object, with what the package and the host know put in front.
std::string details_of(const Owner& owner, const TracedRun& traced) {
  std::string json(rdu_hw_run_print_json(traced.run, nullptr, 0), '\0');
  rdu_hw_run_print_json(traced.run, json.data(), json.size() + 1);
  if (json.empty()) return {};
  return concat("{\"chip\": \"", owner.name, "\", \"first_section\": ", traced.first_section,
                ", \"estimated_cycles\": ", traced.estimated_cycles, ", ", json.substr(1));
}

}  // namespace

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

TracedCopy::TracedCopy(const Owner& owner, const char* name) : owner_(owner), name_(name) {
  if (owner.host->tracing(owner.host) == 0) return;
  if (rdu_hw_chip_get_info(owner.chip, &before_, nullptr) == RDU_HW_OK) begin_ns_ = now_ns();
}

TracedCopy::~TracedCopy() {
  rdu_hw_chip_info after = {};
  if (begin_ns_ == 0 || rdu_hw_chip_get_info(owner_.chip, &after, nullptr) != RDU_HW_OK) return;
  try {
    const std::string details =
        concat("{\"chip\": \"", owner_.name,
               "\", \"dma_in_bytes\": ", after.dma_in_bytes - before_.dma_in_bytes,
               ", \"dma_out_bytes\": ", after.dma_out_bytes - before_.dma_out_bytes,
               ", \"dma_ns\": ", after.dma_ns - before_.dma_ns, "}");
    emit(owner_, concat(owner_.name, " dma"), name_, begin_ns_, now_ns(), details.c_str());
  } catch (const std::bad_alloc&) {
    // The copy was made; its span is what is lost.
  }
}

void trace_run(const Owner& owner, const TracedRun& traced) {
  rdu_hw_counters counters = {};
  if (rdu_hw_run_counters(traced.run, &counters, nullptr) != RDU_HW_OK) return;
  const std::uint64_t end_ns = now_ns();
  const ChipTime time(owner, traced, counters);
  time.emit_sections();
  time.emit_units();
  const std::string details = details_of(owner, traced);
  emit(owner, owner.name, "chip", traced.begin_ns, end_ns, details.c_str());
}

}  // namespace rdu::chip_plugin
