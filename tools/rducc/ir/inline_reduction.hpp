// Makes a map that follows a reduction its epilogue.
#pragma once

#include <optional>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// `reduction` (reduce or contract) with `map`, which reads its result as read number `read`, done
// after the combine. The map's loops become the parallel loops, so a transposition only reorders
// them. Nothing where the map's loops are not the reduction's, each once. The windows of a
// convolution keep their order.
std::optional<rdu::artifact::Node> inline_reduction(const rdu::artifact::Variant& variant,
                                                    const rdu::artifact::Node& reduction,
                                                    const rdu::artifact::Node& map,
                                                    std::uint32_t read);

}  // namespace rducc::ir
