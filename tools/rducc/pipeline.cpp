// Load, plan the variants, import and run the passes over each, assemble the model.
#include "tools/rducc/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <new>

#include "sdk/base/file_map.hpp"
#include "tools/rducc/assemble.hpp"
#include "tools/rducc/growth.hpp"
#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/ir/constant_budget.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/specialise.hpp"
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

namespace rducc {
namespace {

using import_onnx::LoadedModel;
using import_onnx::Problem;
using rdu::artifact::Variant;
using rdu::base::Code;
using rdu::base::Error;
using rdu::base::Result;

// What ends a compilation, beside CompileError: collected problems, or an error with its own code.
struct Problems {
  std::vector<Problem> problems;
};
struct Failure {
  Error error;
};

std::vector<Diagnostic> to_diagnostics(std::vector<Problem> problems) {
  std::vector<Diagnostic> diagnostics;
  for (Problem& problem : problems) {
    const bool unsupported = problem.kind == CompileErrorKind::kUnsupported;
    diagnostics.push_back({unsupported ? DiagnosticKind::kUnsupported : DiagnosticKind::kInvalid,
                           std::move(problem.node), std::move(problem.op_type),
                           std::move(problem.domain), problem.opset, std::move(problem.message)});
  }
  return diagnostics;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

LoadedModel parse(const CompileRequest& request, std::span<const std::byte> bytes,
                  const std::string& folder) {
  const std::uint64_t most = request.limits.model_bytes;
  if (most != 0 && bytes.size() > most) {
    throw Failure{rdu::base::fail(Code::kLimit, "%s: %zu bytes are over the limit of %llu",
                                  request.model_path.c_str(), bytes.size(),
                                  static_cast<unsigned long long>(most))};
  }
  try {
    return import_onnx::parse_model(bytes, folder);
  } catch (const CompileError& error) {
    throw Failure{
        rdu::base::fail(Code::kCorrupt, "%s: %s", request.model_path.c_str(), error.what())};
  }
}

LoadedModel load(const CompileRequest& request) {
  if (request.model) return parse(request, *request.model, request.folder);
  auto file = rdu::base::FileMap::open(request.model_path);
  if (!file.ok()) throw Failure{std::move(file.error())};
  return parse(request, file->bytes(), folder_of(request.model_path));
}

// Inputs whose value an operator asks for are folded as soon as a value is at hand: import again
// until nobody asks for more.
// The same once more where something grows: by how much is known after the first time.
import_onnx::ImportResult import_variant(const LoadedModel& model, const VariantPlan& plan,
                                         import_onnx::ImportRequest request) {
  request.dims = plan.dims;
  request.constants = plan.fixed;
  while (true) {
    import_onnx::ImportResult result = import_onnx::import_graph(model, request);
    bool more = false;
    for (const std::string& name : result.wanted_inputs) {
      const auto sample = plan.samples.find(name);
      if (sample != plan.samples.end()) more |= request.constants.insert(*sample).second;
    }
    if (request.steps.empty()) {
      request.steps = growth_steps(result.growth);
      more |= !request.steps.empty();
    }
    if (!more && !result.problems.empty()) throw Problems{std::move(result.problems)};
    if (more) continue;
    result.variant.dims.assign(plan.dims.begin(), plan.dims.end());
    return result;
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

std::uint64_t constant_bytes(const CompileRequest& request, const LoadedModel& model) {
  constexpr std::uint64_t kMost = 128u << 20;
  return request.limits.constant_bytes != 0 ? request.limits.constant_bytes
                                            : kMost + 2 * model.file_bytes;
}

// A cut for each target that the portable graph is not enough for.
std::vector<ChipReport> add_cuts(const CompileRequest& request, Variant& variant,
                                 const std::function<void(double, const std::string&)>& progress) {
  std::vector<ChipReport> reports;
  for (const std::string& target : request.targets) {
    if (!chip::is_chip_uri(target)) continue;
    auto options = chip::parse_target(target);
    if (!options) throw Failure{std::move(options.error())};
    options->progress = progress;
    auto report = chip::add_cut(variant, *options);
    if (!report) throw Failure{std::move(report.error())};
    reports.push_back({target, std::move(*report)});
  }
  return reports;
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
  const LoadedModel model = load(request);
  const ir::ConstantBudget budget(constant_bytes(request, model));
  const auto inputs = import_onnx::input_signature(model);
  const auto outputs = import_onnx::output_signature(model);
  if (!inputs.problems.empty() || !outputs.problems.empty()) {
    throw all_problems(model, inputs.tensors, outputs.problems);
  }
  const auto growing = growing_dims(request, inputs.tensors);
  const auto plans = plan_variants(request, inputs.tensors, growing);
  Assembler assembler(request, model);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const double done = static_cast<double>(i), all = static_cast<double>(plans.size());
    const double num_nodes =
        std::max(1.0, static_cast<double>(import_onnx::model_facts(model).num_nodes));
    const auto on_node = [&](std::size_t node) {
      const double share = std::min(1.0, static_cast<double>(node) / num_nodes);
      progress((done + 0.2 * share) / all, "importing");
    };
    auto imported =
        import_variant(model, plans[i],
                       {.on_node = on_node, .growing = growing, .loop_bound = request.loop_bound});
    Variant& variant = imported.variant;
    const auto& made = assembler.variants();
    if (std::any_of(made.begin(), made.end(),
                    [&](const Variant& other) { return same_call(other, variant); })) {
      continue;
    }
    assembler.bind_states(variant, imported.growth);
    PassOptions passes = request.passes;
    passes.progress = [&](double share, const char* pass) {
      progress((done + 0.2 + 0.3 * share) / all, pass);
    };
    auto times = run_passes(variant, passes);
    auto chips = add_cuts(request, variant, [&](double share, const std::string& what) {
      progress((done + 0.5 + 0.5 * share) / all, what);
    });
    assembler.add(std::move(variant), std::move(times), std::move(chips));
  }
  return assembler.finish();
}

}  // namespace

std::span<const char* const> all_targets() {
  static constexpr const char* kTargets[] = {"cpu", "reference", "rdu"};
  return kTargets;
}

Result<void> check_target(const std::string& target) {
  if (chip::is_chip_uri(target)) {
    const auto options = chip::parse_target(target);
    if (!options) return options.error();
    return {};
  }
  const auto all = all_targets();
  if (target != "rdu" && std::find(all.begin(), all.end(), target) != all.end()) return {};
  return rdu::base::fail(Code::kInvalidArgument, "there is no target '%s'%s", target.c_str(),
                         target == "rdu" ? ": a chip is rdu:PRESET or rdu:FILE.json" : "");
}

Result<Compiled> compile(const CompileRequest& request) {
  std::vector<Diagnostic> diagnostics;
  return compile(request, diagnostics);
}

Result<Compiled> compile(const CompileRequest& request, std::vector<Diagnostic>& diagnostics) {
  const auto failed = [&](DiagnosticKind kind, Error error) {
    diagnostics.push_back({kind, {}, {}, {}, 0, error.message});
    return error;
  };
  const auto error = [&](Code code, const std::string& what) {
    return Error{code, request.model_path + ": " + what, {}, {}, {}, {}};
  };
  try {
    const auto start = std::chrono::steady_clock::now();
    Compiled compiled = compile_model(request);
    compiled.report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return compiled;
  } catch (Problems& problems) {
    diagnostics = to_diagnostics(std::move(problems.problems));
    return to_error(request.model_path, diagnostics);
  } catch (const CompileError& wrong) {
    return wrong.kind() == CompileErrorKind::kUnsupported
               ? failed(DiagnosticKind::kUnsupported, error(Code::kUnsupported, wrong.what()))
               : failed(DiagnosticKind::kRequest, error(Code::kInvalidArgument, wrong.what()));
  } catch (const Failure& failure) {
    const bool corrupt = failure.error.code == Code::kCorrupt;
    return failed(corrupt ? DiagnosticKind::kInvalid : DiagnosticKind::kFailed, failure.error);
  } catch (const Cancelled&) {
    return failed(DiagnosticKind::kFailed, error(Code::kCancelled, "cancelled"));
  } catch (const ir::LimitExceeded& limit) {
    return failed(DiagnosticKind::kFailed, error(Code::kLimit, limit.message));
  } catch (const std::bad_alloc&) {
    return failed(DiagnosticKind::kFailed, error(Code::kOutOfMemory, "out of memory"));
  } catch (const std::exception& unexpected) {
    return failed(DiagnosticKind::kFailed, error(Code::kInternal, unexpected.what()));
  }
}

}  // namespace rducc
