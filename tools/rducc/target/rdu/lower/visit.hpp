// The values that a node uses, and names as an image may hold them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu::lower {

// With those of its sub-graphs.
void for_each_read(const artifact::Variant& variant, const artifact::Node& node,
                   const std::function<void(artifact::ValueId)>& use);
void for_each_write(const artifact::Node& node, const std::function<void(artifact::ValueId)>& use);

// Bytes that are no printable ASCII become '?'.
std::string printable(std::string_view text);

}  // namespace rducc::rdu::lower
