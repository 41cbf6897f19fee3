// Reads rdu_run_args: names to numbers, dtypes, shapes, and the choice of the variant.
#include "sdk/src/runtime/call.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/base/dtype.hpp"
#include "sdk/src/runtime/sized.hpp"

namespace rdu::runtime {
namespace {

std::span<const std::int64_t> shape_of(const rdu_tensor& tensor) {
  return {tensor.shape, tensor.rank};
}

std::span<const std::int64_t> shape_of(const TensorSpec& spec) { return spec.shape; }

Status check_array(const rdu_array& array, const char* what) {
  if (array.count == 0) return {};
  if (!array.data || array.stride_bytes < sizeof(rdu_header)) {
    return fail_with_hint(RDU_ERR_INVALID_ARGUMENT, "make it with rdu_tensors()", what, " has ",
                          array.count, " elements of ", array.stride_bytes, " bytes");
  }
  return {};
}

// The number of the tensor in its signature: by name, or by position.
Status number_of(const std::vector<TensorSpec>& specs, const rdu_tensor& tensor,
                 std::uint32_t position, const char* what, std::uint32_t& out) {
  if (!tensor.name) {
    out = position;
    if (position < specs.size()) return {};
    return fail(RDU_ERR_INVALID_ARGUMENT, what, " ", position, " has no name, and there are only ",
                specs.size());
  }
  std::string known;
  for (out = 0; out < specs.size(); ++out) {
    if (specs[out].name == tensor.name) return {};
  }
  for (const TensorSpec& spec : specs) known += cat(known.empty() ? "" : ", ", spec.name);
  return fail(RDU_ERR_NOT_FOUND, "there is no ", what, " '", tensor.name, "'; there are ",
              known.empty() ? "none" : known);
}

Status read_inputs(const std::vector<TensorSpec>& specs, const rdu_array& array, Call& call) {
  RDU_TRY(check_array(array, "inputs"));
  call.inputs.assign(specs.size(), rdu_tensor{});
  for (std::uint32_t i = 0; i < array.count; ++i) {
    rdu_tensor tensor;
    RDU_TRY(read_sized(RDU_AT(rdu_tensor, array, i), "rdu_tensor", tensor));
    std::uint32_t number = 0;
    RDU_TRY(number_of(specs, tensor, i, "input", number));
    const TensorSpec& spec = specs[number];
    if (call.inputs[number].dtype != RDU_DTYPE_NONE) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' is given twice");
    }
    if (tensor.dtype != spec.dtype) {
      return fail(RDU_ERR_DTYPE_MISMATCH, "input '", spec.name, "' is ",
                  base::dtype_name(spec.dtype), ", not ", base::dtype_name(tensor.dtype));
    }
    if (tensor.rank > RDU_MAX_RANK) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' has rank ", tensor.rank);
    }
    call.inputs[number] = tensor;
  }
  return {};
}

Status read_outputs(const std::vector<TensorSpec>& specs, const rdu_array& array, Call& call) {
  RDU_TRY(check_array(array, "outputs"));
  call.outputs.assign(specs.size(), rdu_tensor{});
  call.delivery.assign(specs.size(), nullptr);
  for (std::uint32_t i = 0; i < array.count; ++i) {
    const auto* given = RDU_AT(rdu_tensor, array, i);
    rdu_tensor tensor;
    RDU_TRY(read_sized(given, "rdu_tensor", tensor));
    std::uint32_t number = 0;
    RDU_TRY(number_of(specs, tensor, i, "output", number));
    if (call.delivery[number]) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "output '", specs[number].name, "' is given twice");
    }
    if (tensor.dtype != RDU_DTYPE_NONE && tensor.dtype != specs[number].dtype) {
      return fail(RDU_ERR_DTYPE_MISMATCH, "output '", specs[number].name, "' is ",
                  base::dtype_name(specs[number].dtype), ", not ", base::dtype_name(tensor.dtype));
    }
    call.outputs[number] = tensor;
    call.delivery[number] = const_cast<rdu_tensor*>(given);
  }
  return {};
}

