/* The driver of a chip: its memory, programs on it, runs of them, and what was counted.
 *
 * The emulator stands behind this header today; a card's driver can. Who calls it sees no difference but in `description`
 * and in speed, and knows no graph: what a compiler made is a configuration image (config.h), and where its arguments come
 * from is the caller's business (package.h).
 *
 * Handles. A chip owns modules, modules own nothing, a run borrows its module. Close what you opened, in reverse: runs are
 * freed before their module is unloaded, modules and memory before the chip is closed. A handle that was released, or is of
 * another chip, is the caller's bug; every number is checked.
 *
 * Threads. Calls for one chip may come from any thread at any time. One run is on the chip at a time: rdu_hw_run_start
 * says BUSY meanwhile. Memory that a run is using may be read or written during it, with the bytes of before or after.
 *
 * Errors. As in arch.h: a small code; outputs are untouched on failure, and `error`, when not NULL, holds one sentence with
 * what, where and the value seen. Nothing throws or aborts. */
#ifndef RDU_HW_DRIVER_H
#define RDU_HW_DRIVER_H

#include <rdu_hw/arch.h>
#include <rdu_hw/config.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t rdu_hw_code;
#define RDU_HW_OK 0
#define RDU_HW_ERR_ARGUMENT 1 /* a NULL, or a number that leads nowhere */
#define RDU_HW_ERR_ARCH 2     /* the figures are no chip, or not this one */
#define RDU_HW_ERR_IO 3       /* the file behind the device's memory */
#define RDU_HW_ERR_MEMORY 4   /* of the host */
#define RDU_HW_ERR_CAPACITY \
  5                        /* the device's memory, or what lies behind it, has no such room left */
#define RDU_HW_ERR_IMAGE 6 /* no image, a damaged one or one of another version */
#define RDU_HW_ERR_FIT 7   /* an image for another chip, or with more than this one has */
#define RDU_HW_ERR_BINDING 8      /* an argument is bound to what it cannot be */
#define RDU_HW_ERR_BUSY 9         /* another run is on the chip, or a module in use */
#define RDU_HW_ERR_FAULT 10       /* the run stopped: a number from data is out of its range */
#define RDU_HW_ERR_DEADLOCK 11    /* the run stopped: everybody waits */
#define RDU_HW_ERR_STOPPED 12     /* rdu_hw_run_stop */
#define RDU_HW_ERR_UNSUPPORTED 13 /* timing only, where times depend on values */

typedef struct rdu_hw_error {
  char text[2048];
} rdu_hw_error;

typedef struct rdu_hw_chip rdu_hw_chip;
typedef struct rdu_hw_module rdu_hw_module; /* an image that is ready to run on a chip */
typedef struct rdu_hw_run rdu_hw_run;

/* ---- Chip ---- */

enum rdu_hw_granularity {
  RDU_HW_GRANULARITY_BLOCK = 0, /* the emulator moves runs of vectors at once where it can */
  RDU_HW_GRANULARITY_VECTOR = 1 /* one by one: the same bits and cycles, slower */
};

/* Wishes; zero is the default of each. A card has none of these. */
typedef struct rdu_hw_chip_options {
  uint32_t granularity; /* RDU_HW_GRANULARITY_ */
  uint32_t timing_only; /* 1: counts, and computes nothing: memory and words stay as they are */
  /* A file to lie behind the device's memory where that is more than the host has. It is created, must not exist, and is
   * gone when the chip is closed. NULL: the host's memory. */
  const char* memory_file;
} rdu_hw_chip_options;

/* `options` may be NULL. */
rdu_hw_code rdu_hw_chip_open(const rdu_hw_arch* arch, const rdu_hw_chip_options* options,
                             rdu_hw_chip** out_chip, rdu_hw_error* error);
/* NULL is fine. */
void rdu_hw_chip_close(rdu_hw_chip* chip);

