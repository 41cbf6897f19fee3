// Writes an artifact with packages for sara20: make_chip_artifact FILE. For tests of the command line.
#include <cstdio>
#include <fstream>

#include "tests/plugins/rdu/models.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_chip_artifact FILE\n");
    return 2;
  }
  const rdu::test::ArtifactBytes bytes(chip_test::chain_on_chip(chip_test::hash_of("sara20"), {4}));
  std::ofstream file(argv[1], std::ios::binary);
  file.write(static_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file.flush() ? 0 : 1;
}
