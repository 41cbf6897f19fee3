/* What the host lends to a plugin. A plugin keeps the pointer and never links librdu. */
#ifndef RDU_HOST_H
#define RDU_HOST_H

#include <rdu/graph.h>
#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDU_LOG_ERROR 0u
#define RDU_LOG_WARNING 1u
#define RDU_LOG_INFO 2u
#define RDU_LOG_DEBUG 3u

/* A graph that the host opened for a plugin; closed by close_graph. */
typedef struct rdu_host_graph rdu_host_graph;

/* Where a variant's or a payload's graph is found: metadata bytes and the segments its constants lie in. */
typedef struct rdu_graph_source {
  rdu_header header;
  rdu_bytes bytes;    /* FlatBuffer metadata of an artifact */
  rdu_array segments; /* rdu_bytes; must outlive the opened graph */
  uint32_t signature;
  uint32_t variant;
} rdu_graph_source;

/* One span of a trace. Times are nanoseconds of CLOCK_MONOTONIC. Strings are copied. `details` is what was counted: a JSON
 * object in one line, or NULL. */
typedef struct rdu_trace_span {
  rdu_header header;
  const char* track; /* who: a worker, a unit */
  const char* name;  /* what: a node, a section */
  uint64_t begin_ns;
  uint64_t end_ns;
  const char* details;
} rdu_trace_span;

/* Every function may be called from any thread, holds no lock while it returns, and never throws.
 * `host` is the table's own first argument everywhere. */
typedef struct rdu_host_api {
  rdu_header header;
  void* self;

  /* Does not block. Levels above the context's are dropped cheaply. */
  void (*log)(const struct rdu_host_api* host, uint32_t level, const char* message);

  /* The application's allocator. Alignment is a power of two. NULL: out of memory. */
  void* (*allocate)(const struct rdu_host_api* host, uint64_t bytes, uint64_t alignment);
  void (*deallocate)(const struct rdu_host_api* host, void* data, uint64_t bytes,
                     uint64_t alignment);

  /* A status that the plugin returns and the host frees. Copies the message; never returns NULL. */
  rdu_status* (*make_status)(const struct rdu_host_api* host, uint32_t code, const char* message);

  /* Threads that the plugin may use in all, caller included (>= 1). Fixed for the context's life. */
  uint32_t (*thread_limit)(const struct rdu_host_api* host);

  /* Drops the span when nobody traces; `tracing` says so beforehand. */
  uint32_t (*tracing)(const struct rdu_host_api* host);
  void (*trace)(const struct rdu_host_api* host, const rdu_trace_span* span);

  /* Verifies and validates the bytes, then gives plain arrays that live until close_graph. */
  rdu_status* (*open_graph)(const struct rdu_host_api* host, const rdu_graph_source* source,
                            rdu_host_graph** out_handle, const rdu_graph** out_graph);
  void (*close_graph)(const struct rdu_host_api* host, rdu_host_graph* handle);

  /* Of a status that the plugin made and did not return: a callback's. */
  void (*free_status)(const struct rdu_host_api* host, rdu_status* status);
} rdu_host_api;

#ifdef __cplusplus
}
#endif
#endif
