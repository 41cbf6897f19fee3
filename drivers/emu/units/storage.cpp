// The block forms where elements lie in a row, one after another elsewhere.
#include "drivers/emu/units/storage.hpp"

#include <cstring>

namespace rdu_hw::emu {
namespace {

template <typename Stored>
Stored fetch(const std::byte* from) {
  Stored value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename Stored>
void put(std::byte* to, Word word) {
  const auto value = static_cast<Stored>(word);
  std::memcpy(to, &value, sizeof value);
}

template <Word widen(const std::byte*)>
void load_each(const std::byte* from, std::int64_t stride, Word* words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    words[i] = widen(from + static_cast<std::int64_t>(i) * stride);
}

template <Word widen(const std::byte*)>
void load_each_row(const std::byte* from, const Rows& rows, Word* words) {
  for (std::int64_t row = 0; row < rows.count; ++row, from += rows.step, words += rows.width) {
    const std::byte* element = from;
    std::uint32_t lane = 0;
    for (; lane + 4 <= rows.valid; lane += 4, element += 4 * rows.stride) {
      const Word a = widen(element), b = widen(element + rows.stride);
      const Word c = widen(element + 2 * rows.stride), d = widen(element + 3 * rows.stride);
      words[lane] = a;
      words[lane + 1] = b;
      words[lane + 2] = c;
      words[lane + 3] = d;
    }
    for (; lane < rows.valid; ++lane, element += rows.stride) words[lane] = widen(element);
    for (; lane < rows.width; ++lane) words[lane] = 0;
  }
}

template <typename Stored>
void store_each(std::byte* to, std::int64_t stride, const Word* words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    put<Stored>(to + static_cast<std::int64_t>(i) * stride, words[i]);
}

Word widen_word(const std::byte* from) { return fetch<Word>(from); }
Word widen_bf16(const std::byte* from) { return Word{fetch<std::uint16_t>(from)} << 16; }
Word widen_i8(const std::byte* from) {
  return static_cast<Word>(static_cast<std::int32_t>(fetch<std::int8_t>(from)));
}
Word widen_u8(const std::byte* from) { return fetch<std::uint8_t>(from); }

constexpr std::size_t kMaxLanes = arith::kMaxLanes;

}  // namespace

void load_elements(const arith::Forms& forms, std::uint32_t format, const std::byte* from,
                   Word* words, std::size_t count) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      std::memcpy(words, from, count * sizeof(Word));
      return;
    case RDU_HW_FORMAT_BF16:
      return forms.load_bf16(words, reinterpret_cast<const std::uint16_t*>(from), count);
    case RDU_HW_FORMAT_INT8:
      return forms.load_i8(words, reinterpret_cast<const std::int8_t*>(from), count);
    default:
      return forms.load_u8(words, reinterpret_cast<const std::uint8_t*>(from), count);
  }
}

void store_elements(const arith::Forms& forms, std::uint32_t format, std::byte* to,
                    const Word* words, std::size_t count) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      std::memcpy(to, words, count * sizeof(Word));
      return;
    case RDU_HW_FORMAT_BF16:
      return forms.store_bf16(reinterpret_cast<std::uint16_t*>(to), words, count);
    default:
      return forms.store_byte(reinterpret_cast<std::uint8_t*>(to), words, count);
  }
}

void load_strided(std::uint32_t format, const std::byte* from, std::int64_t stride, Word* words,
                  std::size_t count) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      return load_each<widen_word>(from, stride, words, count);
    case RDU_HW_FORMAT_BF16:
      return load_each<widen_bf16>(from, stride, words, count);
    case RDU_HW_FORMAT_INT8:
      return load_each<widen_i8>(from, stride, words, count);
    default:
      return load_each<widen_u8>(from, stride, words, count);
  }
}

void load_rows(std::uint32_t format, const std::byte* from, const Rows& rows, Word* words) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      return load_each_row<widen_word>(from, rows, words);
    case RDU_HW_FORMAT_BF16:
      return load_each_row<widen_bf16>(from, rows, words);
    case RDU_HW_FORMAT_INT8:
      return load_each_row<widen_i8>(from, rows, words);
    default:
      return load_each_row<widen_u8>(from, rows, words);
  }
}

void store_strided(const arith::Forms& forms, std::uint32_t format, std::byte* to,
                   std::int64_t stride, const Word* words, std::size_t count) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      return store_each<Word>(to, stride, words, count);
    case RDU_HW_FORMAT_BF16: {
      std::uint16_t rounded[kMaxLanes];
      for (std::size_t i = 0; i < count; i += kMaxLanes) {
        const std::size_t n = count - i < kMaxLanes ? count - i : kMaxLanes;
        forms.store_bf16(rounded, words + i, n);
        for (std::size_t k = 0; k < n; ++k) {
          put<std::uint16_t>(to + static_cast<std::int64_t>(i + k) * stride, rounded[k]);
        }
      }
      return;
    }
    default:
      return store_each<std::uint8_t>(to, stride, words, count);
  }
}

Word load_element(std::uint32_t format, const std::byte* from) {
  Word word = 0;
  load_strided(format, from, 0, &word, 1);
  return word;
}

void store_element(const arith::Forms& forms, std::uint32_t format, std::byte* to, Word word) {
  store_strided(forms, format, to, 0, &word, 1);
}

}  // namespace rdu_hw::emu
