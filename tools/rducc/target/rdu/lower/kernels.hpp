// One kernel for each kind of node: contexts of a section that compute it.
#pragma once

#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

// Each declines what it cannot do.
void emit_map(Emitter& emitter, const artifact::Node& node, Nest nest);
void emit_reduce(Emitter& emitter, const artifact::Node& node, Nest nest);
void emit_contract(Emitter& emitter, const artifact::Node& node, Nest nest);

// By the node's pattern.
void emit_node(Emitter& emitter, const artifact::Variant& variant, const artifact::Node& node);

}  // namespace rducc::rdu::lower
