// rducc_compile and what comes out of it.
#include <rducc/rducc.h>

#include <cstring>
#include <memory>
#include <optional>

#include "sdk/artifact/writer.hpp"
#include "sdk/base/aligned_bytes.hpp"
#include "sdk/base/atomic_file.hpp"
#include "tools/rducc/api/output.hpp"
#include "tools/rducc/api/request.hpp"
#include "tools/rducc/api/status.hpp"
#include "tools/rducc/import/onnx/operator_list.hpp"
#include "tools/rducc/report.hpp"

using rdu::base::AlignedBytes;
using rdu::base::Code;
using rdu::base::Result;
using rducc::api::guarded;
using rducc::api::wrong_request;

namespace {

Result<void> check_size(const rducc_output& output, std::uint64_t file_bytes) {
  if (output.artifact_bytes == 0 || file_bytes <= output.artifact_bytes) return {};
  return rdu::base::fail(Code::kLimit, "the artifact would have %llu bytes, over the limit of %llu",
                         static_cast<unsigned long long>(file_bytes),
                         static_cast<unsigned long long>(output.artifact_bytes));
}

Result<AlignedBytes> to_memory(const rducc_output& output) {
  AlignedBytes bytes;
  std::size_t used = 0;
  const auto begin = [&](std::uint64_t file_bytes) -> Result<void> {
    RDU_TRY(check_size(output, file_bytes));
    RDU_ASSIGN(bytes, AlignedBytes::allocate(static_cast<std::size_t>(file_bytes)));
    return {};
  };
  const auto write = [&](std::span<const std::byte> more) -> Result<void> {
    if (more.empty()) return {};
    std::memcpy(bytes.bytes().data() + used, more.data(), more.size());
    used += more.size();
    return {};
  };
  RDU_TRY(rdu::artifact::write_artifact(output.compiled.model, {begin, write}));
  return bytes;
}

Result<void> to_file(const rducc_output& output, const char* path) {
  RDU_ASSIGN(auto file, rdu::base::AtomicFile::create(path));
  const auto begin = [&](std::uint64_t file_bytes) { return check_size(output, file_bytes); };
  const auto write = [&](std::span<const std::byte> more) { return file.write(more); };
  RDU_TRY(rdu::artifact::write_artifact(output.compiled.model, {begin, write}));
  return file.commit(rdu::base::AtomicFile::Durability::kProcess);
}

}  // namespace

extern "C" {

rducc_status* rducc_compile(const rducc_request* request, rducc_output** out_output) {
  std::vector<rducc::Diagnostic> diagnostics;
  std::optional<rdu::base::Error> error;
  rducc_status* const unforeseen = guarded([&]() -> Result<void> {
    if (!request) return wrong_request("request is NULL");
    if (!out_output) return wrong_request("out_output is NULL");
    RDU_ASSIGN(const auto read, rducc::api::read_request(*request));
    auto compiled = rducc::compile(read.compile, diagnostics);
    if (!compiled.ok()) {
      error = std::move(compiled.error());
      return {};
    }
    auto output = std::make_unique<rducc_output>();
    output->passes = rducc::pass_times(compiled->report);
    output->compiled = *std::move(compiled);
    output->artifact_bytes = read.artifact_bytes;
    *out_output = output.release();
    return {};
  });
  return error ? rducc::api::make_status(*error, std::move(diagnostics)) : unforeseen;
}

rducc_status* rducc_output_get_bytes(rducc_output* output, rdu_bytes* out_bytes) {
  return guarded([&]() -> Result<void> {
    if (!output) return wrong_request("output is NULL");
    if (!out_bytes) return wrong_request("out_bytes is NULL");
    const std::lock_guard lock(output->making);
    if (!output->bytes) {
      RDU_ASSIGN(output->bytes, to_memory(*output));
    }
    const auto bytes = std::as_const(*output->bytes).bytes();
    *out_bytes = {bytes.data(), bytes.size()};
    return {};
  });
}

rducc_status* rducc_output_write(const rducc_output* output, const char* path) {
  return guarded([&]() -> Result<void> {
    if (!output) return wrong_request("output is NULL");
    if (!path) return wrong_request("path is NULL");
    return to_file(*output, path);
  });
}

rducc_status* rducc_output_get_report(rducc_output* output, const char** out_json) {
  return guarded([&]() -> Result<void> {
    if (!output) return wrong_request("output is NULL");
    if (!out_json) return wrong_request("out_json is NULL");
    const std::lock_guard lock(output->making);
    if (!output->report) output->report = rducc::report_json(output->compiled.report);
    *out_json = output->report->c_str();
    return {};
  });
}

rducc_status* rducc_output_get_table(rducc_output* output, const char** out_text) {
  return guarded([&]() -> Result<void> {
    if (!output) return wrong_request("output is NULL");
    if (!out_text) return wrong_request("out_text is NULL");
    const std::lock_guard lock(output->making);
    if (!output->table) output->table = rducc::report_table(output->compiled.report);
    *out_text = output->table->c_str();
    return {};
  });
}

rducc_status* rducc_output_get_pass(const rducc_output* output, uint32_t index,
                                    const char** out_name, double* out_seconds) {
  return guarded([&]() -> Result<void> {
    if (!output) return wrong_request("output is NULL");
    if (!out_name) return wrong_request("out_name is NULL");
    if (!out_seconds) return wrong_request("out_seconds is NULL");
    if (index >= output->passes.size()) {
      return rdu::base::fail(Code::kNotFound, "there is no pass %u", index);
    }
    *out_name = output->passes[index].pass.c_str();
    *out_seconds = output->passes[index].seconds;
    return {};
  });
}

void rducc_output_destroy(rducc_output* output) { delete output; }

const char* rducc_version(void) { return RDU_VERSION; }

const char* rducc_pass_name(uint32_t index) {
  const auto passes = rducc::all_passes();
  return index < passes.size() ? passes[index].name : nullptr;
}

const char* rducc_operator_name(uint32_t index, const char** out_domain, int64_t* out_since) {
  const auto& operators = rducc::import_onnx::operator_list();
  if (index >= operators.size()) return nullptr;
  if (out_domain != nullptr) *out_domain = operators[index].domain.c_str();
  if (out_since != nullptr) *out_since = operators[index].since;
  return operators[index].name.c_str();
}

const char* rducc_target_name(uint32_t index) {
  const auto targets = rducc::all_targets();
  return index < targets.size() ? targets[index] : nullptr;
}

}  // extern "C"
