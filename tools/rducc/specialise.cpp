// Turns --data, --dim, --variant and --fix into the list of variants to compile.
#include "tools/rducc/specialise.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc {
namespace {

using Inputs = std::span<const rdu::artifact::SignatureTensor>;
using rdu::artifact::SignatureTensor;

constexpr std::size_t kMostVariants = 4096;

[[noreturn]] void refuse(const std::string& message) {
  throw CompileError(CompileErrorKind::kInvalid, message);
}

std::string shape_text(std::span<const std::int64_t> dims) {
  std::string text = "[";
  for (const std::int64_t dim : dims) text += (text.size() > 1 ? "," : "") + std::to_string(dim);
  return text + "]";
}

std::string shape_text(const SignatureTensor& input) {
  std::string text = "[";
  for (const auto& dim : input.dims) {
    if (text.size() > 1) text += ",";
    text += dim.name.empty() ? std::to_string(dim.extent) : dim.name;
  }
  return text + "]";
}

void bind_dim(VariantPlan& plan, const std::string& name, std::int64_t extent,
              const std::string& where) {
  const auto [entry, fresh] = plan.dims.try_emplace(name, extent);
  if (!fresh && entry->second != extent) {
    refuse(where + ": dimension '" + name + "' is both " + std::to_string(entry->second) + " and " +
           std::to_string(extent));
  }
}

void bind_sample(VariantPlan& plan, const SignatureTensor& input, const ir::Tensor& tensor,
                 const std::string& where) {
  // ONNX's own samples hold bf16 as the bits in u16.
  const bool bits = input.dtype == RDU_DTYPE_BF16 && tensor.dtype == RDU_DTYPE_U16;
  bool fits = (tensor.dtype == input.dtype || bits) && tensor.dims.size() == input.dims.size();
  for (std::size_t i = 0; fits && i < tensor.dims.size(); ++i) {
    const auto& dim = input.dims[i];
    if (dim.name.empty()) {
      fits = dim.extent == tensor.dims[i];
    } else {
      bind_dim(plan, dim.name, tensor.dims[i], where);
    }
  }
  if (!fits) {
    refuse(where + ": " + std::string(ir::dtype_name(tensor.dtype)) + shape_text(tensor.dims) +
           " does not fit the input '" + input.name + "' " + ir::dtype_name(input.dtype) +
           shape_text(input));
  }
}

// ONNX's sample folders: input_0.pb, input_1.pb, … by the name inside where all names are the
// model's, else in the order of the model's inputs.
std::vector<import_onnx::NamedTensor> load_samples(const std::string& folder) {
  std::vector<import_onnx::NamedTensor> samples;
  for (std::size_t i = 0;; ++i) {
    const std::string path = folder + "/input_" + std::to_string(i) + ".pb";
    if (!std::filesystem::exists(path)) return samples;
    try {
      samples.push_back(import_onnx::load_tensor(path));
    } catch (const CompileError& error) {
      throw CompileError(error.kind(), "--data: " + path + ": " + error.what());
    }
  }
}

VariantPlan plan_samples(const std::string& where,
                         const std::vector<import_onnx::NamedTensor>& samples, Inputs inputs) {
  std::set<std::string> names;
  for (const auto& input : inputs) names.insert(input.name);
  std::set<std::string> named;
  for (const auto& sample : samples) {
    if (names.contains(sample.name)) named.insert(sample.name);
  }
  const bool by_name = named.size() == samples.size();
  if (!by_name && samples.size() > inputs.size()) {
    refuse(where + ": " + std::to_string(samples.size()) + " tensors for a model of " +
           std::to_string(inputs.size()) + " inputs");
  }
  VariantPlan plan;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto input = by_name ? std::find_if(inputs.begin(), inputs.end(),
                                              [&](const SignatureTensor& candidate) {
                                                return candidate.name == samples[i].name;
                                              })
                               : inputs.begin() + static_cast<std::ptrdiff_t>(i);
    bind_sample(plan, *input, samples[i].tensor, where + ": input " + std::to_string(i));
    plan.samples[input->name] = samples[i].tensor;
    plan.samples[input->name].dtype = input->dtype;
  }
  return plan;
}

