/* Where the time went: one callback gets a record for every span of runtime and plugins. */
#ifndef RDU_TRACE_H
#define RDU_TRACE_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rdu_trace_record {
  rdu_header header;
  const char* track;    /* who: "thread 0" of the runtime, or the plugin's own */
  const char* name;     /* what: "run", "step 2", or the plugin's own */
  const char* category; /* "run", "step", "copy", "load", or the plugin's name */
  uint64_t begin_ns;    /* CLOCK_MONOTONIC */
  uint64_t end_ns;
  uint64_t run_id; /* counts runs of the context from 1; 0 outside a run and in plugins */
  uint64_t user_tag;
  uint32_t section; /* the first of a step, RDU_NO_INDEX where it has no meaning */
  uint32_t reserved;
  const char* details; /* what a plugin counted: a JSON object in one line; "" elsewhere */
} rdu_trace_record;

/* Called as spans end, from any thread; strings die when it returns. NULL stops tracing; when the
 * call returns nobody is inside the old callback any more. Costs one relaxed load per span when
 * off. The callback must not call back into the library. */
typedef void (*rdu_trace_fn)(void* user, const rdu_trace_record* record);
RDU_API rdu_status* rdu_context_set_trace(rdu_context* context, rdu_trace_fn fn, void* user);

#ifdef __cplusplus
}
#endif
#endif
