// remote_drill NAME: one drill, whole with RDU_FULL=1.
#include <cstdio>
#include <exception>
#include <string>

#include "tests/e2e/remote/drill.hpp"

namespace {

using namespace rdu::remote::drill;

struct Drill {
  const char* name;
  std::uint64_t (*run)();
};

constexpr Drill kDrills[] = {{"states", drill_states},       {"inferences", drill_inferences},
                             {"strangers", drill_strangers}, {"guards", drill_guards},
                             {"frames", drill_frames},       {"crowd", drill_crowd},
                             {"overload", drill_overload}};

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc == 2 ? argv[1] : "";
  try {
    for (const Drill& drill : kDrills) {
      if (name == drill.name) return drill.run() == 0 ? 0 : 1;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "remote_drill: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "remote_drill");
  for (const Drill& drill : kDrills) std::fprintf(stderr, " %s", drill.name);
  std::fprintf(stderr, "\n");
  return 2;
}
