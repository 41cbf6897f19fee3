// Counters as one line of JSON, the same on every machine.
#include <array>
#include <charconv>
#include <map>

#include "drivers/emu/driver/counters.hpp"

namespace rdu_hw::emu {
namespace {

std::string number(double value) {
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6);
  return {text.data(), end.ptr};
}

double ratio(double value, double of) { return of == 0 ? 0 : value / of; }

// Labels are printable ASCII.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::map<std::uint32_t, std::string> section_names(const rdu_hw_image& image) {
  std::map<std::uint32_t, std::string> names;
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    const rdu_hw_label& label = image.labels[i];
    if (label.kind != RDU_HW_LABEL_SECTION) continue;
    names[label.index].assign(image.text + label.text.first, label.text.count);
  }
  return names;
}

class Object {
 public:
  Object& add(const char* key, const std::string& value) {
    text_ += (text_.empty() ? "\"" : ", \"") + std::string(key) + "\": " + value;
    return *this;
  }
  Object& add(const char* key, std::uint64_t value) { return add(key, std::to_string(value)); }
  Object& add(const char* key, double value) { return add(key, number(value)); }
  std::string text() const { return '{' + text_ + '}'; }

 private:
  std::string text_;
};

std::string json_of(const rdu_hw_section_counters& section, const std::string& name,
                    std::uint64_t clock_hz) {
  std::uint64_t bytes = 0, hits = 0, bursts = 0;
  for (const rdu_hw_memory_counters& memory : section.memory) {
    bytes += memory.read_bytes + memory.written_bytes;
    hits += memory.row_hits;
    bursts += memory.row_hits + memory.row_misses + memory.row_conflicts;
  }
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  const double seconds = ratio(real(section.exec_cycles + section.quiesce_cycles), real(clock_hz));
  return Object()
      .add("name", quoted(name))
      .add("cycles", section.cycles)
      .add("load", section.program_cycles + section.argument_cycles)
      .add("exec", section.exec_cycles)
      .add("quiesce", section.quiesce_cycles)
      .add("pcu_used", std::uint64_t{section.pcus_used})
      .add("pmu_used", std::uint64_t{section.pmus_used})
      .add("agcu_used", std::uint64_t{section.agcus_used})
      .add("busy", ratio(real(section.pcu_busy_cycles),
                         real(section.exec_cycles) * real(section.pcus_used)))
      .add("flops", section.flops)
      .add("dram_bytes", bytes)
      .add("row_hits", ratio(real(hits), real(bursts)))
      .add("flop_per_dram_byte", ratio(real(section.flops), real(bytes)))
      .add("dram_gb_s", ratio(real(bytes), seconds) / 1e9)
      .text();
}

}  // namespace

std::string json_of(const Counters& counters, const rdu_hw_image& image) {
  const auto names = section_names(image);
  const auto list = [&](std::uint32_t first, std::uint32_t end) {
    std::string sections;
    for (std::uint32_t s = first; s < end; ++s) {
      const auto name = names.find(s);
      if (s != first) sections += ", ";
      sections +=
          json_of(counters.sections[s], name == names.end() ? "" : name->second, counters.clock_hz);
    }
    return '[' + sections + ']';
  };
  const std::uint32_t num_setup = rdu_hw_image_num_setup_sections(&image);
  const std::uint64_t cycles = counters.cycles - counters.setup_cycles;
  const double milliseconds =
      1e3 * static_cast<double>(cycles) / static_cast<double>(counters.clock_hz);
  return Object()
      .add("cycles", cycles)
      .add("chip_ms", milliseconds)
      .add("setup", list(0, counters.setup_cycles == 0 ? 0 : num_setup))
      .add("sections", list(num_setup, image.num_sections))
      .text();
}

}  // namespace rdu_hw::emu
