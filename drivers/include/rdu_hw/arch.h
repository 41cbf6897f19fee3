/* A chip's geometry as data: what the compiler maps to, what the emulator builds, what a card would report.
 *
 * Everything is an exact integer. Names that end in _bytes, _bits or _hz are in that unit, _cycles are cycles of the
 * chip's clock, and DRAM timings are clocks of that DRAM. A struct owns nothing, has no padding, and two chips are
 * equal when their bytes are. The text form, every range and the five presets are in drivers/arch/README.md. */
#ifndef RDU_HW_ARCH_H
#define RDU_HW_ARCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDU_HW_NAME_BYTES 32 /* with the terminating zero; the rest is zero too */

/* Number formats: bits of rdu_hw_pcu.dtypes. */
#define RDU_HW_DTYPE_FP32 0x01u
#define RDU_HW_DTYPE_BF16 0x02u /* products of bf16 accumulate in fp32 */
#define RDU_HW_DTYPE_INT32 0x04u
#define RDU_HW_DTYPE_INT16 0x08u
#define RDU_HW_DTYPE_INT8 0x10u

/* What is more than add, multiply, compare, select and bit operations, which every stage does. */
#define RDU_HW_FN_DIV 0x0001u
#define RDU_HW_FN_RCP 0x0002u
#define RDU_HW_FN_SQRT 0x0004u
#define RDU_HW_FN_RSQRT 0x0008u
#define RDU_HW_FN_EXP 0x0010u
#define RDU_HW_FN_LOG 0x0020u
#define RDU_HW_FN_TANH 0x0040u
#define RDU_HW_FN_SIGMOID 0x0080u
#define RDU_HW_FN_ERF 0x0100u
#define RDU_HW_FN_SIN 0x0200u
#define RDU_HW_FN_COS 0x0400u
#define RDU_HW_FN_CAST 0x0800u             /* between number formats, to nearest even */
#define RDU_HW_FN_RNG 0x1000u              /* counter-based random numbers */
#define RDU_HW_FN_STOCHASTIC_ROUND 0x2000u /* a cast that rounds by a random number */

/* rdu_hw_grid.pattern. CHECKERBOARD: the unit at (row, column) of the mesh is a PCU where row + column is even, else a PMU. */
#define RDU_HW_PATTERN_CHECKERBOARD 0u

/* rdu_hw_network.kind. IDEAL: every route takes one hop and never competes for a link. */
#define RDU_HW_NETWORK_IDEAL 0u
#define RDU_HW_NETWORK_ROUTED 1u

/* Sides of the mesh: bits of rdu_hw_agcu.edges. Row 0 is in the north, column 0 in the west. */
#define RDU_HW_EDGE_WEST 1u
#define RDU_HW_EDGE_EAST 2u
#define RDU_HW_EDGE_NORTH 4u
#define RDU_HW_EDGE_SOUTH 8u

/* Tiles lie tile_rows x tile_columns, and together are one mesh of units. A switch stands at each corner of a unit:
 * (mesh rows + 1) x (mesh columns + 1). A hop over a tile's border costs what any hop costs. */
typedef struct rdu_hw_grid {
  uint32_t tile_rows;
  uint32_t tile_columns;
  uint32_t rows;    /* units of a tile, PCUs and PMUs together */
  uint32_t columns; /* units of a tile */
  uint32_t pattern; /* RDU_HW_PATTERN_ */
  uint32_t word_bits;
} rdu_hw_grid;

/* The doors of a unit. Every input has a FIFO of its own; a vector is one word for each lane of a PCU. */
typedef struct rdu_hw_ports {
  uint32_t scalar_in;
  uint32_t scalar_out;
  uint32_t vector_in;
  uint32_t vector_out;
  uint32_t control_in; /* tokens and credits */
  uint32_t control_out;
  uint32_t scalar_fifo_depth;  /* words */
  uint32_t vector_fifo_depth;  /* vectors */
  uint32_t control_fifo_depth; /* tokens */
  uint32_t reserved;           /* 0 */
} rdu_hw_ports;

