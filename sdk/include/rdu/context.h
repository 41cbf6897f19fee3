/* The root of everything: plugins, memory, log and threads of one user of the library. */
#ifndef RDU_CONTEXT_H
#define RDU_CONTEXT_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Serves what grows with a model: arenas, states, outputs, buffers, and what plugins ask the host
 * for. Small objects use the C++ heap. Called from any thread; must not call back into the library.
 */
typedef struct rdu_allocator {
  rdu_header header;
  void* user;
  void* (*allocate)(void* user, uint64_t size_bytes, uint64_t alignment); /* NULL: no memory */
  void (*release)(void* user, void* data, uint64_t size_bytes);
} rdu_allocator;

/* The numbers of host.h. */
typedef uint32_t rdu_log_level;
#define RDU_LOG_ERROR 0u
#define RDU_LOG_WARNING 1u
#define RDU_LOG_INFO 2u
#define RDU_LOG_DEBUG 3u

/* One line without a newline. Called from any thread, also from a device's own; must not call back into the library. */
typedef void (*rdu_log_fn)(void* user, rdu_log_level level, const char* line);

/* Zero is the default of every field. Strings and structs are copied. */
typedef struct rdu_context_options {
  rdu_header header;
  const char* const*
      plugin_paths; /* directories, or files named librdu_plugin_NAME.so, before all others */
  uint32_t num_plugin_paths;
  uint32_t max_threads; /* bound on the computing threads of every device; 0: one per processor */
  const rdu_allocator* allocator;
  rdu_log_fn log; /* NULL: silence */
  void* log_user;
  rdu_log_level log_level; /* lines above it are dropped; 0: errors only */
  uint32_t flags;
} rdu_context_options;

/* Search only `plugin_paths` and what is registered: neither RDU_PLUGIN_PATH nor the directory
 * beside librdu. */
#define RDU_CONTEXT_ONLY_GIVEN_PLUGINS 1u

/* Plugins are looked for in `plugin_paths`, then RDU_PLUGIN_PATH (a colon-separated list, ignored
 * in a set-uid program), then rdu/plugins beside librdu itself. The first plugin of a name wins. A
 * directory or file that others may write to is refused. Nothing is loaded before it is needed.
 * `options` may be NULL. */
RDU_API rdu_status* rdu_context_create(const rdu_context_options* options,
                                       rdu_context** out_context);

/* Destroy what was made from the context first; what is left alive then keeps it alive until it
 * goes too. Shuts plugins down and then unmaps them. May block until their threads have ended. */
RDU_API void rdu_context_destroy(rdu_context* context);

/* Links a plugin in, for targets without a dynamic loader and for tests. `query` is the plugin's
 * one export (plugin.h). Before the first device is opened under that name. */
struct rdu_host_api;
struct rdu_plugin_api;
typedef const struct rdu_plugin_api* (*rdu_plugin_query_fn)(const struct rdu_host_api* host,
                                                            uint32_t host_abi);
RDU_API rdu_status* rdu_plugin_register(rdu_context* context, const char* name,
                                        rdu_plugin_query_fn query);

typedef struct rdu_plugin_info {
  rdu_header header;
  const char* name;
  const char* path;    /* "" when linked in */
  const char* version; /* the plugin's own words, "" where refused */
  uint16_t abi_major;  /* what both sides speak */
  uint16_t abi_minor;
  rdu_code refused;    /* RDU_OK: usable */
  const char* message; /* why it was refused, "" otherwise */
} rdu_plugin_info;

/* Loads every plugin that can be found and visits each in name order; the info dies when `visit`
 * returns. */
typedef void (*rdu_plugin_visit_fn)(void* user, const rdu_plugin_info* info);
RDU_API rdu_status* rdu_plugin_enumerate(rdu_context* context, rdu_plugin_visit_fn visit,
                                         void* user);

/* "0.1.0", a static string; and the ABI that the library speaks, major << 16 | minor. */
RDU_API const char* rdu_version(void);
RDU_API uint32_t rdu_abi_version(void);

#ifdef __cplusplus
}
#endif
#endif
