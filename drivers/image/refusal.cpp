// The refusal: a reason and a sentence in the place of a package.
#include <rdu_hw/package.h>

#include <algorithm>
#include <cstring>

#include "drivers/image/guard.hpp"
#include "drivers/image/package.hpp"
#include "drivers/image/tables.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFormat = RDU_HW_IMAGE_ERR_FORMAT;
constexpr std::uint64_t kRefusalHashedFrom = offsetof(rdu_hw_refusal_header, major);
static_assert(sizeof(rdu_hw_refusal_header) == 32);

std::uint64_t refusal_hash(const std::uint8_t* bytes, std::uint64_t size) {
  return hash_of(bytes + kRefusalHashedFrom, size - kRefusalHashedFrom);
}

rdu_hw_refusal_header read_refusal(const std::uint8_t* bytes, std::uint64_t size) {
  rdu_hw_refusal_header header;
  demand(size >= sizeof header, kFormat, {}, "refusal size", "at least 32 bytes", size);
  std::memcpy(&header, bytes, sizeof header);
  if (std::memcmp(header.magic, RDU_HW_REFUSAL_MAGIC, sizeof header.magic) != 0) {
    refuse(kFormat, {}, "refusal magic", RDU_HW_REFUSAL_MAGIC, "other bytes");
  }
  demand_equal(header.major, RDU_HW_PACKAGE_MAJOR, RDU_HW_IMAGE_ERR_VERSION, {},
               "refusal major version");
  demand_equal(header.bytes, size, kFormat, {}, "refusal bytes");
  demand_equal(header.hash, refusal_hash(bytes, size), kFormat, {}, "refusal hash");
  const bool printable = std::all_of(bytes + sizeof header, bytes + size,
                                     [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
  demand(printable, kFormat, {}, "refusal text", "printable ASCII", 0);
  return header;
}

}  // namespace

std::vector<std::uint8_t> write_refusal(std::uint32_t reason, std::string_view sentence) {
  rdu_hw_refusal_header header = {};
  std::memcpy(header.magic, RDU_HW_REFUSAL_MAGIC, sizeof header.magic);
  header.bytes = sizeof header + sentence.size();
  header.major = RDU_HW_PACKAGE_MAJOR;
  header.minor = RDU_HW_PACKAGE_MINOR;
  header.reason = reason;
  std::vector<std::uint8_t> bytes(sizeof header);
  std::transform(sentence.begin(), sentence.end(), std::back_inserter(bytes),
                 [](char c) { return static_cast<std::uint8_t>(c >= 0x20 && c < 0x7f ? c : '?'); });
  std::memcpy(bytes.data(), &header, sizeof header);
  header.hash = refusal_hash(bytes.data(), bytes.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace rdu_hw::image

rdu_hw_image_code rdu_hw_refusal_decode(const void* bytes, size_t size, uint32_t* out_reason,
                                        char* text, size_t capacity, rdu_hw_image_error* error) {
  using namespace rdu_hw::image;
  return guard(error, [&] {
    require(bytes, "bytes");
    require(out_reason, "out_reason");
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    const rdu_hw_refusal_header header = read_refusal(from, size);
    *out_reason = header.reason;
    if (text == nullptr || capacity == 0) return;
    const std::size_t count = std::min(size - sizeof header, capacity - 1);
    std::memcpy(text, from + sizeof header, count);
    text[count] = '\0';
  });
}
