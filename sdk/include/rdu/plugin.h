/* The plugin ABI: what a plugin gives to the host. A plugin exports one symbol, rdu_plugin_query.
 *
 * Five nouns: plugin, device, buffer, executable, event. Whoever returns a status made it with host->make_status.
 * Handles are the plugin's own types; the host only carries them. The host serialises calls on one device handle except
 * those marked [any thread]. Pointers in arguments are borrowed until the call returns, except where stated. */
#ifndef RDU_PLUGIN_H
#define RDU_PLUGIN_H

#include <rdu/graph.h>
#include <rdu/host.h>
#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDU_ABI_VERSION (((uint32_t)RDU_ABI_MAJOR << 16) | (uint32_t)RDU_ABI_MINOR)

/* The version two sides speak: the older minor of one major; 0 where the majors differ. Used by both, never rewritten. */
static inline uint32_t rdu_abi_negotiate(uint32_t host, uint32_t plugin) {
  if ((host >> 16) != (plugin >> 16)) return 0;
  return host < plugin ? host : plugin;
}

/* Which sanitizer a side was compiled with: memory that one side made is checked by the other. */
#define RDU_SANITIZER_NONE 0u
#define RDU_SANITIZER_ADDRESS 1u
#define RDU_SANITIZER_THREAD 2u
#define RDU_SANITIZER_MEMORY 3u
#if defined(__SANITIZE_ADDRESS__)
#define RDU_SANITIZER RDU_SANITIZER_ADDRESS
#elif defined(__SANITIZE_THREAD__)
#define RDU_SANITIZER RDU_SANITIZER_THREAD
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RDU_SANITIZER RDU_SANITIZER_ADDRESS
#elif __has_feature(thread_sanitizer)
#define RDU_SANITIZER RDU_SANITIZER_THREAD
#elif __has_feature(memory_sanitizer)
#define RDU_SANITIZER RDU_SANITIZER_MEMORY
#endif
#endif
#if !defined(RDU_SANITIZER)
#define RDU_SANITIZER RDU_SANITIZER_NONE
#endif

/* Why a device declines a section. X(NAME, number, words); append-only. */
#define RDU_REASONS(X)                                              \
  X(TAKEN, 0, "taken")                                              \
  X(PATTERN, 1, "pattern is not implemented")                       \
  X(BODY_OP, 2, "operation of a vector program is not implemented") \
  X(COMBINE, 3, "combine is not implemented")                       \
  X(DTYPE, 4, "dtype is not supported")                             \
  X(RANK, 5, "rank is too high")                                    \
  X(ACCESS, 6, "access is not supported")                           \
  X(BOUNDED_EXTENT, 7, "bounded extent is not supported")           \
  X(ENCODING, 8, "encoding is not supported")                       \
  X(CAPACITY, 9, "does not fit")                                    \
  X(PRECISION, 10, "would change precision")                        \
  X(PAYLOAD, 11, "made for another architecture")                   \
  X(OPTION, 12, "switched off by an option")                        \
  X(DEVICE, 13, "device is not usable")                             \
  X(NOT_COMPILED, 14, "not compiled for this device")
#define X(name, number, words) RDU_REASON_##name = number,
enum { RDU_REASONS(X) RDU_NUM_REASONS = 15 };
#undef X

typedef struct rdu_plugin rdu_plugin;
typedef struct rdu_plugin_device rdu_plugin_device;
typedef struct rdu_plugin_buffer rdu_plugin_buffer;
typedef struct rdu_plugin_executable rdu_plugin_executable;
typedef struct rdu_plugin_event rdu_plugin_event;
typedef struct rdu_plugin_state rdu_plugin_state;

/* A device that can be opened: `uri` is what the user types. Strings live as long as the plugin. */
typedef struct rdu_device_entry {
  const char* uri;
  const char* description;
} rdu_device_entry;

/* Device features. */
#define RDU_DEVICE_HOST_MEMORY \
  1u /* works on host pointers; else the host binds buffers and copies */
#define RDU_DEVICE_ASYNCHRONOUS 2u /* submit may return before the work is done */
#define RDU_DEVICE_STATE 4u        /* can keep variables between runs: the state functions below */

typedef struct rdu_device_properties {
  rdu_header header;
  const char* name;
  const char* target;   /* the cut it prefers ("cpu", "rdu"); "" = portable */
  uint64_t target_hash; /* of the architecture; 0 = any */
  uint64_t features;
  uint64_t memory_bytes;    /* 0 = the host's */
  uint32_t alignment;       /* of pointers and offsets that are bound, power of two <= 4096 */
  uint32_t max_concurrency; /* runs of one executable at once; 0 = no limit */
} rdu_device_properties;

/* A request to judge one section of the portable cut. `detail` is the plugin's to fill with the words that name the
 * node and the value seen, at most detail_bytes with the NUL. `payload` is what the section would be loaded from, with
 * others perhaps; without one, `format` is "rdu.graph". Where the artifact has payloads for the device's target, but for other
 * architectures, `payload_hash` is one of those. */
