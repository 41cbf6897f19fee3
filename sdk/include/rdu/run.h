/* Running a program: at once, or submitted with an event. */
#ifndef RDU_RUN_H
#define RDU_RUN_H

#include <rdu/status.h>
#include <rdu/tensor.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Inputs and outputs are arrays of rdu_tensor, made by rdu_tensors(). An input that the variant folded or does not use
 * may be left out; an output that is not named is not delivered. The memory of an output overlaps no other tensor of the
 * call. Every member after the arrays may be zero. */
typedef struct rdu_run_args {
  rdu_header header;
  const char* signature; /* NULL: the artifact's first */
  rdu_array inputs;
  rdu_array outputs;   /* written to: shape, and data where the runtime allocates */
  rdu_state* state;    /* needed where the signature has variables, NULL elsewhere */
  uint64_t timeout_us; /* from this call on; 0: none. Then the run ends with DEADLINE_EXCEEDED */
  uint64_t user_tag;   /* appears in traces */
} rdu_run_args;

/* Blocks until the run has ended. The variant is chosen by shapes and by the values of specialised
 * inputs; where none matches, SHAPE_MISMATCH lists those there are. Outputs that were given memory
 * hold garbage after a failure; outputs that the runtime allocated are freed. Any number of threads
 * at once; BUSY when the state is in another run. */
RDU_API rdu_status* rdu_run(rdu_program* program, const rdu_run_args* args);

/* Returns at once. `args` and its names may go; tensors, their strides and their memory must stay
 * until the event has ended. The event is destroyed by the caller. */
RDU_API rdu_status* rdu_submit(rdu_program* program, const rdu_run_args* args,
                               rdu_event** out_event);

/* Every submitted run ends in exactly one of DONE, CANCELLED, ERROR. */
typedef uint32_t rdu_event_state;
#define RDU_EVENT_PENDING 0u
#define RDU_EVENT_DONE 1u
#define RDU_EVENT_CANCELLED 2u
#define RDU_EVENT_ERROR 3u

#define RDU_FOREVER UINT64_MAX

/* Blocks until the run has ended or the time is over; then *out_state is RDU_EVENT_PENDING. */
RDU_API rdu_status* rdu_event_wait(rdu_event* event, uint64_t timeout_us,
                                   rdu_event_state* out_state);
RDU_API rdu_event_state rdu_event_poll(const rdu_event* event);

/* How the run ended: NULL for DONE; CANCELLED or the error otherwise; BUSY while pending. May be
 * asked again. */
RDU_API rdu_status* rdu_event_get_result(const rdu_event* event);

/* `fn` is called exactly once: from the thread that ends the run, or here when it has ended. It may
 * destroy the event and submit more; it should be short. One per event. */
typedef void (*rdu_complete_fn)(void* user, rdu_event* event, rdu_event_state state);
RDU_API rdu_status* rdu_event_on_complete(rdu_event* event, rdu_complete_fn fn, void* user);

/* Asks; the run may still end as DONE. Takes effect between steps and where the device can.
 * Idempotent. */
RDU_API void rdu_event_cancel(rdu_event* event);

/* Blocks until the run has ended, because it uses the caller's memory: cancel first to shorten
 * that. */
RDU_API void rdu_event_destroy(rdu_event* event);

#ifdef __cplusplus
}
#endif
#endif
