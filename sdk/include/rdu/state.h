/* The variables of one stream: recurrent state, caches. */
#ifndef RDU_STATE_H
#define RDU_STATE_H

#include <rdu/artifact.h>
#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Starts at the initial values and serves every variant whose variables have the shapes that they
 * have in `variant` (0 where there is nothing to choose). `signature` NULL: the artifact's first;
 * INVALID_ARGUMENT where it has no variables.
 * It serves programs of the same context whose variables have the same names, dtypes, shapes and order too, such as one
 * for prompts and one for steps, where these keep their variables in the same place: the host, or one open device.
 * A state serves one run at a time, and every call here is BUSY while a run has it. A run that
 * fails or is cancelled leaves it as it was. */
RDU_API rdu_status* rdu_state_create(rdu_program* program, const char* signature, uint32_t variant,
                                     rdu_state** out_state);
RDU_API void rdu_state_destroy(rdu_state* state); /* after its run has ended */

/* A variable may grow: a cache with room for as many positions as its extent along one dimension, which is bounded and
 * has as its name (dim_names) that of the variable that counts the positions in use, an I64 scalar. Several caches may
 * share one. A run appends behind the positions in use; where there is no room for what it would append it is
 * LIMIT_EXCEEDED and does nothing. Prefill and decode variants thus serve one state. */
RDU_API uint32_t rdu_state_num_variables(const rdu_state* state);
RDU_API rdu_status* rdu_state_get_variable(const rdu_state* state, uint32_t index,
                                           rdu_value_info* out_info);

/* Row-major bytes; `size_bytes` must be the variable's. Of a variable that grows these are all positions, those not in
 * use with any content; a length that is not within its caches is OUT_OF_RANGE. */
RDU_API rdu_status* rdu_state_read(rdu_state* state, const char* variable, uint64_t size_bytes,
                                   void* out_data);
RDU_API rdu_status* rdu_state_write(rdu_state* state, const char* variable, uint64_t size_bytes,
                                    const void* data);

/* The initial values again; nothing of what grows is in use. */
RDU_API rdu_status* rdu_state_reset(rdu_state* state);
RDU_API rdu_status* rdu_state_clone(rdu_state* state, rdu_state** out_state);

/* A file of its own, written beside `path` and renamed. Loads into any state whose variables have
 * the same names, dtypes and shapes, on any device; anything else is an error and changes nothing.
 * Of what grows the positions in use are saved, and loaded wherever there is room for them. */
RDU_API rdu_status* rdu_state_save(rdu_state* state, const char* path);
RDU_API rdu_status* rdu_state_load(rdu_state* state, const char* path);

#ifdef __cplusplus
}
#endif
#endif
