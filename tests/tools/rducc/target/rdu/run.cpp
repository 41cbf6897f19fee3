// Builds, decodes, binds, runs.
#include "tests/tools/rducc/target/rdu/run.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include "tests/drivers/emu/naive/host.hpp"

namespace rdu_test {

namespace emu = rdu_hw::emu;

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
  std::vector<emu::Binding> bindings;
  for (std::uint32_t i = 0; i < image->num_arguments; ++i) {
    const bool scalar = image->arguments[i].kind == RDU_HW_ARGUMENT_SCALAR;
    bindings.push_back(scalar ? emu::Binding{0, static_cast<std::uint32_t>(bound.arguments[i])}
                              : emu::Binding{bound.arguments[i], 0});
  }
  std::array<emu::Memory, emu::kNumTiers> tiers;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    tiers[i] = {reinterpret_cast<std::byte*>(bound.tiers[i].data()), bound.tiers[i].size()};
  }
  const emu::Result result = emu::run(*image, arch, bindings, tiers);
  ran.failure = result.failure;
  ran.error = result.error;
  ran.cycles = 0;
  for (const emu::SectionReport& section : result.report.sections) ran.cycles += section.execution;
  for (std::uint32_t i = 0; i < image->num_arguments; ++i) {
    if (image->arguments[i].kind == RDU_HW_ARGUMENT_SCALAR) bound.arguments[i] = bindings[i].word;
  }
  ran.after = words_of(bound, *image);
  return ran;
}

}  // namespace rdu_test
