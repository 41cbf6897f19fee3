// What setup sections leave in scratchpads is written by nobody else.
#include <array>
#include <map>
#include <vector>

#include "drivers/image/fit.hpp"

namespace rdu_hw::image {
namespace {

struct Extent {
  std::uint64_t begin, end;
};
using Written = std::map<std::array<std::uint32_t, 2>, std::vector<Extent>>;  // by PMU

// The buffer of each WRITE context.
template <typename Use>
void for_each_written(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch,
                      const Use& use) {
  for_each_context(image, section, [&](const ContextView& context) {
    if (context.record.program != RDU_HW_PROGRAM_WRITE) return;
    const std::uint32_t number = image.accesses[context.record.detail].buffer;
    const rdu_hw_buffer& buffer = image.buffers[image.sections[section].buffers.first + number];
    use(context, std::array{buffer.row, buffer.column},
        Extent{buffer.base, buffer.base + footprint(buffer, arch)});
  });
}

}  // namespace

void fit_setups(const rdu_hw_image& image, const rdu_hw_arch& arch) {
  const std::uint32_t first = rdu_hw_image_num_setup_sections(&image);
  Written kept;
  for (std::uint32_t section = 0; section < first; ++section) {
    for_each_written(image, section, arch, [&](const ContextView&, const auto& pmu, Extent extent) {
      kept[pmu].push_back(extent);
    });
  }
  if (kept.empty()) return;
  for (std::uint32_t section = first; section < image.num_sections; ++section) {
    for_each_written(
        image, section, arch, [&](const ContextView& context, const auto& pmu, Extent extent) {
          const auto there = kept.find(pmu);
          if (there == kept.end()) return;
          for (const Extent& each : there->second) {
            demand(extent.end <= each.begin || each.end <= extent.begin, RDU_HW_IMAGE_ERR_CONFLICT,
                   context.place, "buffer", "nothing that a setup section wrote", extent.begin);
          }
        });
  }
}

}  // namespace rdu_hw::image
