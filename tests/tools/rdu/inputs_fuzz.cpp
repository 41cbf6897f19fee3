// Every decoder of a user's file: whatever the bytes, an answer or a ToolError.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/io/pnm.hpp"
#include "tools/rdu/io/tensor_proto.hpp"

namespace {

template <typename Decode>
void attempt(Decode decode, std::span<const std::byte> bytes) {
  try {
    (void)decode(bytes);
  } catch (const rdu::tool::ToolError&) {
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  attempt(rdu::tool::decode_npy, bytes);
  attempt(rdu::tool::decode_pnm, bytes);
  attempt(rdu::tool::decode_tensor_proto, bytes);
  return 0;
}