typedef struct rdu_check {
  rdu_header header;
  const rdu_graph* graph;
  uint32_t section;
  uint32_t detail_bytes;
  char* detail;
  const char* format;
  rdu_bytes payload;
  uint64_t payload_hash;          /* of the architecture; 0: unknown, or there is none */
  const rdu_graph_source* source; /* the same graph as bytes, for devices that are elsewhere */
} rdu_check;

/* Submissions bring a state (RDU_DEVICE_STATE); else variables are bound like other values. */
#define RDU_LOAD_STATE 1u

/* What an executable is made of: sections [first_section, end_section) of the portable cut, all of which it took.
 * `graph`, its arrays, its constants, `payload` and `segments` stay valid until unload. A segment in which nothing lies
 * but what is packed may be {NULL, 0}. */
typedef struct rdu_load {
  rdu_header header;
  const char* format; /* "rdu.graph": work from `graph`; else what `payload` is */
  const rdu_graph* graph;
  uint32_t first_section;
  uint32_t end_section;
  rdu_bytes payload;
  rdu_array segments;      /* rdu_bytes */
  rdu_graph_source source; /* the same graph as bytes, for devices that ship it elsewhere */
  uint32_t flags;          /* RDU_LOAD_... */
  uint32_t reserved;
  /* What `pack` of such a plugin wrote for this artifact, or nothing: a hint, not to be trusted, that stays as long as
   * `segments`. A plugin that cannot use it does without. */
  rdu_bytes packed;
} rdu_load;

/* Memory of an executable in bytes. `per_run` is scratch that the host lends to each submit (64-byte aligned);
 * `resident` and `per_worker` the plugin allocates itself, at load. */
typedef struct rdu_memory {
  rdu_header header;
  uint64_t resident;
  uint64_t per_run;
  uint64_t per_worker;
} rdu_memory;

/* Storage of one value that crosses the executable's border. Host-memory devices get `data`, others `buffer`. */
typedef struct rdu_binding {
  uint32_t value; /* the storage's owner */
  uint32_t reserved;
  uint64_t bytes;
  void* data;
  rdu_plugin_buffer* buffer;
  uint64_t offset;
} rdu_binding;

/* One run of an executable. `bindings` holds every value that one of its sections reads from outside itself or writes
 * for outside itself (so also what goes from one to the next, but for what lives only inside a payload), in ascending
 * order of value: the same list in each submit. Sections run in order, because values whose live ranges share no section
 * may share memory; those of a payload share none and may run at once. The memory behind them stays until the event is
 * done; inputs are only read. A value that is both an input and an output is updated in place. */
typedef struct rdu_submission {
  rdu_header header;
  rdu_array bindings; /* rdu_binding */
  void* scratch;      /* per_run bytes; host memory, NULL where 0 */
  rdu_array waits;    /* rdu_plugin_event*: of this device, to be done first */
  uint64_t
      deadline_ns; /* CLOCK_MONOTONIC, 0 = none; a run past it may stop early with RDU_ERR_DEADLINE_EXCEEDED */
  rdu_plugin_state* state; /* where the variables are, or NULL: in the bindings */
  /* Not 0 once the run is cancelled, which another thread may do at any moment until the event is done: a run that sees
   * it may stop early with RDU_ERR_CANCELLED. NULL: it never is. */
  const uint32_t* stop;
} rdu_submission;

/* Variables that live on the device (RDU_DEVICE_STATE). The host makes a plugin's state for an rdu_state when, in every
 * variant of the signature, one executable alone uses the variables and all these executables are on one device with
 * the feature. It hands the state to those executables, and to those of other programs on the same device whose
 * variables are the same in name, dtype, shape, length, axis and order; else it keeps the variables itself and binds them.
 * A run with a state reads the variables there and leaves their new content there if and only if it succeeds: after a
 * failure, a cancel or a missed deadline the state is as it was. A run that would append to a growing variable more than
 * there is room for is RDU_ERR_LIMIT_EXCEEDED. The values of variables are bound with neither data nor buffer, except
 * where the host needs the new content itself (it is an output too): there the run leaves it, and reads nothing from it. */

typedef void (*rdu_event_fn)(void* user, rdu_status* status);

/* Takes the next `size` bytes of something long. */
typedef void (*rdu_write_fn)(void* user, const void* data, uint64_t size);

