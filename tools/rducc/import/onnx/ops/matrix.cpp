// Det: the determinant of small matrices in closed form.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::int64_t kMostRows = 3;

Reg minor2(Body& b, std::span<const Reg> m, std::size_t p, std::size_t q, std::size_t r,
           std::size_t s) {
  return b.sub(b.mul(m[p], m[q]), b.mul(m[r], m[s]));
}

Reg determinant(Body& b, std::span<const Reg> m, std::int64_t rows) {
  if (rows == 1) return m[0];
  if (rows == 2) return minor2(b, m, 0, 3, 1, 2);
  const Reg first = b.mul(m[0], minor2(b, m, 4, 8, 5, 7));
  const Reg second = b.mul(m[1], minor2(b, m, 3, 8, 5, 6));
  const Reg third = b.mul(m[2], minor2(b, m, 3, 7, 4, 6));
  return b.add(b.sub(first, second), third);
}

void import_det(OpCall& call) {
  require_float(call, 0);
  Dims dims = call.dims(0);
  const std::int64_t rows = dims.empty() ? 0 : dims.back();
  if (dims.size() < 2 || dims[dims.size() - 2] != rows || rows < 1) {
    call.invalid("input of shape " + to_text(dims));
  }
  if (rows > kMostRows) {
    call.unsupported("the determinant of a matrix of " + std::to_string(rows) + " rows");
  }
  dims.resize(dims.size() - 2);
  ir::Builder& builder = call.b();
  std::vector<ir::Read> reads;
  for (std::int64_t i = 0; i < rows * rows; ++i) {
    ir::Access access = ir::identity_access(dims.size());
    access.push_back(ir::at(i / rows));
    access.push_back(ir::at(i % rows));
    reads.push_back(builder.read(call.input(0), access));
  }
  call.set_output(0, builder.map(call.dtype(0), dims, reads, [=](Body& b, std::span<const Reg> r) {
    b.result(determinant(b, r, rows));
  }));
}

constexpr OpEntry kOps[] = {{"", "Det", 11, import_det}};

}  // namespace

std::span<const OpEntry> matrix_ops() { return kOps; }

}  // namespace rducc::import_onnx
