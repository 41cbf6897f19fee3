// A variant as text, one line a node: what --print-after shows.
#pragma once

#include <string>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// out:f32[2,8] = map "name" i0:2 i1:8 | x[i0, i1], b[i1] | add(l0, l1)
std::string print(const rdu::artifact::Variant& variant);
std::string print_node(const rdu::artifact::Variant& variant, const rdu::artifact::Node& node);

}  // namespace rducc::ir
