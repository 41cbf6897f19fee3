// Numbers, hashes and texts into bytes and back, for files of the peer and between its processes; reading never runs over.
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "plugins/remote/node/file.hpp"

namespace rdu::remote::node {

class ByteWriter {
 public:
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void put(T value) {
    append(&value, sizeof(T));
  }
  template <class T, std::size_t kCount>
  void put(const std::array<T, kCount>& values) {
    append(values.data(), sizeof(T) * kCount);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
  }
  void put_bytes(ByteSpan bytes) {
    put(static_cast<std::uint64_t>(bytes.size()));
    append(bytes.data(), bytes.size());
  }
  const Bytes& bytes() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
  }
  Bytes bytes_;
};

// After the first read beyond the end everything reads as zero, and ok() says so.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : rest_(bytes) {}

  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) T get() {
    T value{};
    copy(&value, sizeof(T));
    return value;
  }
  template <class T, std::size_t kCount>
  void get(std::array<T, kCount>& values) {
    copy(values.data(), sizeof(T) * kCount);
  }
  std::string get_text() {
    const ByteSpan bytes = take(get<std::uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  ByteSpan get_bytes() { return take(get<std::uint64_t>()); }
  // A count of elements that take at least `each` bytes; one that cannot be true makes the reader fail.
  std::size_t get_count(std::size_t each) {
    const auto count = get<std::uint32_t>();
    if (count > rest_.size() / each) ok_ = false;
    return ok_ ? count : 0;
  }
  ByteSpan rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  ByteSpan take(std::uint64_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteSpan taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  void copy(void* out, std::size_t size) {
    const ByteSpan bytes = take(size);
    if (ok_ && size > 0) std::memcpy(out, bytes.data(), size);
  }
  ByteSpan rest_;
  bool ok_ = true;
};

}  // namespace rdu::remote::node