VariantPlan plan_data(const std::string& folder, Inputs inputs) {
  if (!std::filesystem::is_directory(folder))
    refuse("--data " + folder + ": there is no such folder");
  return plan_samples("--data " + folder, load_samples(folder), inputs);
}

std::vector<VariantPlan> plan_products(const CompileRequest& request) {
  std::vector<VariantPlan> plans(1);
  for (const auto& [name, extents] : request.dims) {
    if (extents.size() * plans.size() > kMostVariants) {
      refuse("--dim: more than " + std::to_string(kMostVariants) + " variants");
    }
    std::vector<VariantPlan> longer;
    for (const VariantPlan& plan : plans) {
      for (const std::int64_t extent : extents) {
        longer.push_back(plan);
        bind_dim(longer.back(), name, extent, "--dim");
      }
    }
    plans = std::move(longer);
  }
  return plans;
}

template <typename Number>
Number parse_number(const std::string& flag, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    refuse(flag + ": '" + std::string(text) + "' is not a number");
  }
  return number;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

ir::Tensor parse_elements(const SignatureTensor& input, const std::string& text, ir::Dims dims) {
  const std::string flag = "--fix " + input.name;
  const auto parts = split(text);
  if (static_cast<std::int64_t>(parts.size()) != ir::num_elements(dims)) {
    refuse(flag + ": " + std::to_string(parts.size()) + " elements for the shape " +
           shape_text(dims));
  }
  if (ir::is_float(input.dtype)) {
    std::vector<double> elements;
    for (const auto part : parts) elements.push_back(parse_number<double>(flag, part));
    return ir::make_tensor(input.dtype, std::move(dims), elements);
  }
  std::vector<std::int64_t> elements;
  for (const auto part : parts) elements.push_back(parse_number<std::int64_t>(flag, part));
  return ir::make_tensor(input.dtype, std::move(dims), elements);
}

// A vector whose length is not known otherwise is as long as its elements are many.
void fix_input(VariantPlan& plan, const SignatureTensor& input, const std::string& text,
               const import_onnx::Growing& growing) {
  // One number fills what grows.
  const bool grows = std::any_of(input.dims.begin(), input.dims.end(),
                                 [&](const auto& dim) { return growing.has(dim.name); });
  ir::Dims dims;
  if (grows) {
    plan.fixed[input.name] = parse_elements(input, text, std::move(dims));
    return;
  }
  for (const auto& dim : input.dims) {
    if (!dim.name.empty() && !plan.dims.contains(dim.name) && input.dims.size() == 1) {
      plan.dims[dim.name] = static_cast<std::int64_t>(split(text).size());
    }
    if (!dim.name.empty() && !plan.dims.contains(dim.name)) {
      refuse("--fix " + input.name + ": its shape " + shape_text(input) +
             " is not known; give --dim " + dim.name + "=N");
    }
    dims.push_back(dim.name.empty() ? dim.extent : plan.dims.at(dim.name));
  }
  plan.fixed[input.name] = parse_elements(input, text, std::move(dims));
}

void apply_fixes(VariantPlan& plan, const CompileRequest& request, Inputs inputs,
                 const import_onnx::Growing& growing) {
  for (const auto& fix : request.fixes) {
    const auto input = std::find_if(inputs.begin(), inputs.end(), [&](const auto& candidate) {
      return candidate.name == fix.first;
    });
    if (input == inputs.end()) refuse("--fix: the model has no input '" + fix.first + "'");
    fix_input(plan, *input, fix.second, growing);
  }
}

std::vector<std::string> missing_dims(const VariantPlan& plan, Inputs inputs) {
  std::vector<std::string> missing;
  for (const auto& input : inputs) {
    for (const auto& dim : input.dims) {
      const bool unknown = !dim.name.empty() && !plan.dims.contains(dim.name);
      if (unknown && std::find(missing.begin(), missing.end(), dim.name) == missing.end()) {
        missing.push_back(dim.name);
      }
    }
  }
  return missing;
}