/* Pattern compute unit: lanes x stages, one operation per stage and cycle. */
typedef struct rdu_hw_pcu {
  uint32_t lanes;
  uint32_t stages;
  uint32_t registers; /* per stage and lane, words */
  uint32_t contexts;  /* programs that share the unit */
  uint32_t counters;  /* in the counter chains of all contexts */
  uint32_t
      reduce_cycles; /* a reduction over the lanes takes log2(lanes) + reduce_cycles stages and cycles */
  uint32_t systolic_rows;    /* of the output-stationary array for contractions; 0: there is none */
  uint32_t systolic_columns; /* 0 exactly when systolic_rows is */
  uint32_t
      bf16_per_word; /* bf16 operations of a lane and cycle, 1 or 2: twice the rate of fp32 when packed */
  uint32_t dtypes;          /* RDU_HW_DTYPE_ */
  uint32_t stage_functions; /* RDU_HW_FN_ that any stage computes */
  uint32_t
      tail_functions; /* RDU_HW_FN_ of the tail, one after the last stage; 0: there is no tail */
  rdu_hw_ports ports;
} rdu_hw_pcu;

/* Pattern memory unit: a banked scratchpad with its own address generators. */
typedef struct rdu_hw_pmu {
  uint64_t bytes;
  uint32_t banks;             /* each delivers or takes one word per cycle and direction */
  uint32_t vector_reads;      /* vectors per cycle without a bank conflict */
  uint32_t vector_writes;     /* vectors per cycle without a bank conflict */
  uint32_t counters;          /* in the counter chains of all address generators */
  uint32_t address_stages;    /* scalar integer operations of one address computation */
  uint32_t address_registers; /* per stage, words */
  uint32_t address_cycles;    /* from the counters' step to the banks */
  uint32_t reserved;          /* 0 */
  rdu_hw_ports ports;
} rdu_hw_pmu;

typedef struct rdu_hw_network {
  uint32_t kind;            /* RDU_HW_NETWORK_ */
  uint32_t vector_links;    /* from a switch to its neighbour, each way; one vector per cycle */
  uint32_t scalar_links;    /* one word per cycle */
  uint32_t control_links;   /* one token per cycle */
  uint32_t buffers_per_hop; /* elements that wait at the end of a link */
  uint32_t cycles_per_hop;
} rdu_hw_network;

/* Address generator and coalescing unit: between the mesh and the DRAM channels. */
typedef struct rdu_hw_agcu {
  uint64_t host_dma_bytes_per_s; /* of all together, between the host and the DRAM */
  uint32_t count;
  uint32_t edges;       /* RDU_HW_EDGE_; rdu_hw_arch_agcu_switch says where each one stands */
  uint32_t outstanding; /* requests of an AGCU under way */
  uint32_t coalescing_entries; /* bursts of an AGCU that sparse requests are merged into */
  uint32_t counters;
  uint32_t address_stages; /* scalar integer operations of one address computation */
  uint32_t dram_cycles;    /* from an AGCU to a memory controller, and back again */
  uint32_t reserved;       /* 0 */
  rdu_hw_ports ports;
} rdu_hw_agcu;

/* In clocks of the DRAM; _s: another bank group, _l: the same bank group (equal where there is one group). */
typedef struct rdu_hw_dram_timing {
  uint32_t cl;    /* READ to its first data */
  uint32_t cwl;   /* WRITE to its first data */
  uint32_t rcd;   /* ACTIVATE to READ or WRITE */
  uint32_t rp;    /* PRECHARGE to ACTIVATE */
  uint32_t ras;   /* ACTIVATE to PRECHARGE */
  uint32_t rc;    /* ACTIVATE to ACTIVATE, one bank */
  uint32_t rrd_s; /* ACTIVATE to ACTIVATE, two banks of a rank */
  uint32_t rrd_l;
  uint32_t ccd_s; /* READ to READ, WRITE to WRITE */
  uint32_t ccd_l;
  uint32_t faw;   /* window that holds at most four ACTIVATEs of a rank */
  uint32_t wr;    /* end of write data to PRECHARGE */
  uint32_t wtr_s; /* end of write data to READ, one rank */
  uint32_t wtr_l;
  uint32_t rtp;  /* READ to PRECHARGE */
  uint32_t rtw;  /* READ to WRITE of a channel: the bus turns around */
  uint32_t rtrs; /* idle data bus between bursts of two ranks */
  uint32_t rfc;  /* REFRESH of a rank to its next command */
  uint32_t refi; /* between two REFRESHes of a rank */
} rdu_hw_dram_timing;

/* Digits of a burst's address. An address in bytes is divided by the bytes of a burst; the quotient's digits, each in
 * the radix of its count, are what address_map lists, most significant first. */
