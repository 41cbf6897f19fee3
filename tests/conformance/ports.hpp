// How scan and control hand values to their graphs and take them back, in words.
#pragma once

#include "tests/conformance/words.hpp"

namespace conformance {

using rdu::artifact::Port;

inline Port capture(ValueId outer, ValueId inner, std::uint32_t slot = 0) {
  Port p;
  p.kind = RDU_PORT_CAPTURE;
  p.slot = slot;
  p.outer = outer;
  p.inner_in = inner;
  return p;
}
inline Port carried(ValueId outer, ValueId in, ValueId out, ValueId result) {
  Port p;
  p.kind = RDU_PORT_CARRIED;
  p.outer = outer;
  p.inner_in = in;
  p.inner_out = out;
  p.result = result;
  return p;
}
inline Port sliced(ValueId outer, ValueId in, std::int32_t axis, bool reverse = false) {
  Port p;
  p.kind = RDU_PORT_SLICE;
  p.outer = outer;
  p.inner_in = in;
  p.axis = axis;
  p.reverse = reverse;
  return p;
}
inline Port stacked(ValueId out, ValueId result, std::int32_t axis, bool reverse = false) {
  Port p;
  p.kind = RDU_PORT_STACK;
  p.inner_out = out;
  p.result = result;
  p.axis = axis;
  p.reverse = reverse;
  return p;
}
inline Port iteration(ValueId in) {
  Port p;
  p.kind = RDU_PORT_INDEX;
  p.inner_in = in;
  return p;
}
inline Port keep(ValueId outer, ValueId in, ValueId out) {
  Port p;
  p.kind = RDU_PORT_KEEP;
  p.outer = outer;
  p.inner_in = in;
  p.inner_out = out;
  return p;
}
inline Port result(ValueId out, ValueId outer_result, std::uint32_t slot) {
  Port p;
  p.kind = RDU_PORT_RESULT;
  p.slot = slot;
  p.inner_out = out;
  p.result = outer_result;
  return p;
}

}  // namespace conformance
