// A trace that Perfetto and chrome://tracing open: spans on tracks and numbers over time, in the time of a chip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rdu::tool {

class TraceFile {
 public:
  using Arguments = std::vector<std::pair<std::string, std::string>>;

  explicit TraceFile(std::uint64_t clock_hz) : clock_hz_(clock_hz) {}

  // Tracks are shown in the order of their numbers.
  void name_group(std::uint32_t group, std::string_view name);
  void name_track(std::uint32_t group, std::uint32_t track, std::string_view name);
  // Spans of one track must not overlap.
  void add_span(std::uint32_t group, std::uint32_t track, std::string_view name,
                std::uint64_t begin_cycle, std::uint64_t end_cycle,
                const Arguments& arguments = {});
  void add_value(std::uint32_t group, std::string_view name, std::uint64_t cycle, double value);

  // One event a line.
  std::string json() const;

 private:
  void add_name(const char* what, std::uint32_t group, std::uint32_t track, std::string_view name);
  std::uint64_t nanoseconds(std::uint64_t cycles) const;

  std::uint64_t clock_hz_;
  std::string events_;
};

// In quotes, with everything escaped that JSON wants so; bytes that are no UTF-8 are replaced.
std::string json_text(std::string_view text);

}  // namespace rdu::tool
