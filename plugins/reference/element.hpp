// One element of a tensor in memory, to and from a register.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "plugins/reference/scalar.hpp"

namespace rdu::reference {

template <class T>
T get(const std::byte* data, std::int64_t element) {
  T value;
  std::memcpy(&value, data + element * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

template <class T>
void put(std::byte* data, std::int64_t element, T value) {
  std::memcpy(data + element * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}

inline std::uint8_t get_nibble(const std::byte* data, std::int64_t element) {
  const auto byte = std::to_integer<std::uint8_t>(data[element / 2]);
  return element % 2 == 0 ? byte & 15 : byte >> 4;
}

inline void put_nibble(std::byte* data, std::int64_t element, std::int64_t value) {
  const auto nibble = static_cast<std::uint8_t>(value & 15);
  const auto byte = std::to_integer<std::uint8_t>(data[element / 2]);
  data[element / 2] =
      static_cast<std::byte>(element % 2 == 0 ? (byte & 0xf0) | nibble : (byte & 15) | nibble << 4);
}

inline Scalar load(rdu_dtype dtype, const std::byte* data, std::int64_t element) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return of_float(get<float>(data, element));
    case RDU_DTYPE_F64:
      return of_float(get<double>(data, element));
    case RDU_DTYPE_F16:
      return of_float(Half::decode(get<std::uint16_t>(data, element)));
    case RDU_DTYPE_BF16:
      return of_float(Bfloat16::decode(get<std::uint16_t>(data, element)));
    case RDU_DTYPE_I8:
      return of_integer(get<std::int8_t>(data, element));
    case RDU_DTYPE_I16:
      return of_integer(get<std::int16_t>(data, element));
    case RDU_DTYPE_I32:
      return of_integer(get<std::int32_t>(data, element));
    case RDU_DTYPE_I64:
    case RDU_DTYPE_U64:
      return of_integer(get<std::int64_t>(data, element));
    case RDU_DTYPE_U8:
      return of_integer(get<std::uint8_t>(data, element));
    case RDU_DTYPE_U16:
      return of_integer(get<std::uint16_t>(data, element));
    case RDU_DTYPE_U32:
      return of_integer(get<std::uint32_t>(data, element));
    case RDU_DTYPE_I4:
      return of_integer(wrap_to(RDU_DTYPE_I4, get_nibble(data, element)));
    case RDU_DTYPE_U4:
      return of_integer(get_nibble(data, element));
    default:
      return of_integer(get<std::uint8_t>(data, element) != 0);
  }
}

inline void store(rdu_dtype dtype, std::byte* data, std::int64_t element, Scalar value) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return put(data, element, static_cast<float>(value.f));
    case RDU_DTYPE_F64:
      return put(data, element, value.f);
    case RDU_DTYPE_F16:
      return put(data, element, Half::encode(value.f));
    case RDU_DTYPE_BF16:
      return put(data, element, Bfloat16::encode(value.f));
    case RDU_DTYPE_I8:
    case RDU_DTYPE_U8:
      return put(data, element, static_cast<std::uint8_t>(value.i));
    case RDU_DTYPE_I16:
    case RDU_DTYPE_U16:
      return put(data, element, static_cast<std::uint16_t>(value.i));
    case RDU_DTYPE_I32:
    case RDU_DTYPE_U32:
      return put(data, element, static_cast<std::uint32_t>(value.i));
    case RDU_DTYPE_I64:
    case RDU_DTYPE_U64:
      return put(data, element, value.i);
    case RDU_DTYPE_I4:
    case RDU_DTYPE_U4:
      return put_nibble(data, element, value.i);
    default:
      return put(data, element, static_cast<std::uint8_t>(value.i != 0));
  }
}

// Copies `count` consecutive elements; the regions do not overlap unless they are the same.
inline void copy_elements(rdu_dtype dtype, const std::byte* from, std::int64_t from_element,
                          std::byte* to, std::int64_t to_element, std::int64_t count) {
  if (plugin::dtype_bits(dtype) == 4) {
    for (std::int64_t i = 0; i < count; ++i) {
      put_nibble(to, to_element + i, get_nibble(from, from_element + i));
    }
    return;
  }
  const auto size = static_cast<std::int64_t>(plugin::dtype_bits(dtype) / 8);
  if (count != 0)
    std::memmove(to + to_element * size, from + from_element * size,
                 static_cast<std::size_t>(count * size));
}

}  // namespace rdu::reference
