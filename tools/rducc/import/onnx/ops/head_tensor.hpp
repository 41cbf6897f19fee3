// Queries, keys or values of several heads, wherever a tensor has them: splitting heads is an access.
#pragma once

#include <cstdint>
#include <optional>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

enum class HeadLayout {
  kHeadsFirst,  // [batch, heads, length, size]
  kRows,        // [batch, length, channels]: head h is `size` channels from first + h * stride on
};

struct HeadTensor {
  ValueId value = ir::kNone;
  HeadLayout layout = HeadLayout::kHeadsFirst;
  std::int64_t batch = 1, heads = 1, size = 1;
  ir::Extent length;
  std::int64_t first = 0, stride = 0;
  std::optional<std::int64_t> slot;  // heads first, of a stack [slots, batch, heads, length, size]

  ir::Access access(const ir::Index& batch_at, const ir::Index& head, const ir::Index& position,
                    const ir::Index& channel) const;
};

// Of rank 4, heads first.
HeadTensor heads_first(OpCall& call, ValueId value);
// Of rank 3: all its channels are those of `heads` heads.
HeadTensor rows_of_heads(OpCall& call, ValueId value, std::int64_t heads);
// Part of the channels of a tensor of rank 3.
HeadTensor rows_of_heads(OpCall& call, ValueId value, std::int64_t heads, std::int64_t size,
                         std::int64_t first, std::int64_t stride);

// The same elements as a value of the layout [batch, heads, length, size].
HeadTensor to_heads_first(ir::Builder& builder, const HeadTensor& x);
// The same behind input `past`, where the node has one, and as output `present`, where it wants it.
HeadTensor with_past(OpCall& call, HeadTensor x, std::size_t past, std::size_t present);

// "[2, 8, 5, 64]": batch, heads, length, size, for messages.
std::string to_text(const HeadTensor& x);

// a + b, of different loops.
ir::Index sum(ir::Index a, const ir::Index& b);

}  // namespace rducc::import_onnx