#define RDU_HW_MAP_ROW 0u
#define RDU_HW_MAP_RANK 1u
#define RDU_HW_MAP_BANK 2u
#define RDU_HW_MAP_BANK_GROUP 3u
#define RDU_HW_MAP_COLUMN 4u /* in bursts */
#define RDU_HW_MAP_CHANNEL 5u
#define RDU_HW_MAP_DIGITS 6

/* One tier of off-chip memory. Data moves on both edges of the clock. */
typedef struct rdu_hw_dram {
  uint64_t capacity_bytes; /* of all channels */
  uint32_t channels;       /* 0: the chip has no such tier, and every field is 0 */
  uint32_t ranks;          /* of a channel */
  uint32_t bank_groups;    /* of a rank */
  uint32_t banks;          /* of a bank group */
  uint32_t row_bytes;      /* of a bank, over all devices of a rank */
  uint32_t bus_bits;       /* of a channel, data only */
  uint32_t burst_length;   /* transfers of one READ or WRITE */
  uint32_t queue_depth;    /* requests in each of a channel's two queues, of reads and of writes */
  uint32_t
      clock_ps_num; /* the clock's period is clock_ps_num / clock_ps_den picoseconds, in lowest terms */
  uint32_t clock_ps_den;
  rdu_hw_dram_timing timing;
  uint32_t reserved;                      /* 0 */
  uint8_t address_map[RDU_HW_MAP_DIGITS]; /* RDU_HW_MAP_, a permutation */
  uint8_t reserved_bytes[2];              /* 0 */
  char standard[RDU_HW_NAME_BYTES];       /* "DDR4-2666" */
} rdu_hw_dram;

/* What runs before a section: its program is loaded, then its arguments. */
typedef struct rdu_hw_load {
  uint64_t program_bits_per_unit; /* of each PCU, PMU, switch and AGCU */
  uint64_t program_bytes_per_s;
  uint64_t argument_bytes_per_s;
  uint64_t argument_cycles; /* before the first argument */
} rdu_hw_load;

typedef struct rdu_hw_arch {
  char name[RDU_HW_NAME_BYTES];
  uint64_t clock_hz;
  rdu_hw_grid grid;
  rdu_hw_pcu pcu;
  rdu_hw_pmu pmu;
  rdu_hw_network network;
  rdu_hw_agcu agcu;
  rdu_hw_dram dram;
  rdu_hw_dram hbm; /* a second, faster and smaller tier */
  rdu_hw_load load;
} rdu_hw_arch;

/* What follows from the figures. All of these expect a valid chip; none can fail or overflow on one. */
static inline uint32_t rdu_hw_arch_mesh_rows(const rdu_hw_arch* arch) {
  return arch->grid.tile_rows * arch->grid.rows;
}
static inline uint32_t rdu_hw_arch_mesh_columns(const rdu_hw_arch* arch) {
  return arch->grid.tile_columns * arch->grid.columns;
}
static inline uint32_t rdu_hw_arch_num_units(const rdu_hw_arch* arch) {
  return rdu_hw_arch_mesh_rows(arch) * rdu_hw_arch_mesh_columns(arch);
}
static inline int rdu_hw_arch_is_pcu(uint32_t row, uint32_t column) {
  return (row + column) % 2 == 0;
}
static inline uint32_t rdu_hw_arch_num_pcus(const rdu_hw_arch* arch) {
  return (rdu_hw_arch_num_units(arch) + 1) / 2;
}
static inline uint32_t rdu_hw_arch_num_pmus(const rdu_hw_arch* arch) {
  return rdu_hw_arch_num_units(arch) / 2;
}
static inline uint32_t rdu_hw_arch_num_switches(const rdu_hw_arch* arch) {
  return (rdu_hw_arch_mesh_rows(arch) + 1) * (rdu_hw_arch_mesh_columns(arch) + 1);
}
static inline uint32_t rdu_hw_arch_vector_bytes(const rdu_hw_arch* arch) {
  return arch->pcu.lanes * (arch->grid.word_bits / 8);
}
static inline uint64_t rdu_hw_arch_sram_bytes(const rdu_hw_arch* arch) {
  return arch->pmu.bytes * rdu_hw_arch_num_pmus(arch);
}
static inline uint32_t rdu_hw_dram_burst_bytes(const rdu_hw_dram* dram) {
  return dram->bus_bits / 8 * dram->burst_length;
}
/* Rows of a bank. */
static inline uint64_t rdu_hw_dram_rows(const rdu_hw_dram* dram) {
  uint64_t banks = (uint64_t)dram->channels * dram->ranks * dram->bank_groups * dram->banks;
  return dram->capacity_bytes / (banks * dram->row_bytes);
}