bool is_given(const rdu_tensor& tensor) { return tensor.dtype != RDU_DTYPE_NONE; }

// What a variant folded or does not use may be left out.
bool may_be_missing(const TensorSpec& spec) { return spec.value == RDU_NONE; }

bool fits(const TensorSpec& spec, const rdu_tensor& tensor) {
  if (!is_given(tensor)) return may_be_missing(spec);
  if (!std::ranges::equal(
          shape_of(spec), shape_of(tensor),
          [](std::int64_t want, std::int64_t have) { return want == have || want < 0; })) {
    return false;
  }
  if (!spec.specialised) return true;
  return tensor.data && is_row_major(tensor) &&
         (spec.required.empty() ||
          std::memcmp(tensor.data, spec.required.data(), spec.required.size()) == 0);
}

bool fits(const VariantSpec& variant, const Call& call) {
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    if (!fits(variant.inputs[i], call.inputs[i])) return false;
  }
  return true;
}

std::string integers(const TensorSpec& spec, const void* data) {
  std::string text = "{";
  const std::size_t count = std::min<std::size_t>(spec.bytes / sizeof(std::int64_t), 16);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t number = 0;
    std::memcpy(&number, static_cast<const char*>(data) + i * sizeof(number), sizeof(number));
    text += cat(i ? "," : "", number);
  }
  return text + "}";
}

std::string describe(const VariantSpec& variant) {
  std::string text;
  for (const TensorSpec& spec : variant.inputs) {
    text +=
        cat(text.empty() ? "" : ", ", spec.name, " ", base::dtype_name(spec.dtype), shape_of(spec));
    if (spec.specialised) {
      text += spec.dtype == RDU_DTYPE_I64 ? cat("=", integers(spec, spec.required.data()))
                                          : std::string("=(a fixed value)");
    }
  }
  return variant.name.empty() ? text : cat(variant.name, " (", text, ")");
}

Status no_variant(const SignatureSpec& signature, const Call& call) {
  const std::vector<TensorSpec>& specs = signature.variants.front().inputs;
  std::string given, known;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!is_given(call.inputs[i])) continue;
    given += cat(given.empty() ? "" : ", ", specs[i].name, shape_of(call.inputs[i]));
  }
  for (const VariantSpec& variant : signature.variants) {
    known += cat(known.empty() ? "" : "; ", describe(variant));
  }
  return fail_with_hint(RDU_ERR_SHAPE_MISMATCH, "compile this shape with rducc --dim or --variant",
                        "no variant of '", signature.name, "' takes ",
                        given.empty() ? "no inputs" : given, "; there is ", known);
}

Status missing_input(const SignatureSpec& signature, const Call& call) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const bool needed = std::ranges::all_of(signature.variants, [&](const VariantSpec& variant) {
      return !may_be_missing(variant.inputs[i]);
    });
    if (needed && !is_given(call.inputs[i])) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "input '", signature.variants.front().inputs[i].name,
                  "' is missing");
    }
  }
  return {};
}

// The last element lies within `size_bytes`, where that is given.
Status check_strides(const TensorSpec& spec, const rdu_tensor& tensor) {
  std::int64_t last = 0;
  for (std::uint32_t d = 0; d < tensor.rank; ++d) {
    std::int64_t reach = 0;
    if (tensor.strides[d] < 0 ||
        __builtin_mul_overflow(tensor.shape[d] - 1, tensor.strides[d], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' has stride ",
                  tensor.strides[d], " along dimension ", d);
    }
  }
  const std::uint64_t element = base::dtype_bits(tensor.dtype) / 8;
  const bool outside = spec.bytes > 0 && element > 0 && tensor.size_bytes != 0 &&
                       static_cast<std::uint64_t>(last) >= tensor.size_bytes / element;
  if (!outside) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' has its last element at ", last,
              ", outside its ", tensor.size_bytes, " bytes");
}

