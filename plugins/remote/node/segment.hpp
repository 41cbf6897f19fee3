// A piece of memory that two processes see: sealed at its size, so that neither can make the other fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "plugins/remote/node/file.hpp"

namespace rdu::remote::node {

class Segment {
 public:
  Segment() = default;
  // New memory of exactly this size, all zero.
  static Result<Segment> create(std::size_t bytes);
  // Memory that another process made. Its size is asked, and its seals are demanded.
  static Result<Segment> map(Descriptor file);
  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&& other) noexcept;
  ~Segment();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {data_, size_}; }
  int file() const { return file_.get(); }

 private:
  Status map_now();

  Descriptor file_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rdu::remote::node
