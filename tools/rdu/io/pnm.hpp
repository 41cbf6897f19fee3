// Netpbm's PGM and PPM. Format: https://netpbm.sourceforge.net/doc/pgm.html
#pragma once

#include <span>

#include "tools/rdu/io/image.hpp"

namespace rdu::tool {

Image decode_pnm(std::span<const std::byte> bytes);

}  // namespace rdu::tool
