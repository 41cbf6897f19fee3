// The builder's integers that a run decides: one scalar for each sum, made where it is first needed.
#include <algorithm>

#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

// The positions of an element of a tensor, row-major.
Access position_of(std::int64_t element, std::span<const std::int64_t> dims) {
  Access access(dims.size());
  for (std::size_t i = dims.size(); i-- > 0;) {
    access[i] = at(element % dims[i]);
    element /= dims[i];
  }
  return access;
}

}  // namespace

Shape Builder::shape(ValueId id) {
  const auto& described = value(id);
  Shape shape = constant_shape(described.dims);
  if (described.dim_values.empty()) return shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const ValueId extent = value(id).dim_values[i];
    if (extent == kNone) continue;
    const auto known = integers(extent);
    const Affine size = known ? (*known)[0] : Affine::of(Symbol{extent, 0});
    shape[i].value = integers_.try_emplace({graph_, size}, extent).first->second;
  }
  return shape;
}

Affine Builder::affine(const Extent& extent) {
  if (extent.is_constant()) return Affine::of(extent.bound);
  const auto known = integers(extent.value);
  return known ? (*known)[0] : Affine::of(Symbol{extent.value, 0});
}

Extent Builder::extent(const Affine& size) {
  if (size.is_constant()) {
    if (size.constant < 0) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "a dimension would be " + std::to_string(size.constant));
    }
    return {size.constant, kNone};
  }
  const Interval possible = range(size);
  if (possible.high == Interval::kHighest) {
    throw CompileError(CompileErrorKind::kUnsupported, "an extent that nothing bounds");
  }
  if (possible.high < 0) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "a dimension would be " + std::to_string(possible.high) + " at most");
  }
  return {possible.high, integer(size)};
}

ValueId Builder::integer(const Affine& sum) {
  const auto known = integers_.find({graph_, sum});
  if (known != integers_.end()) return known->second;
  ValueId result = kNone;
  const auto symbol = sum.as_symbol();
  if (symbol && value(symbol->value).dims.empty() && dtype(symbol->value) == RDU_DTYPE_I64) {
    result = symbol->value;
  } else {
    std::vector<Read> reads;
    for (const auto& [term, factor] : sum.terms) {
      reads.push_back(read(term.value, position_of(term.element, dims(term.value))));
    }
    result = map(RDU_DTYPE_I64, Dims{}, std::move(reads), [&](Body& b, std::span<const Reg> r) {
      std::optional<Reg> total;
      const auto add = [&](Reg part) { total = total ? b.add(*total, part) : part; };
      for (std::size_t i = 0; i < r.size(); ++i) {
        const std::int64_t factor = sum.terms[i].second;
        const Reg term = b.cast(r[i], RDU_DTYPE_I64);
        add(factor == 1 ? term : b.mul(term, b.integer(RDU_DTYPE_I64, factor)));
      }
      if (sum.constant != 0 || !total) add(b.integer(RDU_DTYPE_I64, sum.constant));
      b.result(*total);
    });
  }
  integers_.emplace(std::pair(graph_, sum), result);
  return result;
}

ValueId Builder::element_count(std::span<const Extent> extents) {
  std::int64_t constant = 1;
  std::vector<ValueId> factors;
  for (const Extent& extent : extents) {
    if (extent.is_constant()) {
      constant *= extent.bound;
    } else {
      factors.push_back(extent.value);
    }
  }
  if (factors.empty()) return integer(Affine::of(constant));
  if (factors.size() == 1 && constant == 1) return factors[0];
  return elementwise(RDU_DTYPE_I64, factors, [=](Body& b, std::span<const Reg> r) {
    Reg product = b.integer(RDU_DTYPE_I64, constant);
    for (const Reg factor : r) product = b.mul(product, factor);
    b.result(product);
  });
}

void Builder::forget_values(ValueId first) {
  symbols_.forget(first);
  std::erase_if(integers_, [first](const auto& entry) { return entry.second >= first; });
  for (GrowingInput& input : growing_) {
    if (input.present != kNone && input.present >= first) input.present = kNone;
  }
}

Index Builder::from_position(const Affine& start) {
  if (start.is_constant()) return at(start.constant);
  // A single scalar is read as it is, the constant beside it.
  Affine variable = start;
  variable.constant = 0;
  Index index = at(start.constant);
  index.source = integer(variable);
  return outside(index, RDU_OUTSIDE_ERROR);
}

ValueId Builder::slice_axis(ValueId value, std::size_t axis, const Affine& start, std::int64_t step,
                            const Extent& extent) {
  Shape shape = this->shape(value);
  const bool whole = start == Affine::of(0) && step == 1 && same_extent(shape[axis], extent);
  if (whole) return value;
  Access access = identity_access(shape.size());
  access[axis] = from_position(start);
  if (extent.bound > 1) access[axis].terms = {{static_cast<std::uint32_t>(axis), step}};
  // Within a constant extent the proof is the validator's; what a run decides it must show.
  if (!start.is_constant() || !shape[axis].is_constant()) {
    access[axis].outside = RDU_OUTSIDE_ERROR;
  }
  shape[axis] = extent;
  return map(dtype(value), shape, {read(value, std::move(access))},
             [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
}

}  // namespace rducc::ir