typedef struct rdu_hw_chip_info {
  const rdu_hw_arch* arch;    /* as opened; lives as long as the chip */
  const char* description;    /* "emulator" */
  uint64_t capacity_bytes[2]; /* by RDU_HW_TIER_; 0: there is no such tier */
  uint64_t allocated_bytes[2];
  uint32_t alignment; /* of every address that is allocated, at least */
  uint32_t reserved;
  /* What has moved between host and device memory since the chip was opened, and how long that took: on the emulator by
   * the figure agcu.host_dma_bytes_per_s, each transfer rounded up. */
  uint64_t dma_in_bytes;
  uint64_t dma_out_bytes;
  uint64_t dma_ns;
} rdu_hw_chip_info;

rdu_hw_code rdu_hw_chip_get_info(rdu_hw_chip* chip, rdu_hw_chip_info* out_info,
                                 rdu_hw_error* error);

/* ---- Device memory ---- */

/* The least address with room for `bytes` (1 or more): the same calls give the same addresses. `alignment` is a power of two
 * up to 2^30. Fresh memory holds zeros. The emulator allocates no more than the host has, unless a file lies behind it. */
rdu_hw_code rdu_hw_memory_allocate(rdu_hw_chip* chip, uint32_t tier, uint64_t bytes,
                                   uint64_t alignment, uint64_t* out_address, rdu_hw_error* error);
/* An address that rdu_hw_memory_allocate gave. BUSY while a run has a region in it. */
rdu_hw_code rdu_hw_memory_free(rdu_hw_chip* chip, uint32_t tier, uint64_t address,
                               rdu_hw_error* error);
/* Copies, and blocks meanwhile. [address, address + bytes) lies within one allocation. */
rdu_hw_code rdu_hw_memory_write(rdu_hw_chip* chip, uint32_t tier, uint64_t address,
                                const void* host, uint64_t bytes, rdu_hw_error* error);
rdu_hw_code rdu_hw_memory_read(rdu_hw_chip* chip, uint32_t tier, uint64_t address, void* host,
                               uint64_t bytes, rdu_hw_error* error);

/* ---- Modules ---- */

/* Any bytes: they are decoded, checked against the chip, and copied. */
rdu_hw_code rdu_hw_module_load(rdu_hw_chip* chip, const void* bytes, size_t size,
                               rdu_hw_module** out_module, rdu_hw_error* error);
/* The decoded image, until the module is unloaded. */
const rdu_hw_image* rdu_hw_module_image(const rdu_hw_module* module);
/* No run of it is alive. NULL is fine. */
void rdu_hw_module_unload(rdu_hw_module* module);

/* ---- Runs ---- */

/* What an argument of the image is for one run. A region: `address` in the tier that the image names, with the image's
 * alignment; its bytes lie within one allocation. A scalar that the chip reads: `word`. Otherwise 0. */
typedef struct rdu_hw_bound {
  uint64_t address;
  uint32_t word;
  uint32_t reserved;
} rdu_hw_bound;

#define RDU_HW_RUN_TRACE 1u /* keep when each context was busy */

/* Begins a run and returns; `arguments` has one entry for each argument of the image and is copied. `flags` are of
 * RDU_HW_RUN_. Regions keep their memory. The emulator works in a thread of the run's own; results and cycles depend on the
 * image, the addresses and words that it is bound to, the bytes at these, and on whether the chip still holds what the last
 * run left: the image's setup sections run only where the last run was of another module, did not end well, or was bound
 * otherwise, or where the host has written or freed, since then, memory that they read. A program is loaded only where
 * another was the last one. */
rdu_hw_code rdu_hw_run_start(rdu_hw_module* module, const rdu_hw_bound* arguments,
                             uint32_t num_arguments, uint32_t flags, rdu_hw_run** out_run,
                             rdu_hw_error* error);
/* Whether it is over, after at most `timeout_ns` (0: looks; UINT64_MAX: for ever). Where *out_done is 1, the code is the
 * run's own, every time. After OK, all that the chip wrote is in memory. */
rdu_hw_code rdu_hw_run_wait(rdu_hw_run* run, uint64_t timeout_ns, uint32_t* out_done,
                            rdu_hw_error* error);
/* A wish: the run ends soon, with STOPPED unless it was over. What it has written stays. */
void rdu_hw_run_stop(rdu_hw_run* run);
/* A scalar that the chip wrote, by its number among the arguments. The run is over. */
rdu_hw_code rdu_hw_run_word(const rdu_hw_run* run, uint32_t argument, uint32_t* out_word,
                            rdu_hw_error* error);
