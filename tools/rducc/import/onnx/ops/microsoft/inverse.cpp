// Inverse of small matrices: the adjugate over the determinant.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::int64_t kMostRows = 3;

// Element (row + down, column + right) of the transpose, both modulo the number of rows.
ir::Read transposed_element(OpCall& call, std::int64_t rows, std::int64_t down,
                            std::int64_t right) {
  const Dims& dims = call.dims(0);
  const auto row = static_cast<std::uint32_t>(dims.size() - 2), column = row + 1;
  ir::Access access = ir::identity_access(dims.size());
  access[row] = ir::along(column, 1, right);
  access[column] = ir::along(row, 1, down);
  access[row].mod = access[column].mod = rows;
  return call.b().read(call.input(0), access);
}

// Cofactors with cyclic indices need no signs in three dimensions.
void import_inverse(OpCall& call) {
  require_float(call, 0);
  const Dims dims = call.dims(0);
  const std::int64_t rows = dims.empty() ? 0 : dims.back();
  if (dims.size() < 2 || dims[dims.size() - 2] != rows || rows < 1) {
    call.invalid("input of shape " + to_text(dims));
  }
  if (rows > kMostRows) {
    call.unsupported("the inverse of a matrix of " + std::to_string(rows) + " rows");
  }
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0), compute = wide(dtype);
  const ValueId determinant = Delegate(call, "Det", 11).run({builder.cast(call.input(0), compute)});
  ir::Access of_matrix = ir::identity_access(dims.size() - 2);
  std::vector<ir::Read> reads{builder.read(determinant, of_matrix)};
  if (rows == 2) reads.push_back(transposed_element(call, rows, 1, 1));
  if (rows == 3) {
    reads.push_back(transposed_element(call, rows, 1, 1));
    reads.push_back(transposed_element(call, rows, 2, 2));
    reads.push_back(transposed_element(call, rows, 2, 1));
    reads.push_back(transposed_element(call, rows, 1, 2));
  }
  const auto row = static_cast<std::uint32_t>(dims.size() - 2);
  call.set_output(0, builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const auto element = [&](std::size_t i) { return b.cast(r[i], compute); };
    Reg cofactor = b.constant(compute, 1);
    if (rows == 2) {
      const Reg diagonal = b.binary(RDU_OP_EQ, b.index(row), b.index(row + 1));
      cofactor = b.select(diagonal, element(1), b.neg(element(1)));
    } else if (rows == 3) {
      cofactor = b.sub(b.mul(element(1), element(2)), b.mul(element(3), element(4)));
    }
    b.result(b.cast(b.div(cofactor, r[0]), dtype));
  }));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "Inverse", 1, import_inverse},
};

}  // namespace

std::span<const OpEntry> microsoft_inverse_ops() { return kOps; }

}  // namespace rducc::import_onnx
