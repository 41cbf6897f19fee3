// One point of a domain: accesses become positions, programs become scalars.
#include "tools/rducc/analysis/point.hpp"

#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::analysis {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Program;
using rdu::artifact::Scalar;
using rdu::artifact::ValueId;

namespace {

[[noreturn]] void fail(const rdu::artifact::Node& node, std::int64_t position,
                       std::int64_t extent) {
  throw CompileError(CompileErrorKind::kInvalid,
                     "node '" + node.name + "': index " + std::to_string(position) +
                         " is outside a dimension of " + std::to_string(extent));
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::int64_t reflect(std::int64_t position, std::int64_t extent) {
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t wrapped = position - floor_div(position, period) * period;
  return wrapped < extent ? wrapped : period - wrapped;
}

}  // namespace

std::vector<std::int64_t> row_major_strides(const ir::Dims& dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

PointEvaluator::PointEvaluator(const rdu::artifact::Node& node, const Memory& memory)
    : node_(node), memory_(memory) {
  for (const auto& loop : node.loops) {
    extents_.push_back(loop.extent_value == kNone ? loop.extent : memory.scalar(loop.extent_value));
  }
  point_.assign(extents_.size(), 0);
  for (const auto& read : node.reads) {
    reads_.push_back(operand(read.value));
    reads_.back().fill = read.fill_value == kNone ? read.fill
                                                  : ir::load_element(memory.bytes(read.fill_value),
                                                                     reads_.back().dtype, 0);
  }
}

PointEvaluator::Operand PointEvaluator::operand(ValueId id) const {
  const auto& value = memory_.variant().values[id];
  return {value.dtype, memory_.bytes(id), memory_.extents(id), row_major_strides(value.dims), {}};
}

bool PointEvaluator::step(std::size_t first, std::size_t last) {
  for (std::size_t i = last; i-- > first;) {
    if (++point_[i] < extents_[i]) return true;
    point_[i] = 0;
  }
  return false;
}

bool PointEvaluator::empty(std::size_t first, std::size_t last) const {
  for (std::size_t i = first; i < last; ++i) {
    if (extents_[i] <= 0) return true;
  }
  return false;
}

std::int64_t PointEvaluator::raw_position(const Index& index) const {
  std::int64_t position = index.offset;
  for (const auto& term : index.terms) position += term.coef * point_[term.loop];
  if (index.source != kNone) {
    const Operand source = operand(index.source);
    const Position at = locate(index.source_access, source.extents, source.strides);
    position += ir::load_element(source.bytes, source.dtype, at.element).i;
  }
  return position;
}

Position PointEvaluator::locate(const Access& access, const ir::Dims& extents,
                                const std::vector<std::int64_t>& strides) const {
  Position result;
  for (std::size_t i = 0; i < access.size(); ++i) {
    const Index& index = access[i];
    const std::int64_t extent = extents[i];
    const std::int64_t raw = raw_position(index);
    std::int64_t position = floor_div(raw, index.div);
    if (index.mod != 0) position -= floor_div(position, index.mod) * index.mod;
    const bool divides = !index.exact || position * index.div == raw || index.mod != 0;
    if (position < 0 || position >= extent || !divides) {
      result.inside = false;
      switch (divides ? index.outside : RDU_OUTSIDE_FILL) {
        case RDU_OUTSIDE_FILL:
        case RDU_OUTSIDE_SKIP:
          result.fill = true;
          return result;
        case RDU_OUTSIDE_CLAMP:
          position = position < 0 ? 0 : extent - 1;
          break;
        case RDU_OUTSIDE_REFLECT:
          position = reflect(position, extent);
          break;
        case RDU_OUTSIDE_WRAP:
          if (position < -extent || position >= extent) fail(node_, position, extent);
          position += extent;
          break;
        default:
          fail(node_, position, extent);
      }
    }
    result.element += position * strides[i];
  }
  return result;
}

Position PointEvaluator::write_position(const rdu::artifact::Write& write) const {
  const auto& dims = memory_.variant().values[write.value].dims;
  return locate(write.access, dims, row_major_strides(dims));
}

Scalar PointEvaluator::load(std::uint32_t read) const {
  const Operand& from = reads_[read];
  const Position at = locate(node_.reads[read].access, from.extents, from.strides);
  return at.fill ? from.fill : ir::load_element(from.bytes, from.dtype, at.element);
}

rdu_dtype PointEvaluator::operand_dtype(const Program& program, const Instr& instr) const {
  const bool of_operand =
      instr.op == RDU_OP_CAST || (instr.op >= RDU_OP_EQ && instr.op <= RDU_OP_GE);
  return of_operand ? program.code[instr.a].dtype : instr.dtype;
}

std::vector<Scalar> PointEvaluator::run(const Program& program, Scalar acc) const {
  registers_.resize(program.code.size());
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instr& instr = program.code[i];
    switch (instr.op) {
      case RDU_OP_LOAD:
        registers_[i] = load(instr.a);
        break;
      case RDU_OP_INDEX:
        registers_[i] = {0, point_[instr.a]};
        break;
      case RDU_OP_INSIDE: {
        const Operand& from = reads_[instr.a];
        registers_[i] = {0, locate(node_.reads[instr.a].access, from.extents, from.strides).inside};
        break;
      }
      case RDU_OP_ACC:
        registers_[i] = acc;
        break;
      case RDU_OP_RNG:
        throw CompileError(CompileErrorKind::kInvalid, "random numbers are not a constant");
      default:
        registers_[i] = apply(instr, operand_dtype(program, instr), registers_[instr.a],
                              registers_[instr.b], registers_[instr.c]);
    }
  }
  std::vector<Scalar> results;
  for (const std::uint32_t result : program.results) results.push_back(registers_[result]);
  return results;
}

}  // namespace rducc::analysis
