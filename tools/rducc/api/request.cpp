// Reads what a caller of another minor version may have written: nothing beyond what sizes cover.
#include "tools/rducc/api/request.hpp"

#include <algorithm>
#include <cstring>

#include "tools/rducc/api/status.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/provenance.hpp"

namespace rducc::api {
namespace {

using rdu::base::Code;
using rdu::base::Result;

rdu::base::Error is_null(const std::string& what) { return wrong_request(what + " is NULL"); }

// The caller's struct or element of `given` bytes in one of ours: what it does not have is zero.
template <typename Struct>
Struct widened(const void* data, std::size_t given) {
  Struct out{};
  std::memcpy(&out, data, std::min(given, sizeof out));
  return out;
}

// Calls take(element, its name in messages), which returns a Result<void>, for each element.
template <typename Element, typename Take>
Result<void> for_each(const rdu_array& array, const std::string& name, Take take) {
  if (array.count == 0) return {};
  if (array.data == nullptr) return is_null(name + ".data");
  if (array.stride_bytes < sizeof(void*)) {
    return wrong_request(name + ".stride_bytes is " + std::to_string(array.stride_bytes));
  }
  for (std::uint32_t i = 0; i < array.count; ++i) {
    const auto element =
        widened<Element>(RDU_AT(Element, array, i), static_cast<std::size_t>(array.stride_bytes));
    RDU_TRY(take(element, name + "[" + std::to_string(i) + "]"));
  }
  return {};
}

Result<void> read_strings(const char* const* strings, std::uint32_t count, const char* name,
                          std::vector<std::string>& out) {
  if (count != 0 && strings == nullptr) return is_null(name);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (strings[i] == nullptr) return is_null(std::string(name) + "[" + std::to_string(i) + "]");
    out.emplace_back(strings[i]);
  }
  return {};
}

Result<void> read_extent(const std::string& where, std::int64_t extent) {
  if (extent >= 0) return {};
  return wrong_request(where + " has the extent " + std::to_string(extent));
}

Result<void> read_dims(const rducc_request& from, CompileRequest& to) {
  return for_each<rducc_dim>(
      from.dims, "dims", [&](const rducc_dim& dim, const std::string& where) -> Result<void> {
        if (!dim.name) return is_null(where + ".name");
        if (dim.num_extents == 0) return wrong_request(where + " has no extents");
        if (!dim.extents) return is_null(where + ".extents");
        const std::vector<std::int64_t> extents(dim.extents, dim.extents + dim.num_extents);
        for (const std::int64_t extent : extents) RDU_TRY(read_extent(where, extent));
        to.dims.emplace_back(dim.name, extents);
        return {};
      });
}

Result<void> read_variants(const rducc_request& from, CompileRequest& to) {
  const auto take = [&](const rducc_variant& variant, const std::string& where) {
    auto& choices = to.variants.emplace_back();
    return for_each<rducc_extent>(
        variant.extents, where + ".extents",
        [&](const rducc_extent& extent, const std::string& at) -> Result<void> {
          if (!extent.name) return is_null(at + ".name");
          RDU_TRY(read_extent(at, extent.extent));
          choices.emplace_back(extent.name, extent.extent);
          return {};
        });
  };
  return for_each<rducc_variant>(from.variants, "variants", take);
}

Result<import_onnx::NamedTensor> read_tensor(const rducc_tensor& given, const std::string& where) {
  if (given.dtype == RDU_DTYPE_NONE || given.dtype >= RDU_NUM_DTYPES) {
    return wrong_request(where + ".dtype is " + std::to_string(given.dtype));
  }
  if (given.rank > RDU_MAX_RANK) {
    return wrong_request(where + ".rank is " + std::to_string(given.rank));
  }
  import_onnx::NamedTensor out;
  if (given.name) out.name = given.name;
  ir::Dims dims(given.shape, given.shape + given.rank);
  for (const std::int64_t dim : dims) RDU_TRY(read_extent(where + ".shape", dim));
  const std::size_t size = ir::storage_bytes(given.dtype, ir::num_elements(dims));
  if (given.size_bytes != size) {
    return wrong_request(where + ".size_bytes is " + std::to_string(given.size_bytes) +
                         " where its shape asks for " + std::to_string(size));
  }
  if (size != 0 && !given.data) return is_null(where + ".data");
  const auto* bytes = static_cast<const std::byte*>(given.data);
  out.tensor =
      ir::make_tensor(given.dtype, std::move(dims), std::vector<std::byte>(bytes, bytes + size));
  return out;
}

Result<void> read_samples(const rducc_request& from, CompileRequest& to) {
  const auto take = [&](const rducc_sample& sample, const std::string& where) {
    auto& tensors = to.samples.emplace_back();
    return for_each<rducc_tensor>(
        sample.tensors, where + ".tensors",
        [&](const rducc_tensor& given, const std::string& at) -> Result<void> {
          RDU_ASSIGN(auto tensor, read_tensor(given, at));
          tensors.push_back(std::move(tensor));
          return {};
        });
  };
  return for_each<rducc_sample>(from.samples, "samples", take);
}

Result<void> read_fixes(const rducc_request& from, CompileRequest& to) {
  return for_each<rducc_fix>(from.fixes, "fixes",
                             [&](const rducc_fix& fix, const std::string& where) -> Result<void> {
                               if (!fix.input) return is_null(where + ".input");
                               if (!fix.elements) return is_null(where + ".elements");
                               to.fixes.insert_or_assign(fix.input, fix.elements);
                               return {};
                             });
}

Result<void> read_states(const rducc_request& from, CompileRequest& to) {
  return for_each<rducc_state>(
      from.states, "states",
      [&](const rducc_state& state, const std::string& where) -> Result<void> {
        if (!state.output) return is_null(where + ".output");
        if (!state.input) return is_null(where + ".input");
        if (state.capacity < 0) {
          return wrong_request(where + " has capacity " + std::to_string(state.capacity));
        }
        to.states.push_back({state.output, state.input, state.axis, state.capacity});
        return {};
      });
}

Result<void> read_model(const rducc_request& from, CompileRequest& to) {
  if (!from.model.data && !from.model_path) {
    return wrong_request("neither model nor model_path is set");
  }
  to.model_path = from.model_path ? from.model_path : "model";
  if (from.folder) to.folder = from.folder;
  if (from.model.data) {
    to.model = std::span(static_cast<const std::byte*>(from.model.data),
                         static_cast<std::size_t>(from.model.size));
  }
  return {};
}

Result<void> read_targets(const rducc_request& from, CompileRequest& to) {
  std::vector<std::string> targets;
  RDU_TRY(read_strings(from.targets, from.num_targets, "targets", targets));
  for (const std::string& target : targets) {
    const auto known = check_target(target);
    if (!known) return wrong_request(known.error().message);
  }
  if (!targets.empty()) to.targets = std::move(targets);
  return {};
}

Result<void> read_printing(const rducc_request& from, PassOptions& to) {
  RDU_TRY(read_strings(from.print_after, from.num_print_after, "print_after", to.print_after));
  const auto known = [](const std::string& name) {
    const auto all = all_passes();
    return name == "import" ||
           std::any_of(all.begin(), all.end(), [&](const Pass& pass) { return name == pass.name; });
  };
  for (const std::string& name : to.print_after) {
    if (!known(name)) return wrong_request("there is no pass '" + name + "'");
  }
  if (from.print) {
    to.print = [print = from.print, user = from.print_user](const std::string& pass,
                                                            const std::string& text) {
      print(user, pass.c_str(), text.c_str());
    };
  }
  return {};
}

Result<void> check_header(const rdu_header& header, const std::string& type) {
  if (header.struct_size < sizeof(rdu_header)) {
    return wrong_request(type + ".header.struct_size is " + std::to_string(header.struct_size) +
                         "; initialise it with RDU_HEADER(" + type + ")");
  }
  if (header.major == RDU_ABI_MAJOR) return {};
  return wrong_request(type + " was compiled for ABI " + std::to_string(header.major) +
                       "; this library speaks " + std::to_string(RDU_ABI_MAJOR));
}

Result<void> read_limits(const rducc_limits* given, Request& to) {
  if (given == nullptr) return {};
  RDU_TRY(check_header(given->header, "rducc_limits"));
  const auto limits = widened<rducc_limits>(given, given->header.struct_size);
  to.compile.limits = {limits.model_bytes, limits.constant_bytes};
  to.artifact_bytes = limits.artifact_bytes;
  return {};
}

Result<Request> read_checked(const rducc_request& given) {
  RDU_TRY(check_header(given.header, "rducc_request"));
  const auto from = widened<rducc_request>(&given, given.header.struct_size);
  Request out;
  CompileRequest& to = out.compile;
  RDU_TRY(read_model(from, to));
  RDU_TRY(read_strings(from.data_dirs, from.num_data_dirs, "data_dirs", to.data_dirs));
  RDU_TRY(read_samples(from, to));
  RDU_TRY(read_dims(from, to));
  RDU_TRY(read_variants(from, to));
  RDU_TRY(read_fixes(from, to));
  RDU_TRY(read_states(from, to));
  if (from.loop_bound < 0) {
    return wrong_request("loop_bound is " + std::to_string(from.loop_bound));
  }
  to.loop_bound = from.loop_bound;
  if (from.precision > RDUCC_PRECISION_BF16) {
    return wrong_request("precision is " + std::to_string(from.precision));
  }
  to.passes.precision = static_cast<Precision>(from.precision);
  RDU_TRY(read_targets(from, to));
  RDU_TRY(read_printing(from, to.passes));
  to.passes.verify = (from.flags & RDUCC_VERIFY_PASSES) != 0;
  RDU_TRY(read_limits(from.limits, out));
  if (from.progress) {
    to.progress = [progress = from.progress, user = from.progress_user](double share,
                                                                        const std::string& what) {
      if (progress(user, share, what.c_str()) != 0) throw Cancelled{};
    };
  }
  to.flags = provenance(to);
  return out;
}

}  // namespace

Result<Request> read_request(const rducc_request& request) {
  try {
    return read_checked(request);
  } catch (const CompileError& error) {
    return wrong_request(error.what());
  }
}

}  // namespace rducc::api
