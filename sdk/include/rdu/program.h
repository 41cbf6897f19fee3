/* An artifact made ready to run on an ordered list of devices. Immutable; run it from as many
 * threads as you like. */
#ifndef RDU_PROGRAM_H
#define RDU_PROGRAM_H

#include <rdu/artifact.h>
#include <rdu/device.h>
#include <rdu/run.h>
#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which device took each section, and why the ones before it did not. */
typedef struct rdu_placement rdu_placement;

/* Asks the devices without loading anything. A section that nobody takes is in the report, not an
 * error. */
RDU_API rdu_status* rdu_artifact_check(const rdu_artifact* artifact, rdu_device* const* devices,
                                       uint32_t num_devices, rdu_placement** out_placement);
RDU_API void rdu_placement_destroy(rdu_placement* placement);

/* Zero is the default of every field. */
typedef struct rdu_program_options {
  rdu_header header;
  uint32_t flags;
  uint32_t max_contexts; /* execution contexts kept for reuse; 0: as many as ever ran at once */
  uint64_t
      max_memory_bytes; /* of one run and what it needs resident, else LIMIT_EXCEEDED; 0: no bound */
  rdu_array shares;     /* uint32_t, one per device: how much of the work is its part; or none */
} rdu_program_options;

/* Every section goes to the first device in the list that takes it; one that nobody takes is
 * UNSUPPORTED, with each device's reason in the message. No device is added silently.
 * With shares, the sections of a variant are spread over the devices in their order, in consecutive
 * ranges whose estimated work is in proportion to the shares, so that runs which are submitted together
 * keep all of them busy. What a device declines in its range goes to the first that takes it; a device
 * whose share is 0 gets that alone. Plans all
 * memory; may block for long (weights are packed here). The program keeps artifact and devices.
 * `options` may be NULL. */
RDU_API rdu_status* rdu_program_load(rdu_artifact* artifact, rdu_device* const* devices,
                                     uint32_t num_devices, const rdu_program_options* options,
                                     rdu_program** out_program);

/* What the programs, all of one artifact and on devices of one plugin, made of its constants at load: packed weights. Stored
 * in the artifact (rducc --cpu), devices of this plugin that would make the same map it instead, and processes share it.
 * The same programs give the same bytes; none where there is nothing to keep. They live until the first program is packed
 * again or destroyed. UNSUPPORTED where the plugin packs nothing ahead of time. Not while it runs in another thread. */
RDU_API rdu_status* rdu_program_pack(rdu_program* const* programs, uint32_t num_programs,
                                     rdu_bytes* out_packed);

/* After its runs have ended; events and states keep it until they go. */
RDU_API void rdu_program_destroy(rdu_program* program);

/* Borrowed from the program: describes signatures, variants, inputs, outputs and metadata, also
 * when the caller has closed the artifact. */
RDU_API const rdu_artifact* rdu_program_get_artifact(const rdu_program* program);
RDU_API const rdu_placement* rdu_program_get_placement(const rdu_program* program);

/* Why a device declined; `reason` is one of RDU_REASON_... (plugin.h). */
typedef struct rdu_refusal {
  uint32_t device; /* index into the list given to load or check */
  uint32_t reason;
  uint32_t node; /* the first that stands in the way, or RDU_NO_INDEX */
  uint32_t reserved;
  const char* detail;
} rdu_refusal;

typedef struct rdu_section_info {
  rdu_header header;
  const char* cut; /* "portable", or the target whose cut was followed */
  uint32_t signature;
  uint32_t variant;
  uint32_t section; /* index in the cut */
  uint32_t first_node;
  uint32_t num_nodes;
  uint32_t device; /* RDU_NO_INDEX: nobody took it */
  uint32_t step;   /* sections of one step are one executable; RDU_NO_INDEX in a check */
  uint32_t reserved;
  rdu_array refusals; /* of rdu_refusal, in device order */
} rdu_section_info;

/* Sections of all variants, in the order signature, variant, node. */
RDU_API uint32_t rdu_placement_num_sections(const rdu_placement* placement);
RDU_API rdu_status* rdu_placement_get_section(const rdu_placement* placement, uint32_t index,
                                              rdu_section_info* out_info);
RDU_API uint32_t rdu_placement_num_devices(const rdu_placement* placement);
RDU_API const char* rdu_placement_device_uri(const rdu_placement* placement, uint32_t device);

/* "CAPACITY" and "does not fit" for RDU_REASON_CAPACITY. */
RDU_API const char* rdu_reason_name(uint32_t reason);
RDU_API const char* rdu_reason_words(uint32_t reason);

/* Exact: peak = resident + per_run times the runs at once + per_worker times the workers. */
typedef struct rdu_memory_info {
  rdu_header header;
  uint64_t resident_bytes; /* weights mapped or packed, once */
  uint64_t per_run_bytes;  /* arena, staging and device scratch of one run of the largest variant */
  uint64_t per_worker_bytes; /* scratch of one computing thread */
  uint64_t arena_bytes;      /* the part of per_run that holds values which cross executables */
  uint64_t state_bytes;      /* one state object; 0 where a device keeps the variables */
} rdu_memory_info;
RDU_API rdu_status* rdu_program_get_memory(const rdu_program* program, rdu_memory_info* out_info);

/* What happened so far. */
typedef struct rdu_program_stats {
  rdu_header header;
  uint64_t num_runs;         /* ended well */
  uint64_t num_failed;       /* ended otherwise */
  uint64_t peak_arena_bytes; /* arenas and staging alive at once */
  uint64_t copied_bytes;     /* tensors that could not be used in place */
  uint32_t num_contexts;     /* alive */
  uint32_t num_executables;
} rdu_program_stats;
RDU_API rdu_status* rdu_program_get_stats(const rdu_program* program, rdu_program_stats* out_stats);

/* Which variant would `args` run? Fills dtype, rank, shape (bounds where known only after the run)
 * and size_bytes of `args->outputs`; touches no data. The index of the variant goes to
 * `out_variant`, which may be NULL. */
RDU_API rdu_status* rdu_program_get_output_shapes(const rdu_program* program,
                                                  const rdu_run_args* args, uint32_t* out_variant);

#ifdef __cplusplus
}
#endif
#endif
