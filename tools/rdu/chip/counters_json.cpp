// One table of fields for each record, used both ways.
#include "tools/rdu/chip/counters_json.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

using nlohmann::ordered_json;

template <typename Record, typename Number>
struct Field {
  const char* name;
  Number Record::*member;
};

using Section = rdu_hw_section_counters;
using Context = rdu_hw_context_counters;
using Memory = rdu_hw_memory_counters;

constexpr std::array<Field<Section, std::uint64_t>, 10> kSectionFields = {
    {{"begin_cycle", &Section::begin_cycle},
     {"cycles", &Section::cycles},
     {"program_cycles", &Section::program_cycles},
     {"argument_cycles", &Section::argument_cycles},
     {"exec_cycles", &Section::exec_cycles},
     {"quiesce_cycles", &Section::quiesce_cycles},
     {"pcu_busy_cycles", &Section::pcu_busy_cycles},
     {"pmu_busy_cycles", &Section::pmu_busy_cycles},
     {"agcu_busy_cycles", &Section::agcu_busy_cycles},
     {"flops", &Section::flops}}};
constexpr std::array<Field<Section, std::uint32_t>, 3> kSectionCounts = {
    {{"pcus_used", &Section::pcus_used},
     {"pmus_used", &Section::pmus_used},
     {"agcus_used", &Section::agcus_used}}};
constexpr std::array<Field<Memory, std::uint64_t>, 5> kMemoryFields = {
    {{"read_bytes", &Memory::read_bytes},
     {"written_bytes", &Memory::written_bytes},
     {"row_hits", &Memory::row_hits},
     {"row_misses", &Memory::row_misses},
     {"row_conflicts", &Memory::row_conflicts}}};
constexpr std::array<Field<Context, std::uint64_t>, 9> kContextFields = {
    {{"firings", &Context::firings},
     {"first_cycle", &Context::first_cycle},
     {"end_cycle", &Context::end_cycle},
     {"busy_cycles", &Context::busy_cycles},
     {"starved_cycles", &Context::starved_cycles},
     {"blocked_cycles", &Context::blocked_cycles},
     {"queued_cycles", &Context::queued_cycles},
     {"conflict_cycles", &Context::conflict_cycles},
     {"flops", &Context::flops}}};

template <typename Record, typename Number, std::size_t kCount>
void write_fields(const Record& record, const std::array<Field<Record, Number>, kCount>& fields,
                  ordered_json& out) {
  for (const auto& field : fields) out[field.name] = record.*field.member;
}

// A count: neither negative, nor with a fraction, nor beyond its type.
template <typename Number>
Number read_number(const ordered_json& value) {
  if (!value.is_number_unsigned()) throw ToolError(value.dump() + " is no count");
  const auto number = value.get<std::uint64_t>();
  if (number > std::numeric_limits<Number>::max()) throw ToolError(value.dump() + " is too large");
  return static_cast<Number>(number);
}

template <typename Record, typename Number, std::size_t kCount>
void read_fields(const ordered_json& in, const std::array<Field<Record, Number>, kCount>& fields,
                 Record& record) {
  for (const auto& field : fields) record.*field.member = read_number<Number>(in.at(field.name));
}

ordered_json section_json(const Section& section) {
  ordered_json out;
  write_fields(section, kSectionFields, out);
  write_fields(section, kSectionCounts, out);
  for (const Memory& tier : section.memory) {
    ordered_json memory;
    write_fields(tier, kMemoryFields, memory);
    out["memory"].push_back(std::move(memory));
  }
  return out;
}

Section read_section(const ordered_json& in) {
  Section section = {};
  read_fields(in, kSectionFields, section);
  read_fields(in, kSectionCounts, section);
  for (std::size_t tier = 0; tier < std::size(section.memory); ++tier) {
    read_fields(in.at("memory").at(tier), kMemoryFields, section.memory[tier]);
  }
  return section;
}

ordered_json program_json(const RunCounters& counters) {
  ordered_json out = {{"cycles", counters.cycles},
                      {"clock_hz", counters.clock_hz},
                      {"later_cycles", counters.later_cycles},
                      {"sections", ordered_json::array()},
                      {"contexts", ordered_json::array()},
                      {"links", counters.link_elements},
                      {"spans", ordered_json::array()}};
  for (const Section& section : counters.sections) {
    out["sections"].push_back(section_json(section));
  }
  for (const Context& context : counters.contexts) {
    ordered_json fields;
    write_fields(context, kContextFields, fields);
    out["contexts"].push_back(std::move(fields));
  }
  for (const rdu_hw_span& span : counters.spans) {
    out["spans"].push_back({span.context, span.begin_cycle, span.end_cycle});
  }
  return out;
}

RunCounters read_program(const ordered_json& in) {
  RunCounters counters;
  counters.cycles = read_number<std::uint64_t>(in.at("cycles"));
  counters.clock_hz = read_number<std::uint64_t>(in.at("clock_hz"));
  if (in.contains("later_cycles")) {
    counters.later_cycles = read_number<std::uint64_t>(in.at("later_cycles"));
  }
  for (const ordered_json& section : in.at("sections")) {
    counters.sections.push_back(read_section(section));
  }
  for (const ordered_json& fields : in.at("contexts")) {
    read_fields(fields, kContextFields, counters.contexts.emplace_back());
  }
  for (const ordered_json& elements : in.at("links")) {
    counters.link_elements.push_back(read_number<std::uint64_t>(elements));
  }
  for (const ordered_json& span : in.at("spans")) {
    counters.spans.push_back({read_number<std::uint64_t>(span.at(1)),
                              read_number<std::uint64_t>(span.at(2)),
                              read_number<std::uint32_t>(span.at(0)), 0});
  }
  return counters;
}

}  // namespace

std::string write_counters(const ChipWork& work) {
  ordered_json programs = ordered_json::array();
  for (const ChipProgram& program : work.programs) {
    programs.push_back(program_json(*program.counters));
  }
  return ordered_json{{"programs", std::move(programs)}}.dump() + "\n";
}

void read_counters(std::span<const std::byte> file, const std::string& path, ChipWork& work) {
  try {
    const auto* begin = reinterpret_cast<const char*>(file.data());
    const ordered_json in = ordered_json::parse(begin, begin + file.size());
    const ordered_json& programs = in.at("programs");
    if (programs.size() != work.programs.size()) {
      throw ToolError("counters of " + std::to_string(programs.size()) +
                      " programs, the model has " + std::to_string(work.programs.size()));
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
      RunCounters counters = read_program(programs[i]);
      check_counters(counters, *work.programs[i].image);
      work.programs[i].counters = std::move(counters);
    }
  } catch (const nlohmann::json::exception& error) {
    throw ToolError(path + ": no counters of a chip: " + error.what());
  } catch (const ToolError& error) {
    throw ToolError(path + ": " + error.what());
  }
}

}  // namespace rdu::tool
