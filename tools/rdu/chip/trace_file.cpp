// Writes the JSON form of trace events; times are in whole nanoseconds, which is what viewers keep.
#include "tools/rdu/chip/trace_file.hpp"

#include <nlohmann/json.hpp>

#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

// Viewers take number 0 for nobody's.
std::string head(const char* phase, std::uint32_t group, std::uint32_t track) {
  return std::string("{\"ph\": \"") + phase + "\", \"pid\": " + std::to_string(group) +
         ", \"tid\": " + std::to_string(track + 1);
}

std::string microseconds(std::uint64_t nanoseconds) {
  std::string rest = std::to_string(nanoseconds % 1000);
  rest.insert(0, 3 - rest.size(), '0');
  return std::to_string(nanoseconds / 1000) + "." + rest;
}

}  // namespace

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::uint64_t TraceFile::nanoseconds(std::uint64_t cycles) const {
  constexpr std::uint64_t kInSecond = 1'000'000'000;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(cycles) * kInSecond / clock_hz_);
}

void TraceFile::add_name(const char* what, std::uint32_t group, std::uint32_t track,
                         std::string_view name) {
  const std::string kind = what;
  const std::string order = kind == "process" ? std::to_string(group) : std::to_string(track);
  events_ += head("M", group, track) + ", \"name\": \"" + kind +
             "_name\", \"args\": {\"name\": " + json_text(name) + "}},\n";
  events_ += head("M", group, track) + ", \"name\": \"" + kind +
             "_sort_index\", \"args\": {\"sort_index\": " + order + "}},\n";
}

void TraceFile::name_group(std::uint32_t group, std::string_view name) {
  add_name("process", group, 0, name);
}

void TraceFile::name_track(std::uint32_t group, std::uint32_t track, std::string_view name) {
  add_name("thread", group, track, name);
}

void TraceFile::add_span(std::uint32_t group, std::uint32_t track, std::string_view name,
                         std::uint64_t begin_cycle, std::uint64_t end_cycle,
                         const Arguments& arguments) {
  const std::uint64_t begin = nanoseconds(begin_cycle);
  events_ += head("X", group, track) + ", \"ts\": " + microseconds(begin) +
             ", \"dur\": " + microseconds(nanoseconds(end_cycle) - begin) +
             ", \"name\": " + json_text(name);
  const char* separator = ", \"args\": {";
  for (const auto& [key, value] : arguments) {
    events_ += separator + json_text(key) + ": " + json_text(value);
    separator = ", ";
  }
  events_ += arguments.empty() ? "},\n" : "}},\n";
}

void TraceFile::add_value(std::uint32_t group, std::string_view name, std::uint64_t cycle,
                          double value) {
  events_ += head("C", group, 0) + ", \"ts\": " + microseconds(nanoseconds(cycle)) +
             ", \"name\": " + json_text(name) +
             ", \"args\": {\"value\": " + decimal_text(value, 3) + "}},\n";
}

std::string TraceFile::json() const {
  std::string text = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n" + events_;
  if (text.ends_with(",\n")) text.erase(text.size() - 2, 1);
  return text + "]}\n";
}

}  // namespace rdu::tool
