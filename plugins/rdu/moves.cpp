// In pieces of a fixed size through host memory: the driver's conversions work there.
#include "plugins/rdu/moves.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rdu::chip_plugin {

using plugin::concat;
using plugin::fail;
using plugin::Status;

namespace {

template <class T>
std::string number_at(const std::byte* place) {
  T value;
  std::memcpy(&value, place, sizeof value);
  return std::to_string(value);
}

// Only integers can fail: on the way in those of 32 bits and more, on the way out the chip's words.
std::string seen_at_host(std::uint32_t conversion, const std::byte* place) {
  switch (conversion) {
    case RDU_HW_CONVERT_I64_I32:
      return number_at<std::int64_t>(place);
    case RDU_HW_CONVERT_U32_I32:
      return number_at<std::uint32_t>(place);
    default:
      return number_at<std::uint64_t>(place);
  }
}

Status to_chip(const char* name, const rdu_hw_binding& binding, std::uint64_t first,
               const std::byte* host, std::byte* chip, std::uint64_t count) {
  const std::uint64_t moved = rdu_hw_convert_in(binding.conversion, host, chip, count);
  if (moved == count) return {};
  const std::byte* place = host + moved * rdu_hw_conversion_host_bytes(binding.conversion);
  return fail(RDU_ERR_OUT_OF_RANGE, "value '", name, "': element ", first + moved, " is ",
              seen_at_host(binding.conversion, place), ", which the chip's 32 bits do not hold");
}

Status to_host(const char* name, const rdu_hw_binding& binding, std::uint64_t first,
               const std::byte* chip, std::byte* host, std::uint64_t count) {
  const std::uint64_t moved = rdu_hw_convert_out(binding.conversion, chip, host, count);
  if (moved == count) return {};
  return fail(RDU_ERR_OUT_OF_RANGE, "value '", name, "': element ", first + moved, " is ",
              number_at<std::int32_t>(chip + moved * 4), ", which the value's type does not hold");
}

// piece(first element, how many), in order.
template <class Piece>
Status in_pieces(std::uint64_t elements, const Piece& piece) {
  for (std::uint64_t first = 0; first < elements; first += Staging::kElements) {
    Status s = piece(first, std::min(Staging::kElements, elements - first));
    if (!s.ok()) return s;
  }
  return {};
}

struct Sizes {
  explicit Sizes(const rdu_hw_binding& binding)
      : host(rdu_hw_conversion_host_bytes(binding.conversion)),
        chip(rdu_hw_conversion_chip_bytes(binding.conversion)) {}
  std::uint64_t host, chip;
};

// A word without a conversion is four bytes, with one an element of at most eight.
std::uint64_t host_bytes_of_word(const rdu_hw_binding& binding) {
  return binding.elements * Sizes(binding).host;
}

}  // namespace

Status upload(const Owner& owner, Staging& staging, const char* name, const rdu_hw_binding& binding,
              const void* host, std::uint32_t tier, std::uint64_t address) {
  const auto* from = static_cast<const std::byte*>(host);
  if (binding.conversion == RDU_HW_CONVERT_NONE) {
    return write(owner.chip, tier, address, from, binding.elements);
  }
  const Sizes size(binding);
  return in_pieces(binding.elements, [&](std::uint64_t first, std::uint64_t count) {
    Status s = to_chip(name, binding, first, from + first * size.host, staging.chip(), count);
    if (!s.ok()) return s;
    return write(owner.chip, tier, address + first * size.chip, staging.chip(), count * size.chip);
  });
}

Status word_of(const char* name, const rdu_hw_binding& binding, const void* host,
               std::uint32_t* out_word) {
  return to_chip(name, binding, 0, static_cast<const std::byte*>(host),
                 reinterpret_cast<std::byte*>(out_word), binding.elements);
}

Status move_in(const Owner& owner, Staging& staging, const char* name, const Moved& moved,
               std::uint64_t from, rdu_hw_bound& bound) {
  const rdu_hw_binding& binding = moved.binding;
  if (moved.scalar) {
    std::array<std::byte, 8> host = {};
    Status s = read(owner.chip, RDU_HW_TIER_DRAM, from, host.data(), host_bytes_of_word(binding));
    return s.ok() ? word_of(name, binding, host.data(), &bound.word) : s;
  }
  const Sizes size(binding);
  return in_pieces(binding.elements, [&](std::uint64_t first, std::uint64_t count) {
    Status s = read(owner.chip, RDU_HW_TIER_DRAM, from + first * size.host, staging.host(),
                    count * size.host);
    if (s.ok()) s = to_chip(name, binding, first, staging.host(), staging.chip(), count);
    if (!s.ok()) return s;
    return write(owner.chip, moved.tier, moved.address + first * size.chip, staging.chip(),
                 count * size.chip);
  });
}

Status move_out(const Owner& owner, Staging& staging, const char* name, const Moved& moved,
                const rdu_hw_run* run, std::uint64_t to) {
  const rdu_hw_binding& binding = moved.binding;
  if (moved.scalar) {
    std::uint32_t word = 0;
    rdu_hw_error error = {};
    Status s = status_of(rdu_hw_run_word(run, moved.argument, &word, &error), error);
    if (!s.ok()) return s;
    std::array<std::byte, 8> host = {};
    s = to_host(name, binding, 0, reinterpret_cast<const std::byte*>(&word), host.data(),
                binding.elements);
    if (!s.ok()) return s;
    return write(owner.chip, RDU_HW_TIER_DRAM, to, host.data(), host_bytes_of_word(binding));
  }
  const Sizes size(binding);
  return in_pieces(binding.elements, [&](std::uint64_t first, std::uint64_t count) {
    Status s = read(owner.chip, moved.tier, moved.address + first * size.chip, staging.chip(),
                    count * size.chip);
    if (s.ok()) s = to_host(name, binding, first, staging.chip(), staging.host(), count);
    if (!s.ok()) return s;
    return write(owner.chip, RDU_HW_TIER_DRAM, to + first * size.host, staging.host(),
                 count * size.host);
  });
}

}  // namespace rdu::chip_plugin
