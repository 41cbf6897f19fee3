// Builds, decodes, binds, ticks.
#include "tests/tools/rducc/target/rdu/run.hpp"

#include <memory>
#include <stdexcept>

namespace rdu_test {
namespace {

struct FreeImage {
  void operator()(rdu_hw_image* image) const { rdu_hw_image_free(image); }
};
using Image = std::unique_ptr<rdu_hw_image, FreeImage>;

Image decode(const std::vector<std::uint8_t>& bytes) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error) != RDU_HW_IMAGE_OK) {
    throw std::runtime_error(error.text);
  }
  return Image(image);
}

std::vector<Words> words_of(const naive::Bound& bound, const rdu_hw_image& image) {
  std::vector<Words> list;
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const bool scalar = image.arguments[i].kind == RDU_HW_ARGUMENT_SCALAR;
    list.push_back(scalar ? Words{static_cast<std::uint32_t>(bound.arguments[i])}
                          : bound.words(image, i));
  }
  return list;
}

}  // namespace

Ran run(const rducc::rdu::Flow& flow, const rdu_hw_arch& arch, std::uint64_t seed,
        const rducc::rdu::BuildOptions& options) {
  auto built = rducc::rdu::build_program(flow, arch, options);
  if (!built.ok()) throw std::runtime_error(built.error().message);
  const Image image = decode(built->image);
  naive::Bound bound = naive::bind(*image, seed);
  Ran ran;
  ran.first = built->sections.front();
  ran.before = words_of(bound, *image);
  const naive::Outcome outcome = naive::run(*image, arch, bound.arguments, bound.tiers);
  ran.end = outcome.end;
  ran.cycles = 0;
  for (const naive::SectionTimes& section : outcome.sections) ran.cycles += section.execution;
  ran.after = words_of(bound, *image);
  return ran;
}

}  // namespace rdu_test
