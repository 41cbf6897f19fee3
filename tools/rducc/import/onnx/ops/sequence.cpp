// Sequences and optionals: lists that exist while the model is compiled, of tensors that exist when it runs.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/control.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"
#include "tools/rducc/import/onnx/sub_graph.hpp"

namespace rducc::import_onnx {
namespace {

std::int64_t scalar_of(const OpCall& call, std::size_t input, std::string_view what) {
  const std::vector<std::int64_t> known = call.required_constant(input, what).to_i64();
  if (known.size() != 1) call.invalid(std::string(what) + " is not a scalar");
  return known[0];
}

// A position among `count` places, counted from the end where it is negative.
std::size_t read_position(const OpCall& call, std::size_t input, std::size_t count) {
  const std::int64_t position = scalar_of(call, input, "the position in the sequence");
  const auto places = static_cast<std::int64_t>(count);
  if (position < -places || position >= places) {
    call.invalid("position " + std::to_string(position) + " among " + std::to_string(places));
  }
  return static_cast<std::size_t>(position < 0 ? position + places : position);
}

void import_construct(OpCall& call) {
  if (call.num_inputs() == 0) call.invalid("has no input");
  require_same_dtype(call, 0, call.num_inputs());
  call.set_output(0, Sequence{call.inputs(), call.dtype(0)});
}

void import_empty(OpCall& call) {
  call.set_output(0, Sequence{{}, dtype_attr(call, "dtype", RDU_DTYPE_F32)});
}

void import_at(OpCall& call) {
  const Sequence sequence = call.sequence(0);
  call.set_output(0, sequence.elements[read_position(call, 1, sequence.elements.size())]);
}

void import_insert(OpCall& call) {
  Sequence sequence = call.sequence(0);
  if (!sequence.elements.empty() && call.dtype(1) != sequence.dtype) {
    call.invalid("the tensor's element type is not that of the sequence");
  }
  sequence.dtype = call.dtype(1);
  const std::size_t size = sequence.elements.size();
  std::size_t at = size;
  if (call.has_input(2)) {
    // Behind the last element is a place, too; from the end, places are counted by elements.
    const std::int64_t position = scalar_of(call, 2, "the position in the sequence");
    at = position == static_cast<std::int64_t>(size) ? size : read_position(call, 2, size);
  }
  sequence.elements.insert(sequence.elements.begin() + static_cast<std::ptrdiff_t>(at),
                           call.input(1));
  call.set_output(0, std::move(sequence));
}

void import_erase(OpCall& call) {
  Sequence sequence = call.sequence(0);
  const std::size_t size = sequence.elements.size();
  if (size == 0) call.invalid("the sequence is empty");
  const std::size_t at = call.has_input(1) ? read_position(call, 1, size) : size - 1;
  sequence.elements.erase(sequence.elements.begin() + static_cast<std::ptrdiff_t>(at));
  call.set_output(0, std::move(sequence));
}

void import_length(OpCall& call) {
  const auto length = static_cast<std::int64_t>(call.sequence(0).elements.size());
  call.set_output(0, call.b().add_constant(ir::make_tensor(
                         RDU_DTYPE_I64, {}, std::span<const std::int64_t>(&length, 1))));
}

// Each part is a node of the graph.
constexpr std::int64_t kMostParts = 65'536;

// The extents of the parts: listed, or all of one size but the last.
std::vector<std::int64_t> part_sizes(const OpCall& call, std::int64_t extent) {
  std::vector<std::int64_t> sizes;
  const bool listed = call.has_input(1) && call.rank(1) == 1;
  if (listed) {
    sizes = call.required_constant(1, "the sizes of the parts").to_i64();
  } else {
    const std::int64_t size = call.has_input(1) ? scalar_of(call, 1, "the size of a part") : 1;
    if (size < 1) call.invalid("parts of size " + std::to_string(size));
    if (extent / size > kMostParts) {
      call.unsupported("an axis of " + std::to_string(extent) + " in parts of " +
                       std::to_string(size));
    }
    for (std::int64_t left = extent; left > 0; left -= size) sizes.push_back(std::min(left, size));
  }
  std::int64_t total = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > extent - total) call.invalid("split = " + to_text(sizes));
    total += size;
  }
  if (total != extent) {
    call.invalid("split = " + to_text(sizes) + " of an axis of " + std::to_string(extent));
  }
  return sizes;
}

