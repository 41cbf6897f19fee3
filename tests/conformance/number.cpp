// Encoding and decoding of elements, on the conversions of sdk/base and not on those of a plugin.
#include "tests/conformance/number.hpp"

#include <cstring>

#include "sdk/base/dtype.hpp"

namespace conformance {
namespace {

template <class T>
void put(std::vector<std::byte>& bytes, std::size_t i, T value) {
  std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
}

template <class T>
T get(const std::byte* bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}

void put_nibble(std::vector<std::byte>& bytes, std::size_t i, int value) {
  bytes[i / 2] |= static_cast<std::byte>((value & 15) << (i % 2 == 0 ? 0 : 4));
}

int get_nibble(const std::byte* bytes, std::size_t i) {
  return (std::to_integer<int>(bytes[i / 2]) >> (i % 2 == 0 ? 0 : 4)) & 15;
}

void encode_one(rdu_dtype dtype, std::vector<std::byte>& bytes, std::size_t i, Number n) {
  using rdu::base::f32_to_bf16, rdu::base::f32_to_f16;
  switch (dtype) {
    case RDU_DTYPE_F32:
      return put(bytes, i, static_cast<float>(n));
    case RDU_DTYPE_F64:
      return put(bytes, i, static_cast<double>(n));
    case RDU_DTYPE_F16:
      return put(bytes, i, f32_to_f16(static_cast<float>(n)));
    case RDU_DTYPE_BF16:
      return put(bytes, i, f32_to_bf16(static_cast<float>(n)));
    case RDU_DTYPE_I8:
      return put(bytes, i, static_cast<std::int8_t>(n));
    case RDU_DTYPE_I16:
      return put(bytes, i, static_cast<std::int16_t>(n));
    case RDU_DTYPE_I32:
      return put(bytes, i, static_cast<std::int32_t>(n));
    case RDU_DTYPE_I64:
      return put(bytes, i, static_cast<std::int64_t>(n));
    case RDU_DTYPE_U8:
      return put(bytes, i, static_cast<std::uint8_t>(n));
    case RDU_DTYPE_U16:
      return put(bytes, i, static_cast<std::uint16_t>(n));
    case RDU_DTYPE_U32:
      return put(bytes, i, static_cast<std::uint32_t>(n));
    case RDU_DTYPE_U64:
      return put(bytes, i, static_cast<std::uint64_t>(n));
    case RDU_DTYPE_I4:
    case RDU_DTYPE_U4:
      return put_nibble(bytes, i, static_cast<int>(n));
    default:
      return put(bytes, i, static_cast<std::uint8_t>(n != 0));
  }
}

Number decode_one(rdu_dtype dtype, const std::byte* bytes, std::size_t i) {
  using rdu::base::bf16_to_f32, rdu::base::f16_to_f32;
  switch (dtype) {
    case RDU_DTYPE_F32:
      return get<float>(bytes, i);
    case RDU_DTYPE_F64:
      return get<double>(bytes, i);
    case RDU_DTYPE_F16:
      return f16_to_f32(get<std::uint16_t>(bytes, i));
    case RDU_DTYPE_BF16:
      return bf16_to_f32(get<std::uint16_t>(bytes, i));
    case RDU_DTYPE_I8:
      return get<std::int8_t>(bytes, i);
    case RDU_DTYPE_I16:
      return get<std::int16_t>(bytes, i);
    case RDU_DTYPE_I32:
      return get<std::int32_t>(bytes, i);
    case RDU_DTYPE_I64:
      return get<std::int64_t>(bytes, i);
    case RDU_DTYPE_U8:
      return get<std::uint8_t>(bytes, i);
    case RDU_DTYPE_U16:
      return get<std::uint16_t>(bytes, i);
    case RDU_DTYPE_U32:
      return get<std::uint32_t>(bytes, i);
    case RDU_DTYPE_U64:
      return get<std::uint64_t>(bytes, i);
    case RDU_DTYPE_I4:
      return (get_nibble(bytes, i) ^ 8) - 8;
    case RDU_DTYPE_U4:
      return get_nibble(bytes, i);
    default:
      return get<std::uint8_t>(bytes, i);
  }
}

}  // namespace

std::vector<std::byte> encode(rdu_dtype dtype, const Numbers& numbers) {
  std::vector<std::byte> bytes((numbers.size() * rdu::base::dtype_bits(dtype) + 7) / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) encode_one(dtype, bytes, i, numbers[i]);
  return bytes;
}

Numbers decode(rdu_dtype dtype, const std::byte* bytes, std::size_t count) {
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = decode_one(dtype, bytes, i);
  return numbers;
}

Number rounded(rdu_dtype dtype, Number value) {
  const std::vector<std::byte> bytes = encode(dtype, {value});
  return decode(dtype, bytes.data(), 1)[0];
}

Numbers iota(std::size_t count, Number first) {
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + static_cast<Number>(i);
  return numbers;
}

}  // namespace conformance
