// A header and the data in one block of the application's allocator.
#include "sdk/src/runtime/output_block.hpp"

#include <algorithm>
#include <new>

namespace rdu::runtime {

Status OutputBlock::allocate(std::shared_ptr<Context> context, std::uint64_t bytes,
                             std::uint64_t alignment, OutputBlock*& out) {
  const std::uint64_t header = std::max<std::uint64_t>(alignment, kHostAlignment);
  static_assert(sizeof(OutputBlock) <= kHostAlignment);
  std::uint64_t total = 0;
  void* block = nullptr;
  if (!__builtin_add_overflow(header, bytes, &total)) {
    block = context->allocator().allocate(total, header);
  }
  if (!block) return fail(RDU_ERR_OUT_OF_MEMORY, "no memory for an output of ", bytes, " bytes");
  out = new (block) OutputBlock(std::move(context), header, total);
  return {};
}

void OutputBlock::release() noexcept {
  const std::shared_ptr<Context> context = std::move(context_);
  const std::uint64_t total = total_bytes_;
  this->~OutputBlock();
  context->allocator().release(this, total);
}

}  // namespace rdu::runtime
