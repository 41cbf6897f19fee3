// A tensor that the tool owns: what files are read into and results are written from.
#pragma once

#include <rdu/tensor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rdu::tool {

// Bytes at a 64-byte boundary, so that the runtime uses them in place.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t size);

  std::byte* data() { return bytes_.get(); }
  const std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  std::size_t size_ = 0;
};

struct HostTensor {
  std::string name;
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::vector<std::int64_t> shape;
  AlignedBytes bytes;  // row-major

  std::int64_t num_elements() const;
  // Every element as a double; exact for all dtypes but large 64-bit integers.
  std::vector<double> to_f64() const;
};

// Uninitialised storage of the right size. Throws ToolError where shape or dtype is impossible.
HostTensor make_host_tensor(rdu_dtype dtype, std::vector<std::int64_t> shape);

HostTensor clone(const HostTensor& tensor);

// The description that a run takes; valid while `tensor` stays where it is.
rdu_tensor describe(HostTensor& tensor);

// "f32[1, 3, 224, 224]".
std::string type_text(rdu_dtype dtype, std::span<const std::int64_t> shape);

}  // namespace rdu::tool
