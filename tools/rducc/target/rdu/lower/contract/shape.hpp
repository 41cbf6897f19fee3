// A contraction as rows, columns and k: which loops go over the rows of a tile and which over its columns.
#pragma once

#include <optional>

#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {

// Out[outer, y, x, n] = Σ_k a[outer, y, x, k] · b[outer, n, k]; a is the operand that moves with rows.
struct ContractShape {
  Nest nest;
  std::uint32_t a = 0, b = 1;     // of the nest's reads
  std::vector<VariableId> outer;  // all other parallel loops
  VariableId y = RDU_NONE;        // rows
  std::optional<VariableId> x;    // the inner loop of rows; y and x are side by side in the result
  VariableId n = RDU_NONE;        // columns
  std::int64_t height = 1, width = 1, columns = 1;
  std::optional<VariableId> pair;  // of the sum, that an array takes two steps of at a time
  std::int64_t epilogue_operations = 0;
  bool rows_across = true;  // the result is consecutive along rows, not along columns
};

// How the rows and columns of tiles, `rows` by `columns` large, waste least. Loops of one step are added where a side has none.
// `in_order`: what moves through the model, the left operand, had better be the rows, which are made one block after another.
ContractShape choose_shape(const Nest& nest, std::int64_t rows, std::int64_t columns,
                           bool in_order);

}  // namespace rducc::rdu::lower
