// Single elements, converted by the block kernels so that there is one definition of each conversion.
#include "plugins/cpu/simd/scalar.hpp"

#include <cstring>
#include <limits>
#include <rdu/plugin/dtype.hpp>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {
namespace {

template <class T>
std::uint64_t bits_of(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

std::uint64_t extreme_bits(rdu_dtype dtype, bool largest) {
  const double inf = std::numeric_limits<double>::infinity();
  if (plugin::is_float(dtype)) return register_bits(dtype, largest ? inf : -inf, 0);
  if (dtype == RDU_DTYPE_BOOL) return largest ? 1 : 0;
  const std::uint32_t bits = plugin::dtype_bits(dtype);
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - bits);
  if (plugin::is_unsigned_integer(dtype)) return largest ? all : 0;
  const auto top = static_cast<std::int64_t>(all >> 1);
  return register_bits(dtype, 0, largest ? top : -top - 1);
}

}  // namespace

std::uint32_t register_bytes(rdu_dtype dtype) {
  if (dtype == RDU_DTYPE_F16 || dtype == RDU_DTYPE_BF16) return 4;
  return memory_bytes(dtype);
}

std::uint32_t memory_bytes(rdu_dtype dtype) {
  const std::uint32_t bits = plugin::dtype_bits(dtype);
  return bits < 8 ? 1 : bits / 8;
}

std::uint64_t register_bits(rdu_dtype dtype, double f, std::int64_t i) {
  if (dtype == RDU_DTYPE_F64) return bits_of(f);
  if (plugin::is_float(dtype)) {
    std::uint64_t result = 0;
    kBaselineElements.cast[RDU_DTYPE_F64][dtype](&result, &f, nullptr, nullptr, 1);
    return result;
  }
  if (dtype == RDU_DTYPE_BOOL) return i != 0;
  const std::uint32_t bytes = register_bytes(dtype);
  const std::uint64_t mask = bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
  return static_cast<std::uint64_t>(i) & mask;
}

std::uint64_t scalar_bits(rdu_dtype dtype, double f, std::int64_t i) {
  const std::uint64_t in_register = register_bits(dtype, f, i);
  const VectorFn narrow = kBaselineElements.narrow[dtype];
  if (narrow == nullptr) return in_register;
  std::uint64_t in_memory = 0;
  narrow(&in_memory, &in_register, nullptr, nullptr, 1);
  return in_memory;
}

std::uint64_t identity_bits(std::uint32_t combine, rdu_dtype dtype) {
  switch (combine) {
    case RDU_COMBINE_MUL:
    case RDU_COMBINE_AND:
      if (combine == RDU_COMBINE_AND && dtype != RDU_DTYPE_BOOL) return register_bits(dtype, 0, -1);
      return register_bits(dtype, 1, 1);
    case RDU_COMBINE_MIN:
      return extreme_bits(dtype, true);
    case RDU_COMBINE_MAX:
      return extreme_bits(dtype, false);
    default:
      return 0;
  }
}

}  // namespace rdu::cpu