Status check_input(const TensorSpec& spec, const rdu_tensor& tensor) {
  if (!is_given(tensor) || spec.value == RDU_NONE) return {};
  if (!tensor.data && !tensor.buffer && spec.bytes > 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' has neither data nor buffer");
  }
  if (tensor.size_bytes != 0 && !tensor.strides && tensor.size_bytes < spec.bytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "input '", spec.name, "' has ", tensor.size_bytes,
                " bytes, its shape needs ", spec.bytes);
  }
  if (tensor.strides && base::is_packed(tensor.dtype) && !is_row_major(tensor)) {
    return fail(RDU_ERR_UNSUPPORTED, "input '", spec.name, "' is ", base::dtype_name(tensor.dtype),
                " and not row-major");
  }
  return tensor.strides ? check_strides(spec, tensor) : Status();
}

Status check_output(const TensorSpec& spec, const rdu_tensor& tensor) {
  const bool has_memory = tensor.data || tensor.buffer;
  if (has_memory && tensor.size_bytes != 0 && tensor.size_bytes < spec.bytes) {
    return fail(RDU_ERR_SHAPE_MISMATCH, "output '", spec.name, "' needs ", spec.bytes,
                " bytes, its tensor has ", tensor.size_bytes);
  }
  if (has_memory && tensor.size_bytes == 0 &&
      !std::ranges::equal(shape_of(spec), shape_of(tensor))) {
    return fail(RDU_ERR_SHAPE_MISMATCH, "output '", spec.name, "' has shape ", shape_of(spec),
                ", its tensor ", std::span(tensor.shape, std::min(tensor.rank, RDU_MAX_RANK + 0u)));
  }
  if (tensor.strides && !is_row_major(tensor)) {
    return fail(RDU_ERR_UNSUPPORTED, "output '", spec.name, "' is not row-major");
  }
  return {};
}

}  // namespace

bool is_row_major(const rdu_tensor& tensor) {
  if (!tensor.strides) return true;
  std::int64_t dense = 1;
  for (std::uint32_t d = tensor.rank; d-- > 0;) {
    if (tensor.shape[d] == 0) return true;
    if (tensor.shape[d] != 1 && tensor.strides[d] != dense) return false;
    dense *= tensor.shape[d];
  }
  return true;
}

Status read_call(const Artifact& artifact, const rdu_run_args* given, Call& call) {
  if (!given) return fail(RDU_ERR_INVALID_ARGUMENT, "args is NULL");
  rdu_run_args args;
  RDU_TRY(read_sized(given, "rdu_run_args", args));
  RDU_TRY(artifact.find(args.signature, call.signature));
  const SignatureSpec& signature = artifact.signatures()[call.signature];
  if (signature.variants.empty()) {
    return fail(RDU_ERR_UNSUPPORTED, "signature '", signature.name, "' has no variant");
  }
  call.timeout_us = args.timeout_us;
  call.user_tag = args.user_tag;
  call.state = args.state;
  RDU_TRY(read_inputs(signature.variants.front().inputs, args.inputs, call));
  RDU_TRY(read_outputs(signature.variants.front().outputs, args.outputs, call));
  for (call.variant = 0; call.variant < signature.variants.size(); ++call.variant) {
    if (fits(signature.variants[call.variant], call)) return {};
  }
  RDU_TRY(missing_input(signature, call));
  return no_variant(signature, call);
}

Status check_memory(const VariantSpec& variant, const Call& call) {
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    RDU_TRY(check_input(variant.inputs[i], call.inputs[i]));
  }
  for (std::size_t j = 0; j < variant.outputs.size(); ++j) {
    if (call.delivery[j]) RDU_TRY(check_output(variant.outputs[j], call.outputs[j]));
  }
  return {};
}

}  // namespace rdu::runtime
