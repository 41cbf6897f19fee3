// Vectors out of a verified FlatBuffer: what the Verifier leaves open is checked where a vector is taken.
// Shown to nothing but the decode_*.cpp: it speaks FlatBuffers.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <span>
#include <string>

#include "sdk/base/result.hpp"

namespace rdu::artifact {

// The Verifier accepts a vector whose elements are misaligned, and one vector that a thousand tables share, so that
// a small file could ask for much work. Here every vector is aligned, and all that are taken, counted as often as
// they are taken, fit into the metadata once: no honest writer shares them.
class VectorReader {
 public:
  explicit VectorReader(std::uint64_t metadata_bytes) : budget_(metadata_bytes) {}

  template <class T>
  base::Result<std::span<const T>> structs(const flatbuffers::Vector<const T*>* vector,
                                           const char* name) {
    if (vector == nullptr || vector->size() == 0) return std::span<const T>();
    RDU_TRY(check(vector->Data(), vector->size(), sizeof(T), alignof(T), name));
    return std::span(reinterpret_cast<const T*>(vector->Data()), vector->size());
  }

  template <class T>
  base::Result<std::span<const T>> scalars(const flatbuffers::Vector<T>* vector, const char* name) {
    if (vector == nullptr || vector->size() == 0) return std::span<const T>();
    RDU_TRY(check(vector->Data(), vector->size(), sizeof(T), alignof(T), name));
    return std::span(vector->data(), vector->size());
  }

  // Tables, and anything else behind offsets: how many there are.
  template <class T>
  base::Result<std::uint32_t> count(const flatbuffers::Vector<T>* vector, const char* name) {
    if (vector == nullptr) return 0u;
    RDU_TRY(check(vector->Data(), vector->size(), sizeof(flatbuffers::uoffset_t),
                  alignof(flatbuffers::uoffset_t), name));
    return vector->size();
  }

  base::Result<std::string> text(const flatbuffers::String* string, const char* name) {
    if (string == nullptr) return std::string();
    RDU_TRY(check(string->Data(), string->size(), 1, 1, name));
    std::string copy(string->c_str(), string->size());
    if (copy.find('\0') != std::string::npos) {
      return base::fail(base::Code::kCorrupt, "metadata: %s contains a zero byte", name);
    }
    return copy;
  }

 private:
  base::Result<void> check(const void* data, std::uint64_t count, std::uint64_t size,
                           std::uintptr_t alignment, const char* name) {
    // FlatBufferBuilder aligns no vector that is empty.
    if (count > 0 && reinterpret_cast<std::uintptr_t>(data) % alignment != 0) {
      return base::fail(base::Code::kCorrupt, "metadata: vector %s is not aligned to %zu bytes",
                        name, static_cast<std::size_t>(alignment));
    }
    if (count * size > budget_) {
      return base::fail(base::Code::kCorrupt,
                        "metadata: vector %s is shared: all vectors together exceed the metadata",
                        name);
    }
    budget_ -= count * size;
    return {};
  }

  std::uint64_t budget_;
};

}  // namespace rdu::artifact
