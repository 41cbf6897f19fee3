// The list of passes, and the loop that runs, times, prints and checks them.
#include "tools/rducc/run_passes.hpp"

#include <algorithm>
#include <chrono>

#include "sdk/artifact/validate.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/ir/print.hpp"
#include "tools/rducc/passes/cancel_round_trips.hpp"
#include "tools/rducc/passes/eliminate_dead.hpp"
#include "tools/rducc/passes/fold_constants.hpp"
#include "tools/rducc/passes/fold_scales.hpp"
#include "tools/rducc/passes/fold_views.hpp"
#include "tools/rducc/passes/fuse_epilogue.hpp"
#include "tools/rducc/passes/fuse_maps.hpp"
#include "tools/rducc/passes/gather_one_hot.hpp"
#include "tools/rducc/passes/grow_in_place.hpp"
#include "tools/rducc/passes/inline_dequantised.hpp"
#include "tools/rducc/passes/inline_scalars.hpp"
#include "tools/rducc/passes/lower_precision.hpp"
#include "tools/rducc/passes/multiply_integers.hpp"
#include "tools/rducc/passes/name_nodes.hpp"
#include "tools/rducc/passes/order_nodes.hpp"
#include "tools/rducc/passes/reduce_integers.hpp"
#include "tools/rducc/passes/settle_indices.hpp"
#include "tools/rducc/passes/settle_origins.hpp"
#include "tools/rducc/passes/settle_roles.hpp"
#include "tools/rducc/passes/share_common.hpp"
#include "tools/rducc/passes/split_joins.hpp"
#include "tools/rducc/passes/split_sections.hpp"

namespace rducc {
namespace {

constexpr Pass kPasses[] = {
    {"fold_constants", passes::fold_constants},
    {"eliminate_dead", passes::eliminate_dead},
    {"inline_scalars", passes::inline_scalars},
    {"settle_indices", passes::settle_indices},
    {"share_common", passes::share_common},
    {"split_joins", passes::split_joins},
    {"fold_views", passes::fold_views},
    {"multiply_integers", passes::multiply_integers},
    {"reduce_integers", passes::reduce_integers},
    {"eliminate_dequantised", passes::eliminate_dead},
    {"fold_widened", passes::fold_widened},
    {"inline_dequantised", passes::inline_dequantised},
    {"inline_weights", passes::inline_weights},
    {"fuse_maps", passes::fuse_maps},
    {"eliminate_unread", passes::eliminate_dead},
    {"fuse_epilogue", passes::fuse_epilogue},
    {"gather_one_hot", passes::gather_one_hot},
    {"recompute_cheap", passes::recompute_cheap},
    {"fuse_prologue", passes::fuse_prologue},
    {"cancel_round_trips", passes::cancel_round_trips},
    {"fold_scales", passes::fold_scales},
    {"eliminate_inlined", passes::eliminate_dead},
    {"settle_roles", passes::settle_roles},
    {"lower_precision", passes::lower_precision, Precision::kBf16},
    {"order_nodes", passes::order_nodes},
    {"grow_in_place", passes::grow_in_place},
    {"settle_origins", passes::settle_origins},
    {"name_nodes", passes::name_nodes},
    {"split_sections", passes::split_sections},
};

void print_where_asked(const std::string& pass, const rdu::artifact::Variant& variant,
                       const PassOptions& options) {
  const auto& wanted = options.print_after;
  if (!options.print || std::find(wanted.begin(), wanted.end(), pass) == wanted.end()) return;
  options.print(pass, ir::print(variant));
}

// Until grow_in_place a cache is two values and is judged as a plain state.
rdu::base::Result<void> judge(const rdu::artifact::Variant& variant) {
  const auto is_split = [](const auto& variable) {
    return variable.length != RDU_NONE && variable.read != variable.write;
  };
  if (std::none_of(variant.variables.begin(), variant.variables.end(), is_split)) {
    return rdu::artifact::validate_model_graph(variant);
  }
  rdu::artifact::Variant plain = variant;
  for (auto& variable : plain.variables) variable.length = RDU_NONE;
  return rdu::artifact::validate_model_graph(plain);
}

void require_legal(const std::string& pass, const rdu::artifact::Variant& variant) {
  const auto legal = judge(variant);
  if (legal.ok()) return;
  throw CompileError(CompileErrorKind::kInvalid,
                     "the graph is not legal after " + pass + ": " + legal.error().message);
}

}  // namespace

std::span<const Pass> all_passes() { return kPasses; }

std::vector<PassTime> run_passes(rdu::artifact::Variant& variant, const PassOptions& options) {
  using Clock = std::chrono::steady_clock;
  std::vector<PassTime> times;
  print_where_asked("import", variant, options);
  if (options.verify) require_legal("import", variant);
  for (const Pass& pass : kPasses) {
    if (options.progress) {
      options.progress(static_cast<double>(times.size()) / std::size(kPasses), pass.name);
    }
    const auto start = Clock::now();
    if (!pass.only_for || pass.only_for == options.precision) pass.run(variant);
    times.push_back({pass.name, std::chrono::duration<double>(Clock::now() - start).count()});
    print_where_asked(pass.name, variant, options);
    if (options.verify || &pass == std::end(kPasses) - 1) require_legal(pass.name, variant);
  }
  return times;
}

}  // namespace rducc
