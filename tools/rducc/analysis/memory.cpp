// Bytes of values during evaluation: constants are borrowed, everything else is allocated.
#include <algorithm>

#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::analysis {

using rdu::artifact::kNone;
using rdu::artifact::ValueId;

ValueId Memory::owner(ValueId id) const {
  const ValueId storage = variant_.values[id].storage;
  return storage == kNone ? id : storage;
}

bool Memory::known(ValueId id) const {
  const ValueId from = owner(id);
  return variant_.values[from].data.owner != nullptr || buffers_.contains(from);
}

std::span<const std::byte> Memory::bytes(ValueId id) const {
  const ValueId from = owner(id);
  if (const auto& data = variant_.values[from].data; data.owner != nullptr) return data.bytes;
  const auto found = buffers_.find(from);
  if (found == buffers_.end()) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "value '" + variant_.values[id].name + "' is read before it is written");
  }
  return found->second;
}

std::span<std::byte> Memory::writable(ValueId id) {
  const ValueId to = owner(id);
  const auto [entry, fresh] = buffers_.try_emplace(to);
  if (fresh) {
    const auto& value = variant_.values[to];
    entry->second.resize(ir::storage_bytes(value.dtype, ir::num_elements(value.dims)));
  }
  return entry->second;
}

void Memory::set(ValueId id, const ir::Tensor& tensor) {
  const auto target = writable(id);
  std::copy_n(tensor.data.bytes.begin(), std::min(target.size(), tensor.data.bytes.size()),
              target.begin());
}

ir::Dims Memory::extents(ValueId id) const {
  const auto& value = variant_.values[id];
  ir::Dims dims = value.dims;
  for (std::size_t i = 0; i < value.dim_values.size(); ++i) {
    if (value.dim_values[i] != kNone) dims[i] = scalar(value.dim_values[i]);
  }
  return dims;
}

std::int64_t Memory::scalar(ValueId id) const {
  return ir::load_element(bytes(id), variant_.values[id].dtype, 0).i;
}

ir::Tensor Memory::tensor(ValueId id) const {
  const auto& value = variant_.values[id];
  const ir::Dims actual = extents(id);
  const auto from = bytes(id);
  if (actual == value.dims) {
    return ir::make_tensor(value.dtype, actual, std::vector<std::byte>(from.begin(), from.end()));
  }
  // A bounded dimension: the rows in use are gathered from the storage of the bound.
  std::vector<std::byte> bytes(ir::storage_bytes(value.dtype, ir::num_elements(actual)));
  ir::Dims point(actual.size(), 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ir::num_elements(actual)); ++i) {
    std::int64_t element = 0;
    for (std::size_t d = 0; d < point.size(); ++d) element = element * value.dims[d] + point[d];
    ir::store_element(bytes, value.dtype, i, ir::load_element(from, value.dtype, element));
    for (std::size_t d = point.size(); d-- > 0 && ++point[d] == actual[d];) point[d] = 0;
  }
  return ir::make_tensor(value.dtype, actual, std::move(bytes));
}

}  // namespace rducc::analysis
