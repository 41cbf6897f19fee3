// What belongs to no context: arguments, buffers, labels.
#include <bit>

#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr std::uint32_t kMaxAlignment = 1u << 30;
// Keeps sums of addresses far from the ends of 64 bits.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 60;
constexpr std::uint64_t kMaxBufferBytes = std::uint64_t{1} << 30;
constexpr std::uint32_t kMaxCopies = 1u << 20;

void check_region(const rdu_hw_argument& argument, const Place& place) {
  demand_within<std::uint32_t>(argument.access, 1, RDU_HW_ACCESS_READ | RDU_HW_ACCESS_WRITE, kValue,
                               place, "access");
  demand_within<std::uint32_t>(argument.tier, 0, RDU_HW_TIER_HBM, kValue, place, "tier");
  demand(std::has_single_bit(argument.alignment) && argument.alignment >= 4 &&
             argument.alignment <= kMaxAlignment,
         kValue, place, "alignment", "a power of two from 4 to 2^30", argument.alignment);
  demand_within<std::uint64_t>(argument.bytes, 1, kMaxBytes, kValue, place, "bytes");
}

void check_scalar(const rdu_hw_argument& argument, const Place& place) {
  demand_within<std::uint32_t>(argument.access, RDU_HW_ACCESS_READ, RDU_HW_ACCESS_WRITE, kValue,
                               place, "access");
  demand_equal(argument.tier, 0, kValue, place, "tier");
  demand_equal(argument.alignment, 4, kValue, place, "alignment");
  demand_equal(argument.bytes, 4, kValue, place, "bytes");
}

std::uint32_t table_size(const rdu_hw_image& image, std::uint32_t label_kind) {
  switch (label_kind) {
    case RDU_HW_LABEL_ARGUMENT:
      return image.num_arguments;
    case RDU_HW_LABEL_SECTION:
      return image.num_sections;
    case RDU_HW_LABEL_CONTEXT:
      return image.num_contexts;
    case RDU_HW_LABEL_BUFFER:
      return image.num_buffers;
    default:
      return image.num_links;
  }
}

}  // namespace

void check_arguments(const rdu_hw_image& image) {
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const rdu_hw_argument& argument = image.arguments[i];
    const Place place = Place().in("argument", i);
    demand_within<std::uint32_t>(argument.kind, 0, RDU_HW_ARGUMENT_SCALAR, kValue, place, "kind");
    if (argument.kind == RDU_HW_ARGUMENT_REGION) {
      check_region(argument, place);
    } else {
      check_scalar(argument, place);
    }
  }
}

void check_buffers(const rdu_hw_image& image) {
  for (std::uint32_t section = 0; section < image.num_sections; ++section) {
    const rdu_hw_range buffers = image.sections[section].buffers;
    for (std::uint32_t i = 0; i < buffers.count; ++i) {
      const rdu_hw_buffer& buffer = image.buffers[buffers.first + i];
      const Place place = Place().in("section", section).in("buffer", i);
      demand_within<std::uint32_t>(buffer.copies, 1, kMaxCopies, kValue, place, "copies");
      demand_within<std::uint32_t>(buffer.bank_mode, 0, RDU_HW_BANK_DUPLICATED, kValue, place,
                                   "bank_mode");
      demand_within<std::uint64_t>(buffer.base, 0, kMaxBufferBytes, kValue, place, "base");
      demand_within<std::uint64_t>(buffer.bytes, 1, kMaxBufferBytes, kValue, place, "bytes");
      demand_within<std::uint32_t>(buffer.bank_stride, 1, kMaxBufferBytes, kValue, place,
                                   "bank_stride");
      demand_equal(buffer.reserved, 0, kValue, place, "reserved");
    }
  }
}

void check_labels(const rdu_hw_image& image) {
  std::uint64_t next = 0;
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    const rdu_hw_label& label = image.labels[i];
    const Place place = Place().in("label", i);
    demand_within<std::uint32_t>(label.kind, 0, RDU_HW_LABEL_LINK, kValue, place, "kind");
    demand_number(label.index, table_size(image, label.kind), place, "index");
    const std::uint64_t order = std::uint64_t{label.kind} << 32 | label.index;
    demand(order >= next, RDU_HW_IMAGE_ERR_CONFLICT, place, "index", "ascending (kind, index)",
           label.index);
    next = order + 1;
    for (const char c : ContextView::of(image.text, label.text)) {
      demand(c >= ' ' && c <= '~', kValue, place, "text", "printable ASCII", int{c});
    }
  }
}

}  // namespace rdu_hw::image
