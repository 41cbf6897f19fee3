// Between FlatBuffers and the structs: the verified root of a header, bounded text, vectors whose alignment was checked.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <protocol_generated.h>

#include <algorithm>
#include <array>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/prefix.hpp"

namespace rdu::remote {

// Deepest header: message, list, element, text. Every element of a list may be a table.
inline constexpr flatbuffers::uoffset_t kMaxDepth = 8;
inline constexpr flatbuffers::uoffset_t kMaxTables = 1u << 17;

struct Encoder::Memory {
  flatbuffers::FlatBufferBuilder builder{1024};

  template <class Table>
  std::span<const std::byte> finish(flatbuffers::Offset<Table> root) {
    builder.Finish(root);
    return {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
  }
  flatbuffers::FlatBufferBuilder& begin() {
    builder.Clear();
    return builder;
  }
};

namespace flat {

using plugin::fail;
using plugin::Status;

// The root table, or NULL where the header is not one.
template <class Table>
const Table* root(std::span<const std::byte> header) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(header.data());
  flatbuffers::Verifier verifier(bytes, header.size(), kMaxDepth, kMaxTables);
  if (header.size() < sizeof(flatbuffers::uoffset_t) || !verifier.VerifyBuffer<Table>(nullptr)) {
    return nullptr;
  }
  return flatbuffers::GetRoot<Table>(bytes);
}

inline Status not_a_header(const char* what) {
  return fail(RDU_ERR_INVALID_ARGUMENT, "the header is not a ", what);
}

// The Verifier does not check that elements of 8 bytes are aligned to 8.
template <class T>
bool is_aligned(const flatbuffers::Vector<T>* list, std::size_t alignment) {
  return list == nullptr || list->size() == 0 ||
         reinterpret_cast<std::uintptr_t>(list->Data()) % alignment == 0;
}

inline Status text(const flatbuffers::String* from, std::size_t most, const char* what,
                   std::string& out) {
  out.clear();
  if (from == nullptr) return {};
  if (from->size() > most) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, what, " of ", from->size(), " bytes, at most ", most);
  }
  out.assign(from->c_str(), from->size());
  if (out.find('\0') != std::string::npos) {
    return fail(RDU_ERR_INVALID_ARGUMENT, what, " has a NUL inside");
  }
  return {};
}

template <std::size_t N>
Status id(const flatbuffers::Vector<std::uint8_t>* from, const char* what,
          std::array<std::uint8_t, N>& out) {
  out = {};
  if (from == nullptr || from->size() != N) {
    return fail(RDU_ERR_INVALID_ARGUMENT, what, " has ", from == nullptr ? 0u : from->size(),
                " bytes, expected ", N);
  }
  std::copy(from->begin(), from->end(), out.begin());
  return {};
}

template <class T>
Status numbers(const flatbuffers::Vector<T>* from, std::size_t most, const char* what,
               std::vector<T>& out) {
  out.clear();
  if (from == nullptr) return {};
  if (from->size() > most) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, from->size(), " ", what, ", at most ", most);
  }
  if (!is_aligned(from, sizeof(T))) {
    return fail(RDU_ERR_INVALID_ARGUMENT, what, " are not aligned");
  }
  out.assign(from->begin(), from->end());
  return {};
}

Status spans(const flatbuffers::Vector<const fbs::TensorSpan*>* from, const char* what,
             std::vector<TensorSpan>& out);
Status key(const fbs::EffectKey* from, EffectKey& out);

template <std::size_t N>
auto id(flatbuffers::FlatBufferBuilder& builder, const std::array<std::uint8_t, N>& from) {
  return builder.CreateVector(from.data(), from.size());
}
inline auto text(flatbuffers::FlatBufferBuilder& builder, std::string_view from, std::size_t most) {
  return builder.CreateString(from.data(), std::min(from.size(), most));
}
inline auto name(flatbuffers::FlatBufferBuilder& builder, std::string_view from) {
  return text(builder, from, kMaxNameBytes);
}
flatbuffers::Offset<fbs::EffectKey> key(flatbuffers::FlatBufferBuilder& builder,
                                        const EffectKey& from);

}  // namespace flat

// For functions that return a Status: what failed ends them.
#define RDU_WIRE_TRY(expression)                                    \
  do {                                                              \
    if (auto status_ = (expression); !status_.ok()) return status_; \
  } while (false)

}  // namespace rdu::remote