/* A fused multiply-add in every lane of every stage, counted as two; 0 for a format that the PCU does not have. One
 * integer counts as one fp32. `dtype` is one RDU_HW_DTYPE_. */
uint64_t rdu_hw_arch_peak_flops(const rdu_hw_arch* arch, uint32_t dtype);
/* All channels moving data in every clock, rounded down; 0 for a tier that is not there. */
uint64_t rdu_hw_dram_peak_bytes_per_s(const rdu_hw_dram* dram);
/* How the DRAM's clock runs beside the chip's: `clocks` of the DRAM take exactly as long as `cycles` of the chip, in lowest
 * terms and each at most 2^20. The tier must be there. */
void rdu_hw_dram_clock_ratio(const rdu_hw_arch* arch, const rdu_hw_dram* dram, uint32_t* out_clocks,
                             uint32_t* out_cycles);
/* The switch that AGCU number `index` is attached to. The AGCUs are dealt to the sides in the order west, east, north,
 * south, the first sides taking one more where it does not divide; AGCU k of the n on a side with s switches stands at
 * switch floor((2k + 1) s / 2n), counted from the north or the west. Numbers run along a side before the next begins. */
void rdu_hw_arch_agcu_switch(const rdu_hw_arch* arch, uint32_t index, uint32_t* out_row,
                             uint32_t* out_column);

/* Of every figure but the name (FNV-1a, 64 bits): what a program was compiled for, and whether this is it. */
uint64_t rdu_hw_arch_hash(const rdu_hw_arch* arch);

/* Errors. On failure the outputs are untouched and `error`, when not NULL, holds one sentence with the place, what was
 * expected and the value seen. Nothing throws or aborts, whatever the input. */
typedef int32_t rdu_hw_arch_code;
#define RDU_HW_ARCH_OK 0
#define RDU_HW_ARCH_ERR_ARGUMENT 1  /* a NULL, or no key=value */
#define RDU_HW_ARCH_ERR_NOT_FOUND 2 /* no such preset or file */
#define RDU_HW_ARCH_ERR_IO 3
#define RDU_HW_ARCH_ERR_SYNTAX 4   /* not JSON, too long or too deep */
#define RDU_HW_ARCH_ERR_KEY 5      /* unknown, missing or given twice */
#define RDU_HW_ARCH_ERR_VALUE 6    /* of the wrong type or out of its range */
#define RDU_HW_ARCH_ERR_CONFLICT 7 /* figures that contradict each other */
#define RDU_HW_ARCH_ERR_MEMORY 8

typedef struct rdu_hw_arch_error {
  char text[512];
} rdu_hw_arch_error;

/* A path when it contains '/' or ends in ".json", else the name of a preset. Reads files. */
rdu_hw_arch_code rdu_hw_arch_load(const char* name_or_path, rdu_hw_arch* out_arch,
                                  rdu_hw_arch_error* error);
/* `origin` begins the error messages, as a file's path would; may be NULL. Opens no file: "extends" finds presets only. */
rdu_hw_arch_code rdu_hw_arch_parse(const char* text, size_t text_bytes, const char* origin,
                                   rdu_hw_arch* out_arch, rdu_hw_arch_error* error);
/* Applies "pcu.lanes=8" and the like in order, then checks the whole: figures that depend on each other go in one call. */
rdu_hw_arch_code rdu_hw_arch_override(rdu_hw_arch* arch, const char* const* settings,
                                      size_t num_settings, rdu_hw_arch_error* error);
rdu_hw_arch_code rdu_hw_arch_validate(const rdu_hw_arch* arch, rdu_hw_arch_error* error);

/* The presets in alphabetical order; NULL at the end. */
const char* rdu_hw_arch_preset_name(size_t index);
/* A preset's JSON with its sources; NULL where there is none. */
const char* rdu_hw_arch_preset_json(const char* name);

/* Both write at most `capacity` bytes, always terminated when there is room for anything, and return what the whole text
 * needs without the zero, as snprintf does; 0 when there is no memory. */
size_t rdu_hw_arch_print_table(const rdu_hw_arch* arch, char* buffer, size_t capacity);
/* Every figure, no sources; parsing it yields the same bytes. */
size_t rdu_hw_arch_print_json(const rdu_hw_arch* arch, char* buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
