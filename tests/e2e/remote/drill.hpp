// Drills: long trouble for peers, short in CI, whole with RDU_FULL=1.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace rdu::remote::drill {

inline bool full() {
  const char* wanted = std::getenv("RDU_FULL");
  return wanted != nullptr && std::string(wanted) == "1";
}

// So many in a whole drill, so many in CI.
inline std::uint64_t count(std::uint64_t whole, std::uint64_t sample) {
  return full() ? whole : sample;
}

// Memory and latencies of an instrumented peer are those of its instruments: said, and not judged.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kInstrumented = true;
#else
inline constexpr bool kInstrumented = false;
#endif

// Each prints its figures and returns how many things were wrong.
std::uint64_t drill_states();
std::uint64_t drill_inferences();
std::uint64_t drill_strangers();
std::uint64_t drill_guards();
std::uint64_t drill_frames();
std::uint64_t drill_crowd();
std::uint64_t drill_overload();

}  // namespace rdu::remote::drill
