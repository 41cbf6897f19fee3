// What processes take: memory that is theirs, and descriptors.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace rdu::remote::drill {

struct ProcessSize {
  std::uint64_t rss_bytes = 0, descriptors = 0;
};

inline ProcessSize size_of(const std::vector<pid_t>& processes) {
  ProcessSize size;
  for (const pid_t process : processes) {
    const std::string place = "/proc/" + std::to_string(process);
    std::ifstream statm(place + "/statm");
    std::uint64_t pages = 0, resident = 0;
    statm >> pages >> resident;
    size.rss_bytes += resident * 4096;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(place + "/fd", error)) {
      static_cast<void>(file);
      ++size.descriptors;
    }
  }
  return size;
}

}  // namespace rdu::remote::drill