void require_all_dims(const VariantPlan& plan, Inputs inputs) {
  const auto missing = missing_dims(plan, inputs);
  if (missing.empty()) return;
  std::string message = "the model has symbolic dimensions without an extent:";
  for (const auto& input : inputs) {
    const bool symbolic = std::any_of(input.dims.begin(), input.dims.end(),
                                      [](const auto& dim) { return !dim.name.empty(); });
    if (symbolic) message += "\n  input '" + input.name + "' " + shape_text(input);
  }
  message += "\ngive";
  for (const std::string& name : missing) message += " --dim " + name + "=N";
  refuse(message + ", or --data DIR with sample inputs");
}

void require_known_names(const VariantPlan& plan, Inputs inputs) {
  for (const auto& [name, extent] : plan.dims) {
    bool known = false;
    for (const auto& input : inputs) {
      for (const auto& dim : input.dims) known = known || dim.name == name;
    }
    if (!known) refuse("the model has no dimension '" + name + "'");
    if (extent < 0) refuse("dimension '" + name + "' cannot be " + std::to_string(extent));
  }
}

// A run says how long a growing dimension is: no flag does.
void require_free(const CompileRequest& request, const import_onnx::Growing& growing) {
  for (const auto& dim : growing.dims) {
    const auto chosen = [&](const auto& choice) { return choice.first == dim.name; };
    bool taken = std::any_of(request.dims.begin(), request.dims.end(), chosen);
    for (const auto& choices : request.variants) {
      taken = taken || std::any_of(choices.begin(), choices.end(), chosen);
    }
    if (taken) {
      refuse("dimension '" + dim.name + "' grows with the state '" + dim.input +
             "': --dim and --variant cannot fix it");
    }
    if (request.fixes.contains(dim.input)) {
      refuse("--fix: the input '" + dim.input + "' is a growing state");
    }
  }
}

// Growing dimensions count as known, whatever the samples hold; their inputs have no value to fold.
void set_growing(VariantPlan& plan, const import_onnx::Growing& growing) {
  for (const auto& dim : growing.dims) {
    plan.dims[dim.name] = dim.capacity;
    plan.samples.erase(dim.input);
  }
  for (const auto& [name, parts] : growing.sums) plan.dims[name] = 1;
}

bool covers(const VariantPlan& plan, Inputs inputs) { return missing_dims(plan, inputs).empty(); }

}  // namespace

std::vector<VariantPlan> plan_variants(const CompileRequest& request, Inputs inputs,
                                       const import_onnx::Growing& growing) {
  require_free(request, growing);
  std::vector<VariantPlan> plans;
  for (const std::string& folder : request.data_dirs) plans.push_back(plan_data(folder, inputs));
  for (const auto& samples : request.samples) {
    plans.push_back(plan_samples("samples", samples, inputs));
  }
  auto products = plan_products(request);
  for (const auto& choices : request.variants) {
    VariantPlan plan;
    for (const auto& [name, extent] : choices) bind_dim(plan, name, extent, "--variant");
    // A --dim of one extent holds for every variant that does not say otherwise.
    if (products.size() == 1) plan.dims.insert(products[0].dims.begin(), products[0].dims.end());
    plans.push_back(std::move(plan));
  }
  for (VariantPlan& plan : plans) set_growing(plan, growing);
  for (VariantPlan& plan : products) set_growing(plan, growing);
  for (VariantPlan& plan : plans) apply_fixes(plan, request, inputs, growing);
  // --dim alone asks for variants; beside other flags it may be no more than a default.
  const bool optional = !plans.empty();
  for (VariantPlan& plan : products) {
    if (optional && (request.dims.empty() || !covers(plan, inputs))) continue;
    apply_fixes(plan, request, inputs, growing);
    plans.push_back(std::move(plan));
  }
  for (VariantPlan& plan : plans) {
    require_known_names(plan, inputs);
    require_all_dims(plan, inputs);
    for (const auto& dim : growing.dims) plan.dims.erase(dim.name);
    for (const auto& [name, parts] : growing.sums) plan.dims.erase(name);
  }
  return plans;
}

}  // namespace rducc
