// The container: header, chunks, hash; then the checks of what the chunks hold.
#include "drivers/image/decode.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "drivers/image/checks.hpp"
#include "drivers/image/tables.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFormat = RDU_HW_IMAGE_ERR_FORMAT;

rdu_hw_image_header read_header(const void* bytes, std::size_t size) {
  rdu_hw_image_header header;
  const Place place;
  demand(size >= sizeof header, kFormat, place, "size", "at least 40 bytes", size);
  std::memcpy(&header, bytes, sizeof header);
  if (std::memcmp(header.magic, RDU_HW_IMAGE_MAGIC, sizeof header.magic) != 0) {
    refuse(kFormat, place, "magic", RDU_HW_IMAGE_MAGIC, "other bytes");
  }
  demand_equal(header.major, RDU_HW_IMAGE_MAJOR, RDU_HW_IMAGE_ERR_VERSION, place, "major version");
  demand_equal(header.bytes, size, kFormat, place, "bytes");
  demand(size % kAlignment == 0, kFormat, place, "bytes", "a multiple of 8", size);
  const std::uint64_t most = (size - sizeof header) / sizeof(rdu_hw_chunk);
  demand_within<std::uint64_t>(header.num_chunks, 0, most, kFormat, place, "num_chunks");
  return header;
}

void demand_zeros(const std::uint8_t* bytes, std::uint64_t from, std::uint64_t to,
                  const Place& place) {
  const bool clean = std::all_of(bytes + from, bytes + to, [](std::uint8_t b) { return b == 0; });
  demand(clean, kFormat, place, "padding", "zeros", 1);
}

class Container {
 public:
  explicit Container(Decoded& image) : image_(image) {
    bytes_ = reinterpret_cast<const std::uint8_t*>(image.storage.get());
  }

  void open(const rdu_hw_image_header& header) {
    const std::uint64_t hash = hash_of(bytes_ + kHashedFrom, header.bytes - kHashedFrom);
    demand_equal(header.hash, hash, kFormat, {}, "hash");
    image_.arch_hash = header.arch_hash;
    image_.hash = header.hash;
    std::uint64_t end = sizeof header + std::uint64_t{header.num_chunks} * sizeof(rdu_hw_chunk);
    std::uint32_t previous = 0;
    for (std::uint32_t i = 0; i < header.num_chunks; ++i) {
      rdu_hw_chunk chunk;
      std::memcpy(&chunk, bytes_ + sizeof header + i * sizeof chunk, sizeof chunk);
      const Place place = Place().in("chunk", i);
      demand(chunk.kind > previous, kFormat, place, "kind", "ascending kinds", chunk.kind);
      previous = chunk.kind;
      check_kind(chunk, place);
      end = check_extent(chunk, end, header.bytes, place);
      attach(chunk);
    }
    demand_equal(end, header.bytes, kFormat, {}, "end of the last chunk");
  }

 private:
  // The end of the chunk and of the zeros behind it.
  std::uint64_t check_extent(const rdu_hw_chunk& chunk, std::uint64_t begin, std::uint64_t size,
                             const Place& place) const {
    demand_equal(chunk.offset, begin, kFormat, place, "offset");
    demand_equal(chunk.reserved, 0, kFormat, place, "reserved");
    demand_within<std::uint32_t>(chunk.flags, 0, RDU_HW_CHUNK_OPTIONAL, kFormat, place, "flags");
    demand_within<std::uint32_t>(chunk.record_bytes, 1, 1 << 16, kFormat, place, "record_bytes");
    const std::uint64_t most = std::min(kMaxRecords, (size - begin) / chunk.record_bytes);
    demand_within<std::uint64_t>(chunk.count, 1, most, kFormat, place, "count");
    const std::uint64_t end = begin + chunk.count * chunk.record_bytes;
    demand_zeros(bytes_, end, aligned(end), place);
    return aligned(end);
  }

  static void check_kind(const rdu_hw_chunk& chunk, const Place& place) {
    switch (chunk.kind) {
#define X(name, member, record, expected_flags)                                       \
  case RDU_HW_CHUNK_##name:                                                           \
    demand_equal(chunk.record_bytes, sizeof(record), kFormat, place, "record_bytes"); \
    return demand_equal(chunk.flags, expected_flags, kFormat, place, "flags");
      RDU_HW_IMAGE_TABLES(X)
#undef X
      default:
        demand((chunk.flags & RDU_HW_CHUNK_OPTIONAL) != 0, RDU_HW_IMAGE_ERR_VERSION, place, "kind",
               "a known kind, or an optional one", chunk.kind);
    }
  }

  void attach(const rdu_hw_chunk& chunk) {
    switch (chunk.kind) {
#define X(name, member, record, flags)                                      \
  case RDU_HW_CHUNK_##name:                                                 \
    image_.member = reinterpret_cast<const record*>(bytes_ + chunk.offset); \
    image_.num_##member = static_cast<std::uint32_t>(chunk.count);          \
    return;
      RDU_HW_IMAGE_TABLES(X)
#undef X
    }
  }

  Decoded& image_;
  const std::uint8_t* bytes_;
};

void check_context(const ContextView& context) {
  check_counters(context);
  check_ports(context);
  switch (context.record.program) {
    case RDU_HW_PROGRAM_SIMD:
      return check_instructions(context);
    case RDU_HW_PROGRAM_SYSTOLIC:
      return check_systolic(context);
    case RDU_HW_PROGRAM_WRITE:
    case RDU_HW_PROGRAM_READ:
      return check_access(context);
    default:
      return check_transfer(context);
  }
}

void check_tables(const rdu_hw_image& image) {
  check_ranges(image);
  check_arguments(image);
  check_buffers(image);
  for (std::uint32_t section = 0; section < image.num_sections; ++section) {
    for_each_context(image, section, check_context);
    check_port_numbers(image, section);
    check_links(image, section);
  }
  check_labels(image);
  check_setups(image);
}

}  // namespace

std::unique_ptr<Decoded> decode_image(const void* bytes, std::size_t size) {
  const rdu_hw_image_header header = read_header(bytes, size);
  auto image = std::make_unique<Decoded>();
  image->storage = std::make_unique_for_overwrite<std::uint64_t[]>(size / kAlignment);
  std::memcpy(image->storage.get(), bytes, size);
  // The copy is what is trusted from here on, whatever happens to the caller's bytes.
  if (std::memcmp(image->storage.get(), &header, sizeof header) != 0) {
    refuse(kFormat, {}, "header", "bytes that stay as they are", "others");
  }
  Container(*image).open(header);
  check_tables(*image);
  return image;
}

}  // namespace rdu_hw::image
