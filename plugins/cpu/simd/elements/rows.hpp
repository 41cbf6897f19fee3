// Rows of elements, many and mostly short: how a row is cut into words is decided once for all of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

constexpr size_t kLibraryRow = 2048;  // bytes: longer ones are moved as well by memcpy

template <size_t Bytes>
struct RowWord {
  typedef unsigned char Type __attribute__((vector_size(Bytes), aligned(1), may_alias));
};

// At least one word; the last two may share bytes.
template <size_t Bytes>
inline __attribute__((always_inline)) void move_words(char* to, const char* from, size_t bytes) {
  using Word = typename RowWord<Bytes>::Type;
  const auto move = [&](size_t at) {
    *reinterpret_cast<Word*>(to + at) = *reinterpret_cast<const Word*>(from + at);
  };
  size_t at = 0;
  for (; at + Bytes <= bytes; at += Bytes) move(at);
  if (at != bytes) move(bytes - Bytes);
}

// Calls row(move) for each row, where move(to, from) moves one.
template <class Rows>
inline void each_row(size_t bytes, const Rows& rows) {
  if (bytes > kLibraryRow)
    rows([&](char* to, const char* from) { __builtin_memcpy(to, from, bytes); });
  else if (bytes >= 64)
    rows([&](char* to, const char* from) { move_words<64>(to, from, bytes); });
  else if (bytes >= 32)
    rows([&](char* to, const char* from) { move_words<32>(to, from, bytes); });
  else if (bytes >= 16)
    rows([&](char* to, const char* from) { move_words<16>(to, from, bytes); });
  else if (bytes >= 8)
    rows([&](char* to, const char* from) { move_words<8>(to, from, bytes); });
  else if (bytes >= 4)
    rows([&](char* to, const char* from) { move_words<4>(to, from, bytes); });
  else if (bytes != 0)
    rows([&](char* to, const char* from) { move_words<1>(to, from, bytes); });
}

template <class T>
void move_rows(void* dst, int64_t dst_step, const void* src, int64_t src_step, size_t rows,
               size_t columns) {
  each_row(columns * sizeof(T), [&](const auto& move) {
    auto* to = static_cast<T*>(dst);
    const auto* from = static_cast<const T*>(src);
    for (size_t r = 0; r < rows; ++r, to += dst_step, from += src_step) {
      move(reinterpret_cast<char*>(to), reinterpret_cast<const char*>(from));
    }
  });
}

template <class T>
void move_rows_at(void* dst, const void* src, const int64_t* offsets, size_t rows, size_t columns) {
  each_row(columns * sizeof(T), [&](const auto& move) {
    auto* to = static_cast<T*>(dst);
    for (size_t r = 0; r < rows; ++r, to += columns) {
      move(reinterpret_cast<char*>(to),
           reinterpret_cast<const char*>(static_cast<const T*>(src) + offsets[r]));
    }
  });
}

// Rows of sixteen are those of values in blocks of channels.
template <class T>
void spread_rows(void* dst, int64_t dst_step, const void* src, int64_t src_step, size_t rows,
                 size_t columns) {
  auto* to = static_cast<T*>(dst);
  const auto* from = static_cast<const T*>(src);
  if (columns == 16) {
    for (size_t r = 0; r < rows; ++r, to += dst_step, from += src_step) {
      const T value = *from;
#pragma GCC unroll 16
      for (size_t c = 0; c < 16; ++c) to[c] = value;
    }
    return;
  }
  for (size_t r = 0; r < rows; ++r, to += dst_step, from += src_step) {
    const T value = *from;
    for (size_t c = 0; c < columns; ++c) to[c] = value;
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
