// Accesses that most nodes need: fixed positions, loops, identity and broadcasting.
#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

std::string text(std::span<const std::int64_t> dims) {
  std::string result = "[";
  for (const std::int64_t dim : dims) {
    if (result.size() > 1) result += ", ";
    result += std::to_string(dim);
  }
  return result + "]";
}

}  // namespace

Index at(std::int64_t offset) {
  Index index;
  index.offset = offset;
  return index;
}

Index along(std::uint32_t loop, std::int64_t coef, std::int64_t offset) {
  Index index = at(offset);
  if (coef != 0) index.terms.push_back({loop, coef});
  return index;
}

Index outside(Index index, std::uint32_t rule) {
  index.outside = rule;
  return index;
}

Access identity_access(std::size_t rank, std::uint32_t first_loop) {
  Access access;
  for (std::size_t i = 0; i < rank; ++i) {
    access.push_back(along(first_loop + static_cast<std::uint32_t>(i)));
  }
  return access;
}

Access broadcast_access(std::span<const std::int64_t> dims,
                        std::span<const std::int64_t> out_dims) {
  if (dims.size() > out_dims.size()) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "shape " + text(dims) + " does not broadcast to " + text(out_dims));
  }
  const std::size_t shift = out_dims.size() - dims.size();
  Access access;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] != 1 && dims[i] != out_dims[i + shift]) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "shape " + text(dims) + " does not broadcast to " + text(out_dims));
    }
    const bool fixed = dims[i] != out_dims[i + shift];
    access.push_back(fixed ? at(0) : along(static_cast<std::uint32_t>(i + shift)));
  }
  return access;
}

Dims broadcast_dims(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  if (a.size() < b.size()) return broadcast_dims(b, a);
  Dims dims(a.begin(), a.end());
  const std::size_t shift = a.size() - b.size();
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::int64_t& dim = dims[i + shift];
    if (dim == 1) {
      dim = b[i];
    } else if (b[i] != 1 && b[i] != dim) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "shapes " + text(a) + " and " + text(b) + " do not broadcast");
    }
  }
  return dims;
}

}  // namespace rducc::ir
