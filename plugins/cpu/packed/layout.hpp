// How something is packed, as a number: whoever asks for the same bytes of the same node in the same layout may have
// those that another process, another machine or another day packed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace rdu::cpu {

struct PackedLayout {
  std::uint64_t number = 0;
};

// `kind` names the code that packs; `parameters` is all that it looks at beside the weights and the node.
constexpr PackedLayout layout_of(std::string_view kind,
                                 std::initializer_list<std::int64_t> parameters) {
  std::uint64_t number = 0xcbf29ce484222325u;  // FNV-1a
  const auto add = [&](std::uint64_t byte) { number = (number ^ (byte & 0xff)) * 0x100000001b3u; };
  for (const char c : kind) add(static_cast<std::uint64_t>(c));
  for (const std::int64_t parameter : parameters) {
    for (int i = 0; i < 8; ++i) add(static_cast<std::uint64_t>(parameter) >> (8 * i));
  }
  return {number};
}

}  // namespace rdu::cpu
