// rdu_program_* and rdu_placement_*: loading, and what came of it.
#include "sdk/src/runtime/program.hpp"

#include <rdu/plugin.h>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/call.hpp"
#include "sdk/src/runtime/guard.hpp"
#include "sdk/src/runtime/pack.hpp"
#include "sdk/src/runtime/run_memory.hpp"
#include "sdk/src/runtime/sized.hpp"

using rdu::runtime::Call;
using rdu::runtime::Device;
using rdu::runtime::Devices;
using rdu::runtime::fail;
using rdu::runtime::guarded;
using rdu::runtime::Placement;
using rdu::runtime::Program;
using rdu::runtime::Status;
using rdu::runtime::TensorSpec;
using rdu::runtime::write_sized;

namespace {

Status read_devices(const rdu_artifact* artifact, rdu_device* const* devices, uint32_t num_devices,
                    Devices& out) {
  RDU_REQUIRE(artifact);
  RDU_TRY(artifact->artifact->context().check_process());
  if (num_devices == 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the list of devices is empty");
  }
  RDU_REQUIRE(devices);
  for (uint32_t i = 0; i < num_devices; ++i) {
    if (!devices[i]) return fail(RDU_ERR_INVALID_ARGUMENT, "devices[", i, "] is NULL");
    const std::shared_ptr<Device>& device = devices[i]->device;
    if (&device->context() != &artifact->artifact->context()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "device '", device->uri(),
                  "' and the artifact belong to different contexts");
    }
    out.push_back(device);
  }
  return {};
}

// Outputs as they will be, without their data.
Status describe_output(const TensorSpec& spec, rdu_tensor tensor, rdu_tensor* out) {
  tensor.dtype = spec.dtype;
  tensor.rank = static_cast<uint32_t>(spec.shape.size());
  std::copy(spec.shape.begin(), spec.shape.end(), tensor.shape);
  tensor.size_bytes = spec.bytes;
  return write_sized(tensor, "rdu_tensor", out);
}

}  // namespace

extern "C" {

rdu_status* rdu_artifact_check(const rdu_artifact* artifact, rdu_device* const* devices,
                               uint32_t num_devices, rdu_placement** out_placement) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(out_placement);
    Devices list;
    RDU_TRY(read_devices(artifact, devices, num_devices, list));
    auto handle = std::make_unique<rdu_placement>();
    handle->placement = std::make_shared<Placement>(Placement::make(artifact->artifact, list));
    *out_placement = handle.release();
    return {};
  });
}

void rdu_placement_destroy(rdu_placement* placement) { delete placement; }

rdu_status* rdu_program_load(rdu_artifact* artifact, rdu_device* const* devices,
                             uint32_t num_devices, const rdu_program_options* options,
                             rdu_program** out_program) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(out_program);
    Devices list;
    RDU_TRY(read_devices(artifact, devices, num_devices, list));
    auto handle = std::make_unique<rdu_program>();
    handle->artifact.artifact = artifact->artifact;
    RDU_TRY(Program::load(artifact->artifact, std::move(list), options, handle->program));
    handle->placement.placement = handle->program->placement();
    *out_program = handle.release();
    return {};
  });
}

rdu_status* rdu_program_pack(rdu_program* const* programs, uint32_t num_programs,
                             rdu_bytes* out_packed) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(programs);
    RDU_REQUIRE(out_packed);
    std::vector<Program*> list;
    for (uint32_t i = 0; i < num_programs; ++i) {
      if (!programs[i]) return fail(RDU_ERR_INVALID_ARGUMENT, "programs[", i, "] is NULL");
      RDU_TRY(programs[i]->program->context().check_process());
      list.push_back(programs[i]->program.get());
    }
    if (list.empty()) return fail(RDU_ERR_INVALID_ARGUMENT, "the list of programs is empty");
    std::vector<std::byte>& packed = list.front()->packed();
    RDU_TRY(rdu::runtime::pack_programs(list, packed));
    *out_packed = {packed.data(), packed.size()};
    return {};
  });
}

void rdu_program_destroy(rdu_program* program) {
  if (!program || program->program->context().forked()) return;
  delete program;
}

const rdu_artifact* rdu_program_get_artifact(const rdu_program* program) {
  return program ? &program->artifact : nullptr;
}

const rdu_placement* rdu_program_get_placement(const rdu_program* program) {
  return program ? &program->placement : nullptr;
}

uint32_t rdu_placement_num_sections(const rdu_placement* placement) {
  return placement ? placement->placement->num_sections() : 0;
}

rdu_status* rdu_placement_get_section(const rdu_placement* placement, uint32_t index,
                                      rdu_section_info* out_info) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(placement);
    const Placement& report = *placement->placement;
    if (index >= report.num_sections()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "section ", index, " does not exist; there are ",
                  report.num_sections());
    }
    return write_sized(report.section(index), "rdu_section_info", out_info);
  });
}

uint32_t rdu_placement_num_devices(const rdu_placement* placement) {
  return placement ? static_cast<uint32_t>(placement->placement->device_uris().size()) : 0;
}

const char* rdu_placement_device_uri(const rdu_placement* placement, uint32_t device) {
  if (device >= rdu_placement_num_devices(placement)) return nullptr;
  return placement->placement->device_uris()[device].c_str();
}

const char* rdu_reason_name(uint32_t reason) {
  switch (reason) {
#define X(name, number, words) \
  case number:                 \
    return #name;
    RDU_REASONS(X)
#undef X
    default:
      return "UNKNOWN";
  }
}

const char* rdu_reason_words(uint32_t reason) { return rdu::runtime::reason_words(reason); }

rdu_status* rdu_program_get_memory(const rdu_program* program, rdu_memory_info* out_info) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    return write_sized(program->program->memory(), "rdu_memory_info", out_info);
  });
}

rdu_status* rdu_program_get_stats(const rdu_program* program, rdu_program_stats* out_stats) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    return write_sized(program->program->stats(), "rdu_program_stats", out_stats);
  });
}

rdu_status* rdu_program_get_output_shapes(const rdu_program* program, const rdu_run_args* args,
                                          uint32_t* out_variant) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    RDU_TRY(program->program->context().check_process());
    Call call;
    RDU_TRY(read_call(*program->artifact.artifact, args, call));
    const auto& outputs = program->program->spec(call.signature, call.variant).outputs;
    for (std::size_t j = 0; j < outputs.size(); ++j) {
      if (!call.delivery[j]) continue;
      RDU_TRY(describe_output(outputs[j], call.outputs[j], call.delivery[j]));
    }
    if (out_variant) *out_variant = call.variant;
    return {};
  });
}

}  // extern "C"
