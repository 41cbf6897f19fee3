// V and E: what a value may be on its own.
#include <cstring>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/base/checked.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Error;
using base::Result;

class ValueCheck {
 public:
  ValueCheck(const rdu_graph& graph, const Limits& limits, std::uint32_t id)
      : graph_(graph), limits_(limits), id_(id), value_(at<rdu_value>(graph.values, id)) {}

  Result<void> run() const {
    RDU_TRY(check_type());
    RDU_TRY(check_bounded());
    RDU_TRY(check_bytes());
    RDU_TRY(check_storage());
    return check_encoding();
  }

 private:
  template <class... Args>
  Error wrong(const char* rule, const char* pattern, Args... arguments) const {
    const std::string what = base::format(pattern, arguments...);
    return broken(rule, "value %u \"%s\": %s", id_, value_.name, what.c_str());
  }

  Result<void> check_type() const {
    if (!base::is_dtype(value_.dtype)) return wrong("V1", "dtype %u is unknown", value_.dtype);
    if (value_.role > RDU_ROLE_VARIABLE) return wrong("V1", "role %u is unknown", value_.role);
    if (value_.rank > RDU_MAX_RANK) return wrong("V1", "rank %u", value_.rank);
    const auto bytes = base::storage_bytes(value_.dtype, {value_.dims, value_.rank});
    if (!bytes) return wrong("V2", "%s", "an extent is negative or the size does not fit 63 bits");
    if (*bytes > limits_.max_value_bytes) {
      Error error =
          wrong("V2", "%llu bytes, the limit is %llu", static_cast<unsigned long long>(*bytes),
                static_cast<unsigned long long>(limits_.max_value_bytes));
      error.code = base::Code::kLimit;
      return error;
    }
    return {};
  }

  Result<void> check_bounded() const {
    for (std::uint32_t dim = 0; dim < value_.rank; ++dim) {
      const std::uint32_t extent = value_.dim_values[dim];
      if (extent == RDU_NONE) continue;
      if (extent >= graph_.values.count ||
          !is_scalar_of(at<rdu_value>(graph_.values, extent), RDU_DTYPE_I64)) {
        return wrong("V3", "the extent of dimension %u is value %u, which is no i64 scalar", dim,
                     extent);
      }
      if (is_constant(value_)) return wrong("V3", "%s", "a constant has a bounded dimension");
    }
    return {};
  }

  Result<void> check_bytes() const {
    const std::uint64_t bytes = *base::storage_bytes(value_.dtype, {value_.dims, value_.rank});
    if (value_.bytes != bytes) {
      return wrong("V4", "it has %llu bytes, its type and shape need %llu",
                   static_cast<unsigned long long>(value_.bytes),
                   static_cast<unsigned long long>(bytes));
    }
    if (is_constant(value_) ? value_.data == nullptr && bytes > 0 : value_.data != nullptr) {
      return wrong("V4", "%s", "a constant must have data and nothing else may");
    }
    return {};
  }

  bool is_bounded(const rdu_value& value) const {
    for (std::uint32_t dim = 0; dim < value.rank; ++dim) {
      if (value.dim_values[dim] != RDU_NONE) return true;
    }
    return false;
  }

  Result<void> check_storage() const {
    if (value_.storage == id_) return {};
    if (value_.storage >= graph_.values.count) {
      return wrong("V5", "storage %u is no value", value_.storage);
    }
    const auto& owner = at<rdu_value>(graph_.values, value_.storage);
    if (owner.storage != value_.storage) {
      return wrong("V5", "storage %u has its own storage elsewhere", value_.storage);
    }
    if (owner.dtype != value_.dtype || owner.bytes != value_.bytes ||
        base::checked_product({owner.dims, owner.rank}) !=
            base::checked_product({value_.dims, value_.rank})) {
      return wrong("V5", "it differs from its storage, value %u, in type or size", value_.storage);
    }
    if (value_.role != RDU_ROLE_INTERMEDIATE || is_constant(owner)) {
      return wrong("V5", "%s", "only intermediates share storage, and none with a constant");
    }
    if (is_bounded(value_) || is_bounded(owner)) {
      return wrong("V5", "%s", "a bounded shape shares storage: its strides would differ");
    }
    return {};
  }

  Result<void> check_encoding() const {
    if (value_.encoding == RDU_NONE) return {};
    if (value_.encoding >= graph_.encodings.count) {
      return wrong("E1", "encoding %u of %u", value_.encoding, graph_.encodings.count);
    }
    if (!is_constant(value_)) return wrong("E1", "%s", "only constants are encoded");
    const auto& encoding = at<rdu_encoding>(graph_.encodings, value_.encoding);
    if (encoding.kind != RDU_ENCODING_QUANTIZED) {
      return wrong("E2", "encoding kind %u: this version reads quantized ones only", encoding.kind);
    }
    if (!base::is_integer(value_.dtype)) {
      return wrong("E3", "a quantized %s", base::dtype_name(value_.dtype));
    }
    const auto rank = static_cast<std::int32_t>(value_.rank);
    if (encoding.axis < -1 || encoding.axis >= rank) return wrong("E3", "axis %d", encoding.axis);
    RDU_TRY(check_quantity(encoding, encoding.scale, "scale", base::is_float));
    if (encoding.zero_point == RDU_NONE) return {};
    return check_quantity(encoding, encoding.zero_point, "zero point", base::is_integer);
  }

  // One number, or as many as the axis is long.
  Result<void> check_quantity(const rdu_encoding& encoding, std::uint32_t id, const char* what,
                              bool (*has_type)(rdu_dtype)) const {
    if (id >= graph_.values.count) return wrong("E3", "its %s is value %u", what, id);
    const auto& quantity = at<rdu_value>(graph_.values, id);
    const bool per_tensor = encoding.axis < 0 && quantity.rank == 0;
    const bool per_axis =
        encoding.axis >= 0 && quantity.rank == 1 && quantity.dims[0] == value_.dims[encoding.axis];
    if (!is_constant(quantity) || !has_type(quantity.dtype) || !(per_tensor || per_axis)) {
      return wrong("E3", "its %s, value %u, has the wrong type or shape", what, id);
    }
    return {};
  }

  const rdu_graph& graph_;
  const Limits& limits_;
  std::uint32_t id_;
  const rdu_value& value_;
};

}  // namespace

base::Result<void> check_values(const rdu_graph& graph, const Limits& limits) {
  for (std::uint32_t id = 0; id < graph.values.count; ++id) {
    RDU_TRY(ValueCheck(graph, limits, id).run());
  }
  return {};
}

}  // namespace rdu::artifact
