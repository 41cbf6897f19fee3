// Load, plan the variants, import and run the passes over each, assemble the model.
#include "tools/rducc/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <new>

#include "tools/rducc/assemble.hpp"
#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/specialise.hpp"

namespace rducc {
namespace {

using import_onnx::LoadedModel;
using import_onnx::Problem;
using rdu::artifact::Variant;
using rdu::base::Code;
using rdu::base::Error;
using rdu::base::Result;

std::string describe(const Problem& problem) {
  std::string text = "  " + problem.op_type + " '" + problem.node + "'";
  if (!problem.domain.empty()) text += " of domain '" + problem.domain + "'";
  if (problem.opset != 0) text += " (opset " + std::to_string(problem.opset) + ")";
  return text + ": " + problem.message;
}

// All problems in one error: the model's mistakes first, for they may be why the rest is unknown.
Error to_error(const std::string& model, const std::vector<Problem>& problems) {
  std::string invalid, unsupported;
  for (const Problem& problem : problems) {
    auto& lines = problem.kind == CompileErrorKind::kInvalid ? invalid : unsupported;
    lines += "\n" + describe(problem);
  }
  Error error;
  error.code = invalid.empty() ? Code::kUnsupported : Code::kCorrupt;
  error.message = model + ":";
  if (!invalid.empty()) error.message += "\nnot valid:" + invalid;
  if (!unsupported.empty()) error.message += "\nnot supported:" + unsupported;
  return error;
}

struct Problems {
  std::vector<Problem> problems;
};

// Inputs whose value an operator asks for are folded as soon as a value is at hand: import again
// until nobody asks for more.
Variant import_variant(const LoadedModel& model, const VariantPlan& plan) {
  import_onnx::ImportRequest request{plan.dims, plan.fixed};
  while (true) {
    import_onnx::ImportResult result = import_onnx::import_graph(model, request);
    bool more = false;
    for (const std::string& name : result.wanted_inputs) {
      const auto sample = plan.samples.find(name);
      if (sample != plan.samples.end()) more |= request.constants.insert(*sample).second;
    }
    if (!more && !result.problems.empty()) throw Problems{std::move(result.problems)};
    if (more) continue;
    result.variant.dims.assign(plan.dims.begin(), plan.dims.end());
    return std::move(result.variant);
  }
}

// A model whose inputs or outputs are no tensors cannot be specialised: its nodes' problems are found
// with any extents.
Problems all_problems(const LoadedModel& model,
                      const std::vector<rdu::artifact::SignatureTensor>& inputs,
                      const std::vector<Problem>& output_problems) {
  import_onnx::ImportRequest request;
  for (const auto& input : inputs) {
    for (const auto& dim : input.dims) {
      if (!dim.name.empty()) request.dims[dim.name] = 1;
    }
  }
  Problems all{import_onnx::import_graph(model, request).problems};
  all.problems.insert(all.problems.end(), output_problems.begin(), output_problems.end());
  return all;
}

bool same_call(const Variant& a, const Variant& b) {
  const auto same = [](const auto& x, const auto& y) {
    return x.input == y.input && x.dims == y.dims && x.bytes == y.bytes;
  };
  return a.dims == b.dims && std::equal(a.specialised.begin(), a.specialised.end(),
                                        b.specialised.begin(), b.specialised.end(), same);
}

Compiled compile_model(const CompileRequest& request) {
  const auto progress = [&](double share, const std::string& what) {
    if (request.progress) request.progress(share, what);
  };
  progress(0, "loading");
  const LoadedModel model = import_onnx::load_model(request.model_path);
  const auto inputs = import_onnx::input_signature(model);
  const auto outputs = import_onnx::output_signature(model);
  if (!inputs.problems.empty() || !outputs.problems.empty()) {
    throw all_problems(model, inputs.tensors, outputs.problems);
  }
  const auto plans = plan_variants(request, inputs.tensors);
  Assembler assembler(request, model);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const double done = static_cast<double>(i), all = static_cast<double>(plans.size());
    progress(done / all, "importing");
    Variant variant = import_variant(model, plans[i]);
    const auto& made = assembler.variants();
    if (std::any_of(made.begin(), made.end(),
                    [&](const Variant& other) { return same_call(other, variant); })) {
      continue;
    }
    assembler.bind_states(variant);
    PassOptions passes = request.passes;
    passes.progress = [&](double share, const char* pass) {
      progress((done + 0.2 + 0.8 * share) / all, pass);
    };
    auto times = run_passes(variant, passes);
    assembler.add(std::move(variant), std::move(times));
  }
  return assembler.finish();
}

}  // namespace

Result<Compiled> compile(const CompileRequest& request) {
  try {
    const auto start = std::chrono::steady_clock::now();
    Compiled compiled = compile_model(request);
    compiled.report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return compiled;
  } catch (const Problems& problems) {
    return to_error(request.model_path, problems.problems);
  } catch (const CompileError& error) {
    const bool unsupported = error.kind() == CompileErrorKind::kUnsupported;
    return Error{unsupported ? Code::kUnsupported : Code::kInvalidArgument,
                 request.model_path + ": " + error.what(),
                 {},
                 {},
                 {},
                 {}};
  } catch (const std::bad_alloc&) {
    return Error{Code::kOutOfMemory, request.model_path + ": out of memory", {}, {}, {}, {}};
  } catch (const std::exception& error) {
    return Error{Code::kInternal, request.model_path + ": " + error.what(), {}, {}, {}, {}};
  }
}

}  // namespace rducc
