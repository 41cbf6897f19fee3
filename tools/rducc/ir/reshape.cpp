// Reshapes: another name for the same bytes, or a view where extents are known at run time only.
#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {

ValueId Builder::reshape(ValueId value, Dims dims) {
  if (!this->value(value).dim_values.empty()) {
    const Shape shape = reshaped(this->shape(value), dims);
    return reshape_to(value, shape);
  }
  if (dims == this->dims(value)) return value;
  if (num_elements(dims) != num_elements(this->dims(value))) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "reshape of " + std::to_string(num_elements(this->dims(value))) +
                           " elements to " + std::to_string(num_elements(dims)));
  }
  if (const auto known = constant(value)) {
    const std::uint32_t role = this->value(value).role;
    return add_constant({known->dtype, std::move(dims), known->data}, this->value(value).name,
                        role == RDU_ROLE_PARAMETER ? role : RDU_ROLE_CONSTANT);
  }
  const ValueId storage = this->value(value).storage;
  const ValueId result = add_value(dtype(value), std::move(dims));
  variant_.values[result].storage = storage == kNone ? value : storage;
  return result;
}

// Bounded dimensions survive where they only lose or gain dimensions of 1 beside them.
Shape Builder::reshaped(const Shape& from, const Dims& dims) {
  Shape result = constant_shape(dims);
  std::size_t next = 0;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    while (next < from.size() && from[next].is_one()) ++next;
    if (next < from.size() && dims[i] == from[next].bound) {
      result[i] = from[next++];
    } else if (dims[i] != 1) {
      break;
    }
  }
  return result;
}

ValueId Builder::reshape_to(ValueId value, const Shape& shape) {
  const Shape from = this->shape(value);
  if (same_shape(from, shape)) return value;
  if (is_constant(from) && is_constant(shape)) return reshape(value, bounds_of(shape));
  auto access = reshape_view(from, shape);
  if (!access) {
    throw CompileError(CompileErrorKind::kUnsupported,
                       "a reshape of " + to_text(from) + " to " + to_text(shape) +
                           " splits or merges a dimension of run-time extent");
  }
  return map(dtype(value), shape, {read(value, *std::move(access))},
             [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
}

}  // namespace rducc::ir