typedef struct rdu_plugin_api {
  rdu_header header;
  const char* name;    /* the URI scheme */
  const char* version; /* for humans */
  uint64_t features;   /* none defined yet: 0 */
  uint32_t sanitizer;  /* RDU_SANITIZER */
  uint32_t abi;        /* RDU_ABI_VERSION the plugin was compiled with */
  rdu_plugin* self;

  /* plugin: devices present now (may block); shutdown after every device is closed, last call ever. */
  rdu_status* (*devices)(rdu_plugin* plugin, rdu_array* out_entries /* rdu_device_entry */);
  void (*shutdown)(rdu_plugin* plugin);

  /* device: `uri` whole, as typed. properties are valid until close. check may be called from any thread. */
  rdu_status* (*device_open)(rdu_plugin* plugin, const char* uri, rdu_plugin_device** out_device);
  void (*device_close)(rdu_plugin_device* device);
  const rdu_device_properties* (*device_properties)(rdu_plugin_device* device);
  uint32_t (*device_check)(rdu_plugin_device* device,
                           const rdu_check* check); /* a reason; [any thread] */

  /* buffer: NULL functions where RDU_DEVICE_HOST_MEMORY. map gives a host pointer valid until free, or NULL where the
   * device has none; copy moves bytes between host memory and a buffer (to_device 1 or 0), blocking; import makes a
   * buffer of host memory that stays the caller's, or is NULL. [any thread] */
  rdu_status* (*buffer_alloc)(rdu_plugin_device* device, uint64_t bytes,
                              rdu_plugin_buffer** out_buffer);
  void (*buffer_free)(rdu_plugin_buffer* buffer);
  void* (*buffer_map)(rdu_plugin_buffer* buffer);
  rdu_status* (*buffer_copy)(rdu_plugin_buffer* buffer, uint64_t offset, void* host, uint64_t bytes,
                             uint32_t to_device);
  rdu_status* (*buffer_import)(rdu_plugin_device* device, void* host, uint64_t bytes,
                               rdu_plugin_buffer** out_buffer);

  /* executable: load may block and use threads. params_changed: bytes [offset, offset + bytes) of the value's storage
   * have new content as of `epoch`; may be NULL where weights are never copied. */
  rdu_status* (*executable_load)(rdu_plugin_device* device, const rdu_load* load,
                                 rdu_plugin_executable** out_executable);
  void (*executable_unload)(rdu_plugin_executable* executable);
  rdu_status* (*executable_memory)(rdu_plugin_executable* executable, rdu_memory* out_memory);
  rdu_status* (*params_changed)(rdu_plugin_executable* executable, uint32_t value, uint64_t offset,
                                uint64_t bytes, uint64_t epoch);

  /* event: submit from any thread, many at once. It either runs to the end and sets *out_event to NULL, or returns an
   * event. A synchronous device does the former, and its four other functions may be NULL. wait: done within
   * timeout_ns (UINT64_MAX = for ever, 0 = poll)? *out_done says, the status is the run's. cancel is a wish, idempotent.
   * on_complete: fn is called once, from any thread, at once when already done; it receives the run's status and frees
   * nothing, and the event may be released before fn returns. release after done. [any thread] */
  rdu_status* (*submit)(rdu_plugin_executable* executable, const rdu_submission* submission,
                        rdu_plugin_event** out_event);
  rdu_status* (*event_wait)(rdu_plugin_event* event, uint64_t timeout_ns, uint32_t* out_done);
  void (*event_cancel)(rdu_plugin_event* event);
  rdu_status* (*event_on_complete)(rdu_plugin_event* event, rdu_event_fn fn, void* user);
  void (*event_release)(rdu_plugin_event* event);

  /* state: NULL functions where no device has RDU_DEVICE_STATE. `variable` is a number in the graph's variables; `bytes`
   * is all of it, row-major, of a growing one all that it has room for. A new state has the initial values, as after
   * reset. What fails changes nothing. Of one state there is one call or one run at a time. Each may block; destroy comes
   * before the executable that the state was created with is unloaded. [any thread] */
  rdu_status* (*state_create)(rdu_plugin_executable* executable, rdu_plugin_state** out_state);
  void (*state_destroy)(rdu_plugin_state* state);
  rdu_status* (*state_read)(rdu_plugin_state* state, uint32_t variable, void* out_data,
                            uint64_t bytes);
  rdu_status* (*state_write)(rdu_plugin_state* state, uint32_t variable, const void* data,
                             uint64_t bytes);
  rdu_status* (*state_reset)(rdu_plugin_state* state);
  rdu_status* (*state_clone)(rdu_plugin_state* state, rdu_plugin_state** out_state);

  /* packing: writes what the executables made of their constants, so that later loads of the same artifact find it in
   * rdu_load.packed, on every device that would make the same. They are all of one artifact, on one or more devices of
   * this plugin. The same executables give the same bytes; nothing is written where there is nothing to keep. NULL where
   * constants are used as they are. May block. */
  rdu_status* (*pack)(rdu_plugin* plugin, rdu_array executables /* rdu_plugin_executable* */,
                      rdu_write_fn write, void* user);
} rdu_plugin_api;

/* The one export. `host` outlives the plugin; `host_abi` is the host's RDU_ABI_VERSION. NULL: the plugin refuses this
 * host, having said why in host->log. Called once per context, each with a host of its own: every call gives a table
 * with its own `self`; table and strings live until its shutdown returns. The library itself is never unmapped. */
typedef const rdu_plugin_api* (*rdu_plugin_query_fn)(const rdu_host_api* host, uint32_t host_abi);
#if defined(RDU_PLUGIN_BUILDING)
__attribute__((visibility("default")))
#endif
const rdu_plugin_api*
rdu_plugin_query(const rdu_host_api* host, uint32_t host_abi);

#ifdef __cplusplus
}
#endif
#endif
