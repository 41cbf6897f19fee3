// Copies between host and device memory, which a trace shows with the time that the chip's link takes.
#include "plugins/rdu/buffer.hpp"

#include "plugins/rdu/timeline.hpp"

namespace rdu::chip_plugin {

using plugin::fail;
using plugin::Result;
using plugin::Status;

Result<std::unique_ptr<Buffer>> Buffer::make(const Owner& owner, std::uint64_t bytes) {
  Result<Allocation> memory =
      Allocation::make(owner.chip, RDU_HW_TIER_DRAM, std::max<std::uint64_t>(bytes, 1), 1);
  if (!memory.ok()) return memory.status();
  return std::make_unique<Buffer>(owner, std::move(*memory));
}

Status Buffer::check(std::uint64_t offset, std::uint64_t bytes) const {
  if (offset <= memory_.bytes() && bytes <= memory_.bytes() - offset) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, "bytes [", offset, ", + ", bytes, ") of a buffer of ",
              memory_.bytes());
}

Status Buffer::write(std::uint64_t offset, const void* host, std::uint64_t bytes) {
  if (Status s = check(offset, bytes); !s.ok()) return s;
  const TracedCopy traced(owner_, "in");
  return chip_plugin::write(owner_.chip, RDU_HW_TIER_DRAM, address() + offset, host, bytes);
}

Status Buffer::read(std::uint64_t offset, void* host, std::uint64_t bytes) {
  if (Status s = check(offset, bytes); !s.ok()) return s;
  const TracedCopy traced(owner_, "out");
  return chip_plugin::read(owner_.chip, RDU_HW_TIER_DRAM, address() + offset, host, bytes);
}

}  // namespace rdu::chip_plugin
