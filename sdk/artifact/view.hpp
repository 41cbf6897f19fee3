// Reading a graph view from C++: its arrays, and ranges of them, as ranges of references.
#pragma once

#include <rdu/graph.h>

#include <cstddef>
#include <cstdint>

namespace rdu::artifact {

// `count` elements of an array from `first` on. The stride is the array's: elements may be longer than T.
template <class T>
class Slice {
 public:
  class Iterator {
   public:
    Iterator(const char* at, std::size_t stride) : at_(at), stride_(stride) {}
    const T& operator*() const { return *reinterpret_cast<const T*>(at_); }
    Iterator& operator++() {
      at_ += stride_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const char* at_;
    std::size_t stride_;
  };

  Slice(const rdu_array& array, std::uint32_t first, std::uint32_t count)
      : begin_(static_cast<const char*>(array.data)), stride_(array.stride_bytes), count_(count) {
    // Nothing may be added to the null pointer of an empty array.
    if (begin_ != nullptr) begin_ += static_cast<std::size_t>(first) * stride_;
  }

  Iterator begin() const { return {begin_, stride_}; }
  Iterator end() const {
    return {begin_ == nullptr ? nullptr : begin_ + count_ * stride_, stride_};
  }
  std::uint32_t size() const { return count_; }
  const T& operator[](std::uint32_t i) const {
    return *reinterpret_cast<const T*>(begin_ + static_cast<std::size_t>(i) * stride_);
  }

 private:
  const char* begin_;
  std::size_t stride_;
  std::uint32_t count_;
};

template <class T>
const T& at(const rdu_array& array, std::uint32_t i) {
  return *RDU_AT(T, array, i);
}

template <class T>
Slice<T> slice(const rdu_array& array, std::uint32_t first, std::uint32_t count) {
  return Slice<T>(array, first, count);
}

template <class T>
Slice<T> each(const rdu_array& array) {
  return Slice<T>(array, 0, array.count);
}

inline Slice<std::uint32_t> list(const rdu_graph& graph, std::uint32_t first, std::uint32_t count) {
  return Slice<std::uint32_t>(graph.value_lists, first, count);
}

}  // namespace rdu::artifact
