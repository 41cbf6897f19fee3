// Makes one map of maps that follow each other, so that what lies between is never stored.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A map with a single reader that is a map over no more points is computed there. Nothing is
// computed twice, whatever it costs.
void fuse_maps(rdu::artifact::Variant& variant);

// A map before a reduction that reads every element once becomes its body.
void fuse_prologue(rdu::artifact::Variant& variant);

// A map of at most two cheap operations on one large operand is computed by each of its readers,
// where all of them are maps or reductions: reading its operand costs what reading its result would.
void recompute_cheap(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