void import_split_to_sequence(OpCall& call) {
  ir::Builder& b = call.b();
  const Dims from = call.dims(0);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  const bool drops = !call.has_input(1) && call.attr_i("keepdims", 1) == 0;
  const std::vector<std::int64_t> steps(from.size(), 1);
  std::vector<std::int64_t> starts(from.size(), 0);
  Sequence parts{{}, call.dtype(0)};
  for (const std::int64_t size : part_sizes(call, from[axis])) {
    Dims dims = from;
    dims[axis] = size;
    ValueId part = b.slice(call.input(0), starts, steps, dims);
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
    if (drops) part = b.reshape(part, std::move(dims));
    parts.elements.push_back(part);
    starts[axis] += size;
  }
  call.set_output(0, std::move(parts));
}

void import_concat_from_sequence(OpCall& call) {
  ir::Builder& b = call.b();
  const Sequence sequence = call.sequence(0);
  if (sequence.elements.empty()) call.invalid("the sequence is empty");
  if (!call.has_attr("axis")) call.invalid("has no attribute axis");
  const bool stacks = call.attr_i("new_axis", 0) != 0;
  const Dims first = b.dims(sequence.elements[0]);
  const std::int64_t axis = normalise_axis(
      call, call.attr_i("axis", 0), static_cast<std::int64_t>(first.size()) + (stacks ? 1 : 0));
  std::vector<ValueId> parts;
  for (const ValueId element : sequence.elements) {
    Dims dims = b.dims(element), expected = first;
    if (!stacks && dims.size() == first.size()) {
      expected[static_cast<std::size_t>(axis)] = dims[static_cast<std::size_t>(axis)];
    }
    if (dims != expected) {
      call.invalid("elements of shapes " + to_text(first) + " and " + to_text(dims) +
                   " along axis " + std::to_string(axis));
    }
    if (stacks) dims.insert(dims.begin() + axis, 1);
    parts.push_back(b.reshape(element, std::move(dims)));
  }
  call.set_output(0, b.concat(parts, axis));
}

// The body once per element; inputs after the first are sequences as long, or the same each time.
void import_map(OpCall& call) {
  const onnx::GraphProto& body = required_graph(call, "body");
  if (num_graph_inputs(body) != call.num_inputs() ||
      num_graph_outputs(body) != call.num_outputs()) {
    call.invalid("its body does not fit its inputs and outputs");
  }
  const std::size_t length = call.sequence(0).elements.size();
  std::vector<Sequence> outputs(call.num_outputs());
  for (std::size_t k = 0; k < length; ++k) {
    std::vector<Meaning> inputs;
    for (std::size_t i = 0; i < call.num_inputs(); ++i) {
      inputs.push_back(call.meaning(i));
      const auto* sequence = std::get_if<Sequence>(&inputs.back());
      if (!sequence) continue;
      if (sequence->elements.size() != length) call.invalid("its sequences differ in length");
      inputs.back() = ValueId{sequence->elements[k]};
    }
    const std::vector<Meaning> results =
        inline_sub_graph(call, body, inputs, static_cast<std::int64_t>(k));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i].elements.push_back(tensor_of(results[i]));
      if (outputs[i].elements.back() == ir::kNone) call.invalid("its body yields no tensor");
      outputs[i].dtype = call.b().dtype(outputs[i].elements.back());
    }
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) call.set_output(i, std::move(outputs[i]));
}

// --- Optionals ------------------------------------------------------------------------------------

void import_optional(OpCall& call) {
  call.set_output(0, call.has_input(0) ? call.meaning(0) : Meaning(Nothing{}));
}

void import_get_element(OpCall& call) {
  Meaning content = call.meaning(0);
  if (std::holds_alternative<Nothing>(content)) call.invalid("the optional is empty");
  call.set_output(0, std::move(content));
}

void import_has_element(OpCall& call) {
  const bool has = call.has_input(0) && !std::holds_alternative<Nothing>(call.meaning(0));
  call.set_output(0, call.b().scalar(RDU_DTYPE_BOOL, has ? 1 : 0));
}

constexpr OpEntry kOps[] = {
    {"", "ConcatFromSequence", 11, import_concat_from_sequence},
    {"", "Optional", 15, import_optional},
    {"", "OptionalGetElement", 15, import_get_element},
    {"", "OptionalHasElement", 15, import_has_element},
    {"", "SequenceAt", 11, import_at},
    {"", "SequenceConstruct", 11, import_construct},
    {"", "SequenceEmpty", 11, import_empty},
    {"", "SequenceErase", 11, import_erase},
    {"", "SequenceInsert", 11, import_insert},
    {"", "SequenceLength", 11, import_length},
    {"", "SequenceMap", 17, import_map},
    {"", "SplitToSequence", 11, import_split_to_sequence},
};

}  // namespace

std::span<const OpEntry> sequence_ops() { return kOps; }

}  // namespace rducc::import_onnx
