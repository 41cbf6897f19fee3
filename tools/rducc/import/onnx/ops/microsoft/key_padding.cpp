// Which keys a query may see, as tensors and attributes of com.microsoft say it.
#include "tools/rducc/import/onnx/ops/microsoft/key_padding.hpp"

#include <cmath>
#include <limits>

#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {
namespace {

ValueId part_of(ir::Builder& builder, ValueId value, std::int64_t first, std::int64_t count) {
  const std::int64_t start[] = {first}, step[] = {1};
  return builder.slice(value, start, step, {count});
}

}  // namespace

void add_key_padding(OpCall& call, const Scores& scores, std::size_t input,
                     std::vector<ScoreStep>& masks) {
  if (call.dtype(input) != RDU_DTYPE_I32) call.invalid("the mask must be of type int32");
  const Masked masked{call.attr_f("mask_filter_value", -10000), true};
  const ValueId mask = call.input(input);
  const ir::Shape shape = call.b().shape(mask);
  const ir::Extent batch = scores.shape[0], rows = scores.shape[2], columns = scores.shape[3];
  const auto is = [&](const ir::Shape& form) { return ir::same_shape(shape, form); };
  if (is({batch})) {
    masks.push_back(columns_before(scores, {0, mask}, masked));
  } else if (is({{2 * batch.bound}})) {
    const ValueId end = part_of(call.b(), mask, 0, batch.bound);
    const ValueId start = part_of(call.b(), mask, batch.bound, batch.bound);
    masks.push_back(columns_before(scores, {0, end}, masked));
    masks.push_back(columns_from(scores, {0, start}, masked));
  } else if (is({batch, columns})) {
    constexpr std::size_t kAxes[] = {0, 3};
    masks.push_back(keep_positive(scores, mask, kAxes, masked));
  } else if (is({batch, rows, columns})) {
    constexpr std::size_t kAxes[] = {0, 2, 3};
    masks.push_back(keep_positive(scores, mask, kAxes, masked));
  } else {
    call.unsupported("a mask of shape " + ir::to_text(shape) + " for scores of shape " +
                     ir::to_text(scores.shape));
  }
}

void add_unidirectional(OpCall& call, const Scores& scores, Position first_row,
                        std::vector<ScoreStep>& masks) {
  const bool sees_all = scores.shape[2].is_one();
  if (call.attr_i("unidirectional", 0) == 0 || sees_all) return;
  masks.push_back(causal(scores, first_row, {std::numeric_limits<float>::lowest(), false}));
}

double scale_of(const OpCall& call, const HeadTensor& query) {
  const double scale = call.attr_f("scale", 0);
  return scale == 0 ? 1 / std::sqrt(static_cast<double>(query.size)) : scale;
}

void refuse_inputs(const OpCall& call,
                   std::initializer_list<std::pair<std::size_t, const char*>> inputs) {
  for (const auto& [number, name] : inputs) {
    if (call.has_input(number)) call.unsupported("input " + std::string(name));
  }
}

void refuse_attributes(const OpCall& call, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::int64_t value = call.attr_i(name, 0);
    if (value != 0) {
      call.unsupported("attribute " + std::string(name) + " = " + std::to_string(value));
    }
  }
}

}  // namespace rducc::import_onnx
