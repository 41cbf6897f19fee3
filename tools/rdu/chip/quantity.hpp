// Numbers for people, the same on every machine.
#pragma once

#include <cstdint>
#include <string>

namespace rdu::tool {

std::string decimal_text(double value, int digits);  // without zeros at the end: "12.5", "3"
std::string count_text(std::uint64_t count);         // "1,234,567"
std::string bytes_text(std::uint64_t bytes);         // "640 B", "1.5 MB": powers of 1000
std::string percent_text(double share);              // "42 %", "0.3 %"
std::string time_text(std::uint64_t cycles, std::uint64_t clock_hz);  // "12.3 us", "1.25 ms"

}  // namespace rdu::tool
