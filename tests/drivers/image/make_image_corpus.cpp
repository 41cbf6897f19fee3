// Writes the seeds of the fuzzers of images and packages: some by hand, random ones, and damaged ones that reach deep.
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/drivers/image/mutation.hpp"
#include "tests/drivers/image/packages.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/samples.hpp"

namespace {

constexpr std::uint64_t kPrograms = 20;
constexpr std::uint64_t kMutants = 5;  // of each

bool store(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(file.flush());
}

bool make_images(const std::string& folder) {
  rdu_hw_arch edge;
  if (rdu_hw_arch_load("edge", &edge, nullptr) != RDU_HW_ARCH_OK) return false;
  using rdu_hw::image::write_image;
  bool good = store(folder + "/dot_product", write_image(image_test::dot_product(1, 1024, 32))) &&
              store(folder + "/systolic_tile", write_image(image_test::systolic_tile(1, 64)));
  for (std::uint64_t seed = 0; seed < kPrograms; ++seed) {
    const auto bytes = write_image(image_test::random_program(seed, edge));
    const std::string name = folder + "/random" + std::to_string(seed);
    good = good && store(name, bytes);
    for (std::uint64_t i = 0; i < kMutants; ++i) {
      good = good &&
             store(name + "_" + std::to_string(i), image_test::mutated(bytes, seed * kMutants + i));
    }
  }
  return good;
}

bool make_packages(const std::string& folder) {
  const auto bytes = rdu_hw::image::write_package(image_test::sample_package());
  bool good = store(folder + "/sample", bytes);
  for (std::uint64_t i = 0; i < kPrograms * kMutants; ++i) {
    good = good && store(folder + "/sample_" + std::to_string(i), image_test::mutated(bytes, i));
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && make_images(argv[1]) && make_packages(argv[2])) return 0;
  std::fprintf(stderr, "usage: make_image_corpus FOLDER FOLDER, which must exist and take files\n");
  return 2;
}
