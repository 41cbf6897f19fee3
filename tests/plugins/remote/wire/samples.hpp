// One of every message, with every field set: what tests encode, compare and damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/remote/wire/codec.hpp"

namespace rdu::testing {

template <std::size_t N>
std::array<std::uint8_t, N> counted(std::uint8_t first) {
  std::array<std::uint8_t, N> bytes;
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

remote::Welcome sample_welcome();
remote::Offer sample_offer();
remote::Loaded sample_loaded();
remote::Run sample_run();

struct SampleHeader {
  std::string name;
  std::vector<std::byte> bytes;
};

// The encoded header of every struct in messages.hpp.
std::vector<SampleHeader> sample_headers();

// Decodes the bytes as each kind of header in turn; the number of kinds that took them. Aborts where what was decoded
// breaks a bound that decoders promise.
int decode_as_everything(std::span<const std::byte> bytes);

std::vector<std::byte> from_hex(std::string_view text);

}  // namespace rdu::testing
