// Nothing is unpacked: two U4 elements to a byte lie in the artifact as they do in the model.
#include "tools/rducc/import/onnx/ops/microsoft/packed_bits.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {

ValueId unpacked(OpCall& call, std::size_t input, std::string_view what, std::int64_t bits,
                 Dims dims) {
  const Tensor packed = call.required_constant(input, what);
  const rdu_dtype dtype = bits == 4 ? RDU_DTYPE_U4 : RDU_DTYPE_U8;
  if (packed.dtype != RDU_DTYPE_U8 ||
      packed.data.bytes.size() != ir::storage_bytes(dtype, ir::num_elements(dims))) {
    call.invalid(std::string(what) + " of shape " + to_text(packed.dims) + " for " + to_text(dims) +
                 " elements of " + std::to_string(bits) + " bits");
  }
  return call.b().add_constant({dtype, std::move(dims), packed.data},
                               call.b().value(call.input(input)).name, RDU_ROLE_PARAMETER);
}

std::int64_t packed_bits(const OpCall& call) {
  const std::int64_t bits = call.attr_i("bits", 4);
  if (bits != 4 && bits != 8) call.unsupported("attribute bits = " + std::to_string(bits));
  return bits;
}

std::int64_t packed_block(const OpCall& call, std::int64_t fallback) {
  const std::int64_t size = call.attr_i("block_size", fallback);
  if (size < 16 || size > kMostStated || (size & (size - 1)) != 0) {
    call.invalid("attribute block_size = " + std::to_string(size));
  }
  return size;
}

}  // namespace rducc::import_onnx
