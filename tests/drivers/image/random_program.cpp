// Random programs: sections that fit the chip, one after another.
#include "tests/drivers/image/random_program.hpp"

#include "tests/drivers/image/random_place.hpp"
#include "tests/drivers/image/random_section.hpp"
#include "tests/drivers/image/router.hpp"

namespace image_test {

using namespace rdu_hw::image;

Program random_program(std::uint64_t seed, const rdu_hw_arch& arch) {
  Random random(seed);
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  const std::uint32_t sections = random.in(1, 3);
  Legacy legacy;
  while (program.sections.size() < sections) {
    if (random.chance(1)) {
      program.sections.emplace_back();  // nothing to do
      continue;
    }
    const std::size_t arguments = program.arguments.size();
    Legacy found = legacy;
    Legacy left;
    Sketch sketch(arch, random, program);
    add_random_contexts(sketch, found, left);
    if (!place(sketch) || !route(sketch.section, arch)) {
      program.arguments.resize(arguments);
      continue;
    }
    // Regions stay; tiles that nobody took may be overwritten.
    for (Legacy::Tile& tile : left.tiles) {
      tile.buffer = sketch.section.buffers[tile.buffer.row].record;
    }
    left.regions.insert(left.regions.end(), legacy.regions.begin(), legacy.regions.end());
    legacy = std::move(left);
    program.sections.push_back(sketch.finish());
  }
  return program;
}

}  // namespace image_test