/* Stops it and waits where it is not over. NULL is fine. */
void rdu_hw_run_free(rdu_hw_run* run);

/* ---- Counters: what a finished run did. Cycles are the chip's, from the start of the run ---- */

/* Traffic of one tier, by DRAM bursts. */
typedef struct rdu_hw_memory_counters {
  uint64_t read_bytes;
  uint64_t written_bytes;
  uint64_t row_hits; /* bursts that found their row open, closed, and another in its place */
  uint64_t row_misses;
  uint64_t row_conflicts;
} rdu_hw_memory_counters;

typedef struct rdu_hw_section_counters {
  uint64_t begin_cycle;
  uint64_t cycles; /* of the four phases together */
  uint64_t program_cycles;
  uint64_t argument_cycles;
  uint64_t exec_cycles;
  uint64_t quiesce_cycles;
  /* Summed over the units in use: how long the busiest context of each was firing. */
  uint64_t pcu_busy_cycles;
  uint64_t pmu_busy_cycles;
  uint64_t agcu_busy_cycles;
  /* Arithmetic in valid lanes; a multiply-add is two, and so is a step of an element of a systolic array. */
  uint64_t flops;
  rdu_hw_memory_counters memory[2]; /* by RDU_HW_TIER_ */
  uint32_t pcus_used;
  uint32_t pmus_used;
  uint32_t agcus_used;
  uint32_t reserved;
} rdu_hw_section_counters;

/* Of a context of the image; its place, its node and its section are in the image. */
typedef struct rdu_hw_context_counters {
  uint64_t firings;
  uint64_t first_cycle; /* of the first firing, and behind the last; both 0 without any */
  uint64_t end_cycle;
  uint64_t busy_cycles;
  uint64_t starved_cycles;  /* waited for an element, or for memory */
  uint64_t blocked_cycles;  /* waited for room */
  uint64_t queued_cycles;   /* waited for a port of a PMU, or a slot of an AGCU */
  uint64_t conflict_cycles; /* of busy: what banks took beyond one cycle for a vector */
  uint64_t flops;
} rdu_hw_context_counters;

/* A context was busy from begin until before end; short gaps are bridged. With RDU_HW_RUN_TRACE only. */
typedef struct rdu_hw_span {
  uint64_t begin_cycle;
  uint64_t end_cycle;
  uint32_t context; /* in the whole image */
  uint32_t reserved;
} rdu_hw_span;

/* Arrays in the order of the image, borrowed from the run. A setup section that did not run, since the chip still held what it
 * makes, has zeros, and so have its contexts and links. */
typedef struct rdu_hw_counters {
  uint64_t cycles;
  uint64_t setup_cycles; /* of cycles: setup sections, which come first */
  uint64_t clock_hz;
  uint64_t host_ns; /* wall-clock time of the emulation, 0 on a card */
  const rdu_hw_section_counters* sections;
  const rdu_hw_context_counters* contexts;
  const uint64_t* link_elements; /* of each link: elements sent */
  const rdu_hw_span* spans;      /* by context, then by time */
  uint32_t num_sections;
  uint32_t num_contexts;
  uint32_t num_links;
  uint32_t num_spans;
} rdu_hw_counters;

rdu_hw_code rdu_hw_run_counters(const rdu_hw_run* run, rdu_hw_counters* out_counters,
                                rdu_hw_error* error);
/* As JSON, one line: {"cycles", "chip_ms", "setup": […], "sections": [{"name", "cycles", "load", "exec", "quiesce",
 * "pcu_used", "pmu_used", "agcu_used", "busy", "flops", "dram_bytes", "row_hits", "flop_per_dram_byte", "dram_gb_s"}]}.
 * "setup" has the setup sections that ran, "cycles" and "chip_ms" are of the others alone. "load" is of
 * program and arguments, "busy" the share of exec that the used PCUs were busy, "row_hits" a share of bursts; bytes are of
 * both tiers, GB are 10^9, and rates are over exec and quiesce. Writes at most `capacity` bytes, always terminated when
 * there is room for anything, and returns what the whole text needs without the zero; 0 when the run did not end well or
 * there is no memory. */
size_t rdu_hw_run_print_json(const rdu_hw_run* run, char* buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
