// Element types: their facts, and single elements read from and written to packed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sdk/artifact/model.hpp"
#include "sdk/base/dtype.hpp"

namespace rducc::ir {

using rdu::base::dtype_name;
using rdu::base::is_float;

bool is_unsigned(rdu_dtype dtype);  // BOOL too
std::size_t storage_bytes(rdu_dtype dtype, std::int64_t count);

// The nearest value that the dtype can hold; ties to even.
double round_to(rdu_dtype dtype, double value);
// The low bits of the dtype, sign-extended where it is signed; BOOL: 0 or 1.
std::int64_t wrap_to(rdu_dtype dtype, std::int64_t value);
// Truncated towards zero and saturated; NaN is 0; BOOL: value != 0.
std::int64_t saturate_to(rdu_dtype dtype, double value);
// An integer as a double: unsigned 64-bit ones keep their magnitude.
double as_double(rdu_dtype dtype, std::int64_t value);

// Element `i` of dense bytes. `f` is set for float dtypes, `i` for all others.
rdu::artifact::Scalar load_element(std::span<const std::byte> bytes, rdu_dtype dtype,
                                   std::size_t i);
void store_element(std::span<std::byte> bytes, rdu_dtype dtype, std::size_t i,
                   rdu::artifact::Scalar value);

}  // namespace rducc::ir
