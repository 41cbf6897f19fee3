// rdu_state_*: every call takes the state for itself while it lasts.
#include "sdk/src/runtime/state.hpp"

#include <rdu/state.h>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/api/value_info.hpp"
#include "sdk/src/runtime/guard.hpp"
#include "sdk/src/runtime/sized.hpp"
#include "sdk/src/runtime/state_file.hpp"

using rdu::runtime::fail;
using rdu::runtime::guarded;
using rdu::runtime::State;
using rdu::runtime::StateLease;
using rdu::runtime::Status;

namespace {

// Runs `body` with the state held.
template <typename Body>
rdu_status* exclusively(rdu_state* handle, Body&& body) noexcept {
  return guarded([&]() -> Status {
    RDU_REQUIRE(handle);
    State& state = *handle->state;
    RDU_TRY(state.context().check_process());
    RDU_TRY(state.acquire());
    const StateLease lease(state);
    return body(state);
  });
}

}  // namespace

extern "C" {

rdu_status* rdu_state_create(rdu_program* program, const char* signature, uint32_t variant,
                             rdu_state** out_state) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    RDU_REQUIRE(out_state);
    RDU_TRY(program->program->context().check_process());
    uint32_t number = 0;
    RDU_TRY(program->artifact.artifact->find(signature, number));
    auto handle = std::make_unique<rdu_state>();
    RDU_TRY(State::create(program->program, number, variant, handle->state));
    *out_state = handle.release();
    return {};
  });
}

void rdu_state_destroy(rdu_state* state) {
  if (!state || state->state->context().forked()) return;
  delete state;
}

uint32_t rdu_state_num_variables(const rdu_state* state) {
  return state ? static_cast<uint32_t>(state->state->variables().size()) : 0;
}

rdu_status* rdu_state_get_variable(const rdu_state* state, uint32_t index,
                                   rdu_value_info* out_info) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(state);
    const auto& variables = state->state->variables();
    if (index >= variables.size()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "variable ", index, " does not exist; there are ",
                  variables.size());
    }
    return rdu::runtime::write_sized(rdu::api::describe(variables[index]), "rdu_value_info",
                                     out_info);
  });
}

rdu_status* rdu_state_read(rdu_state* state, const char* variable, uint64_t size_bytes,
                           void* out_data) {
  return exclusively(state, [&](State& held) -> Status {
    RDU_REQUIRE(variable);
    RDU_REQUIRE(out_data);
    uint32_t number = 0;
    RDU_TRY(held.find(variable, size_bytes, number));
    return held.read(number, static_cast<std::byte*>(out_data));
  });
}

rdu_status* rdu_state_write(rdu_state* state, const char* variable, uint64_t size_bytes,
                            const void* data) {
  return exclusively(state, [&](State& held) -> Status {
    RDU_REQUIRE(variable);
    RDU_REQUIRE(data);
    uint32_t number = 0;
    RDU_TRY(held.find(variable, size_bytes, number));
    return held.write(number, static_cast<const std::byte*>(data));
  });
}

rdu_status* rdu_state_reset(rdu_state* state) {
  return exclusively(state, [](State& held) -> Status { return held.reset(); });
}

rdu_status* rdu_state_clone(rdu_state* state, rdu_state** out_state) {
  return exclusively(state, [&](State& held) -> Status {
    RDU_REQUIRE(out_state);
    auto handle = std::make_unique<rdu_state>();
    RDU_TRY(held.clone(handle->state));
    *out_state = handle.release();
    return {};
  });
}

rdu_status* rdu_state_save(rdu_state* state, const char* path) {
  return exclusively(state, [&](State& held) -> Status {
    RDU_REQUIRE(path);
    return rdu::runtime::save_state(held, path);
  });
}

rdu_status* rdu_state_load(rdu_state* state, const char* path) {
  return exclusively(state, [&](State& held) -> Status {
    RDU_REQUIRE(path);
    return rdu::runtime::load_state(held, path);
  });
}

}  // extern "C"
