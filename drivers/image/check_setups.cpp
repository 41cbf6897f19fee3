// Which sections only fill scratchpads: so many from the first on.
#include "drivers/image/checks.hpp"

namespace rdu_hw::image {

void check_setups(const rdu_hw_image& image) {
  if (image.num_setups == 0) return;
  const Place place = Place().in("setup", 0);
  demand_equal(image.num_setups, 1, RDU_HW_IMAGE_ERR_FORMAT, {}, "setups");
  const rdu_hw_setup& setup = image.setups[0];
  demand_equal(setup.reserved, 0, RDU_HW_IMAGE_ERR_VALUE, place, "reserved");
  demand(setup.sections >= 1 && setup.sections < image.num_sections, RDU_HW_IMAGE_ERR_VALUE, place,
         "sections", "at least one, and fewer than there are", setup.sections);
  for (std::uint32_t section = 0; section < setup.sections; ++section) {
    for_each_context(image, section, [](const ContextView& context) {
      const bool writes = context.record.program == RDU_HW_PROGRAM_STORE ||
                          context.record.program == RDU_HW_PROGRAM_RESULT;
      demand(!writes, RDU_HW_IMAGE_ERR_CONFLICT, context.place, "program",
             "no store and no result in a setup section", context.record.program);
    });
  }
}

}  // namespace rdu_hw::image
