// remote_drill NAME: one drill, whole with RDU_FULL=1.
#include <cstdio>
#include <exception>
#include <string>

#include "tests/e2e/remote/drill.hpp"

int main(int argc, char** argv) {
  using namespace rdu::remote::drill;
  const std::string name = argc == 2 ? argv[1] : "";
  try {
    if (name == "states") return drill_states() == 0 ? 0 : 1;
    if (name == "inferences") return drill_inferences() == 0 ? 0 : 1;
    if (name == "strangers") return drill_strangers() == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "remote_drill: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "remote_drill states|inferences|strangers\n");
  return 2;
}
