// Contract.
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"

namespace rducc::rdu::lower {

void emit_contract(Emitter&, const artifact::Node&, Nest) {
  decline(RDU_REASON_PATTERN, "CONTRACT");
}

}  // namespace rducc::rdu::lower
