// AffineGrid: theta times the homogeneous coordinates of each position of a grid.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Where positions 0 … extent - 1 lie in [-1, 1]: their centres, or the corners at the ends.
struct Axis {
  double first = 0, step = 0;
};

Axis axis_of(std::int64_t extent, bool align_corners) {
  const auto count = static_cast<double>(extent);
  if (align_corners) return {-1, extent > 1 ? 2 / (count - 1) : 0};
  return {-1 + 1 / count, 2 / count};
}

// Loops: n, spatial positions, k. grid[n, …, k] = Σ_j theta[n, k, j] · coordinate_j + theta[n, k, last],
// where coordinate 0 runs along the last spatial dimension.
void import_affine_grid(OpCall& call) {
  require_float(call, 0);
  const Dims theta = call.dims(0);
  const auto size = call.required_constant(1, "the grid's size").to_i64();
  const std::size_t spatial = size.size() < 3 ? 0 : size.size() - 2;
  const auto count = static_cast<std::int64_t>(spatial);
  if ((spatial != 2 && spatial != 3) || theta != Dims{size[0], count, count + 1}) {
    call.invalid("theta of shape " + to_text(theta) + " for a grid of size " + to_text(size));
  }
  Dims dims{size[0]};
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < spatial; ++d) {
    const std::int64_t extent = size[2 + d];
    if (extent < 1 || extent > kMostStated) call.invalid("a grid of size " + to_text(size));
    dims.push_back(extent);
    axes.push_back(axis_of(extent, call.attr_i("align_corners", 0) != 0));
  }
  dims.push_back(count);
  const auto row = static_cast<std::uint32_t>(dims.size() - 1);
  std::vector<ir::Read> reads;
  for (std::int64_t j = 0; j <= count; ++j) {
    reads.push_back(call.b().read(call.input(0), {ir::along(0), ir::along(row), ir::at(j)}));
  }
  const rdu_dtype dtype = call.dtype(0), compute = wide(dtype);
  call.set_output(0, call.b().map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    Reg sum = b.cast(r.back(), compute);
    for (std::size_t j = 0; j < spatial; ++j) {
      const std::size_t d = spatial - 1 - j;
      const Reg position = b.cast(b.index(static_cast<std::uint32_t>(1 + d)), compute);
      const Reg coordinate =
          b.add(b.mul(position, b.like(position, axes[d].step)), b.like(position, axes[d].first));
      sum = b.add(sum, b.mul(b.cast(r[j], compute), coordinate));
    }
    b.result(b.cast(sum, dtype));
  }));
}

constexpr OpEntry kOps[] = {{"", "AffineGrid", 20, import_affine_grid}};

}  // namespace

std::span<const OpEntry> affine_grid_ops() { return kOps; }

}  // namespace rducc::import_onnx
