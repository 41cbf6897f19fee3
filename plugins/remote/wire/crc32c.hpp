// CRC-32C (Castagnoli, reflected), as RFC 3720 defines it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rdu::remote {

// `crc` is the result for what came before; 0 to begin with.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace rdu::remote
