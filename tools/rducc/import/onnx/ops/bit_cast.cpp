// BitCast: the same bits as another type of the same width.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Integers and booleans of one width wrap into each other. What a float's bits are no vector program
// can say; a constant is read anew.
void import_bit_cast(OpCall& call) {
  const rdu_dtype from = call.dtype(0), to = dtype_attr(call, "to", RDU_DTYPE_NONE);
  const auto width = [](rdu_dtype dtype) { return ir::storage_bytes(dtype, 2); };
  if (to == RDU_DTYPE_NONE || width(from) != width(to)) {
    call.invalid(std::string("bits of ") + ir::dtype_name(from) + " as " + ir::dtype_name(to));
  }
  if (auto constant = call.constant(0)) {
    constant->dtype = to;
    return call.set_output(0, call.b().add_constant(*std::move(constant)));
  }
  if (from != to && (is_float(from) || is_float(to) || to == RDU_DTYPE_BOOL)) {
    call.unsupported(std::string("bits of ") + ir::dtype_name(from) + " as " + ir::dtype_name(to) +
                     " of a value that is not known at compile time");
  }
  call.set_output(0, call.b().cast(call.input(0), to));
}

constexpr OpEntry kOps[] = {{"", "BitCast", 26, import_bit_cast}};

}  // namespace

std::span<const OpEntry> bit_cast_ops() { return kOps; }

}  // namespace rducc::import_onnx
