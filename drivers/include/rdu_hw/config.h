/* The configuration image: what a compiler emits and a chip loads.
 *
 * An image is a header and tables of little-endian records. A record owns ranges of other tables; the ranges of one table
 * follow each other without gap and cover it, so that nothing is shared and nothing is left over. Fields named `reserved`
 * are 0. "Number" is a position within the owner's range (the third port of a context is number 2); RDU_HW_NONE is no
 * number. What the records make the chip do is chapter "The configuration image" of the manual (drivers/image/README.md);
 * this header is its list of fields.
 *
 * The records are the same in the file and in memory. Build images with drivers/image/program.hpp; read them here. */
#ifndef RDU_HW_CONFIG_H
#define RDU_HW_CONFIG_H

#include <rdu_hw/arch.h>
#include <rdu_hw/ops.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDU_HW_NONE 0xffffffffu

/* A major version is refused by another's decoder: records changed. A minor one only adds codes and chunks. */
#define RDU_HW_IMAGE_MAJOR 1u
#define RDU_HW_IMAGE_MINOR 1u         /* 1: setup sections */
#define RDU_HW_IMAGE_MAGIC "RDUIMAGE" /* 8 bytes, without a zero */

typedef struct rdu_hw_image_header {
  uint8_t magic[8];
  uint64_t bytes;     /* of the whole image */
  uint64_t hash;      /* FNV-1a, 64 bits, of everything behind this field */
  uint64_t arch_hash; /* rdu_hw_arch_hash of the chip that it was made for */
  uint16_t major;
  uint16_t minor;
  uint32_t num_chunks;
} rdu_hw_image_header;

/* The table of chunks follows the header, in ascending order of kind. The first chunk follows the table, each further one
 * its predecessor, from the next multiple of 8; the bytes between are 0, and so are those that fill up the last. */
typedef struct rdu_hw_chunk {
  uint32_t kind;  /* RDU_HW_CHUNK_ */
  uint32_t flags; /* RDU_HW_CHUNK_OPTIONAL: who does not know the kind skips it */
  uint64_t offset;
  uint64_t count; /* of records */
  uint32_t record_bytes;
  uint32_t reserved;
} rdu_hw_chunk;

#define RDU_HW_CHUNK_OPTIONAL 1u

enum rdu_hw_chunk_kind {
  RDU_HW_CHUNK_ARGUMENTS = 1,
  RDU_HW_CHUNK_SECTIONS = 2,
  RDU_HW_CHUNK_CONTEXTS = 3,
  RDU_HW_CHUNK_COUNTERS = 4,
  RDU_HW_CHUNK_PORTS = 5,
  RDU_HW_CHUNK_INSTRUCTIONS = 6,
  RDU_HW_CHUNK_SYSTOLICS = 7,
  RDU_HW_CHUNK_STEPS = 8,
  RDU_HW_CHUNK_TERMS = 9,
  RDU_HW_CHUNK_ACCESSES = 10,
  RDU_HW_CHUNK_TRANSFERS = 11,
  RDU_HW_CHUNK_BUFFERS = 12,
  RDU_HW_CHUNK_LINKS = 13,
  RDU_HW_CHUNK_SINKS = 14,
  RDU_HW_CHUNK_HOPS = 15,
  RDU_HW_CHUNK_LABELS = 16, /* optional */
  RDU_HW_CHUNK_TEXT = 17,   /* optional */
  RDU_HW_CHUNK_SETUPS = 18  /* one record, or no chunk */
};

typedef struct rdu_hw_range {
  uint32_t first;
  uint32_t count;
} rdu_hw_range;

/* ---- Arguments: what the host binds before a run ---- */

enum rdu_hw_argument_kind { RDU_HW_ARGUMENT_REGION = 0, RDU_HW_ARGUMENT_SCALAR = 1 };
enum rdu_hw_tier { RDU_HW_TIER_DRAM = 0, RDU_HW_TIER_HBM = 1 };
#define RDU_HW_ACCESS_READ 1u  /* by the chip */
#define RDU_HW_ACCESS_WRITE 2u /* by the chip */

typedef struct rdu_hw_argument {
  uint32_t kind;
  uint32_t access;    /* a scalar has one of the two, a region one or both */
  uint32_t tier;      /* of a region; 0 for a scalar */
  uint32_t alignment; /* of a region's address, a power of two from 4 on; 4 for a scalar */
  uint64_t bytes;     /* of a region, 1 or more; 4 for a scalar, which is one word */
} rdu_hw_argument;

/* ---- Sections: what is on the chip at one time. They run one after another ---- */

typedef struct rdu_hw_section {
  rdu_hw_range contexts;
  rdu_hw_range buffers;
  rdu_hw_range links;
} rdu_hw_section;

/* The first `sections` sections of the image, at least one and not all of them, only put contents into scratchpads: they
 * neither store nor return words, and no later section writes what they wrote. A chip that still holds those contents
 * begins behind them. */
typedef struct rdu_hw_setup {
  uint32_t sections;
  uint32_t reserved;
} rdu_hw_setup;

/* ---- Contexts: one program on one unit ---- */

enum rdu_hw_program {
  RDU_HW_PROGRAM_SIMD = 0,     /* PCU: instructions over lanes */
  RDU_HW_PROGRAM_SYSTOLIC = 1, /* PCU: a contraction */
  RDU_HW_PROGRAM_WRITE = 2,    /* PMU: from a port into a buffer */
  RDU_HW_PROGRAM_READ = 3,     /* PMU: from a buffer to a port */
  RDU_HW_PROGRAM_LOAD = 4,     /* AGCU: from a region to a port */
  RDU_HW_PROGRAM_STORE = 5,    /* AGCU: from a port into a region */
  RDU_HW_PROGRAM_RESULT = 6    /* AGCU: from a port into a scalar argument */
};
enum rdu_hw_unit { RDU_HW_UNIT_PCU = 0, RDU_HW_UNIT_PMU = 1, RDU_HW_UNIT_AGCU = 2 };

static inline uint32_t rdu_hw_program_unit(uint32_t program) {
  return program <= RDU_HW_PROGRAM_SYSTOLIC ? (uint32_t)RDU_HW_UNIT_PCU
         : program <= RDU_HW_PROGRAM_READ   ? (uint32_t)RDU_HW_UNIT_PMU
                                            : (uint32_t)RDU_HW_UNIT_AGCU;
}

typedef struct rdu_hw_context {
  uint32_t program;
  uint32_t row;    /* an AGCU: its number */
  uint32_t column; /* an AGCU: 0 */
  /* Which of the systolics, of the accesses, of the transfers (by program); they are in the order of their contexts.
   * RDU_HW_NONE for SIMD. */
  uint32_t detail;
  rdu_hw_range counters;     /* outermost first */
  rdu_hw_range ports;        /* inputs first */
  rdu_hw_range instructions; /* SIMD only */
  rdu_hw_range steps;        /* WRITE, READ, LOAD, STORE: the address program */
} rdu_hw_context;

/* Takes the values start + step · i for i = 0 … extent - 1. The innermost counter of a chain takes `lanes` of them in one
 * firing, the others one in an iteration. */
enum rdu_hw_extent {
  RDU_HW_EXTENT_CONSTANT = 0,
  RDU_HW_EXTENT_ARGUMENT = 1, /* a scalar argument that the chip reads */
  RDU_HW_EXTENT_PORT = 2      /* a scalar input, of a level up to this counter's number */
};

typedef struct rdu_hw_counter {
  int32_t start;
  int32_t step;
  uint32_t extent; /* 1 or more; where it is not constant, the most that it may be */
  uint32_t lanes;  /* of the innermost; 1 for the others */
  uint32_t extent_from;
  uint32_t source; /* number of the argument or port; RDU_HW_NONE for a constant */
} rdu_hw_counter;

/* Where an operand of an instruction, or the value of an output, comes from. */
enum rdu_hw_operand_kind {
  RDU_HW_OPERAND_NONE = 0,
  RDU_HW_OPERAND_REGISTER =
      1, /* `value` is its number; of lane i + shift, 0 where there is no such lane */
  RDU_HW_OPERAND_INPUT = 2,    /* number of an input port; a scalar is the same in every lane */
  RDU_HW_OPERAND_COUNTER = 3,  /* number of a counter; of the innermost, the lane's own value */
  RDU_HW_OPERAND_LANE = 4,     /* the lane's number; value 0 */
  RDU_HW_OPERAND_CONSTANT = 5, /* `value` is the word */
  RDU_HW_OPERAND_ARGUMENT = 6, /* a scalar argument that the chip reads */
  RDU_HW_OPERAND_VALID =
      7, /* 1 in lanes where the innermost counter has a value, else 0; value 0 */
  RDU_HW_OPERAND_FIRST = 8, /* 1 in the first firing of an iteration at level `value`, else 0 */
  RDU_HW_OPERAND_LAST = 9   /* 1 in the last firing of an iteration at level `value`, else 0 */
};

typedef struct rdu_hw_operand {
  uint16_t kind;
  int16_t shift; /* of a register; 0 otherwise */
  uint32_t value;
} rdu_hw_operand;

/* ---- Ports ---- */

enum rdu_hw_direction { RDU_HW_INPUT = 0, RDU_HW_OUTPUT = 1 };
enum rdu_hw_kind { RDU_HW_VECTOR = 0, RDU_HW_SCALAR = 1, RDU_HW_CONTROL = 2 };
enum rdu_hw_room { RDU_HW_ROOM_LAST = 0, RDU_HW_ROOM_FIRST = 1 };

typedef struct rdu_hw_port {
  uint32_t direction;
  uint32_t kind;
  uint32_t number; /* of the unit's ports of this direction and kind */
  uint32_t link;   /* number in the section */
  uint32_t level;  /* one element per iteration at this level: 0 … number of counters */
  uint32_t room; /* of an output: which firing needs the room for the element; LAST for an input */
  rdu_hw_operand value; /* of a vector or scalar output of SIMD: what is sent; NONE otherwise */
} rdu_hw_port;

/* ---- PCU ---- */

enum rdu_hw_do {
  RDU_HW_DO_COMPUTE = 0, /* result = code(operands), code one of RDU_HW_OP_ */
  RDU_HW_DO_ACCUMULATE =
      1, /* lane by lane: register = register fold a; starts as b fold a, or as a without b */
  RDU_HW_DO_ACCUMULATE_PRODUCT =
      2, /* register = a · b + register, rounded once; starts from c, or 0; FOLD_ADD_F32 or FOLD_ADD_I32 */
  RDU_HW_DO_REDUCE = 3, /* the lanes' tree of a, then as ACCUMULATE; the same in every lane */
  RDU_HW_DO_ACCUMULATE_PICK = 4, /* value a with position b into result and position */
  RDU_HW_DO_REDUCE_PICK = 5      /* the same behind the lanes' tree */
};

typedef struct rdu_hw_instruction {
  uint16_t kind;     /* RDU_HW_DO_ */
  uint16_t code;     /* RDU_HW_OP_, RDU_HW_FOLD_ or RDU_HW_PICK_ */
  uint32_t stage;    /* the first that it occupies; as many as the PCU has stages: the tail */
  uint32_t result;   /* register */
  uint32_t position; /* a pick's register for the position; RDU_HW_NONE otherwise */
  uint32_t
      level; /* accumulators start anew in each iteration at this level; RDU_HW_NONE for COMPUTE */
  uint32_t reserved;
  rdu_hw_operand operands[3]; /* a, b, c */
} rdu_hw_instruction;

enum rdu_hw_systolic_format {
  RDU_HW_SYSTOLIC_FP32 = 0,
  RDU_HW_SYSTOLIC_INT32 = 1,
  RDU_HW_SYSTOLIC_BF16_PAIR =
      2 /* two steps of k per word, the earlier in the lower half; sums in fp32 */
};

typedef struct rdu_hw_systolic {
  uint32_t rows;    /* words of a that are used */
  uint32_t columns; /* words of b that are used */
  uint32_t format;
  uint32_t level;  /* a block of results for each iteration at this level */
  uint32_t a;      /* number of a vector input: a column of the left matrix each firing */
  uint32_t b;      /* number of a vector input: a row of the right matrix each firing */
  uint32_t result; /* number of the vector output: `rows` vectors for each block, row 0 first */
  uint32_t reserved;
} rdu_hw_systolic;

/* ---- Addresses: PMU and AGCU ---- */

/* Value = ⌊(offset + Σ coefficient · x) / divisor⌋, then mod modulus where that is not 0 (never negative). A lane whose value is
 * not in low … high - 1 is off. The value of the last step is the address in bytes, in the copy of the buffer or the region. */
typedef struct rdu_hw_step {
  rdu_hw_range terms;
  int64_t offset;
  int64_t divisor; /* 1 or more; 1 in the last step */
  int64_t modulus; /* 0 or more */
  int64_t low;     /* INT64_MIN and INT64_MAX: no bounds */
  int64_t high;
} rdu_hw_step;

enum rdu_hw_term_source {
  RDU_HW_TERM_COUNTER = 0, /* of the innermost, the lane's own value */
  RDU_HW_TERM_STEP = 1,    /* an earlier one of this program */
  RDU_HW_TERM_PORT = 2     /* a vector or scalar input, as int32 */
};

typedef struct rdu_hw_term {
  uint32_t source;
  uint32_t index;
  int64_t coefficient;
} rdu_hw_term;

/* How an element lies in memory; in a lane it is always a word (manual, "Arithmetic"). */
enum rdu_hw_format {
  RDU_HW_FORMAT_WORD = 0,
  RDU_HW_FORMAT_BF16 = 1,
  RDU_HW_FORMAT_INT8 = 2,
  RDU_HW_FORMAT_UINT8 = 3
};

static inline uint32_t rdu_hw_format_bytes(uint32_t format) {
  return format == RDU_HW_FORMAT_WORD ? 4u : format == RDU_HW_FORMAT_BF16 ? 2u : 1u;
}

typedef struct rdu_hw_access {
  uint32_t buffer; /* number in the section */
  uint32_t data;   /* number of the port */
  uint32_t format;
  uint32_t
      fold; /* WRITE: RDU_HW_FOLD_ of what is there with what comes; RDU_HW_NONE: overwrite. READ: RDU_HW_NONE */
  uint32_t
      fresh_first; /* a fold overwrites while these counters are all in their first iteration; */
  uint32_t fresh_count; /* never, where there are none */
  uint32_t swap_level;  /* the next copy of the buffer in each iteration at this level */
  uint32_t fill;        /* READ: the word of a lane that is off; WRITE: 0 */
} rdu_hw_access;

enum rdu_hw_transfer_mode {
  RDU_HW_TRANSFER_DENSE =
      0, /* a run of the innermost counter is one command for consecutive elements */
  RDU_HW_TRANSFER_SPARSE = 1 /* each lane an address of its own, through the coalescing unit */
};

typedef struct rdu_hw_transfer {
  uint32_t argument; /* a region; RESULT: a scalar that the chip writes */
  uint32_t mode;     /* RESULT: 0 */
  uint32_t format;   /* RESULT: WORD */
  uint32_t data;     /* number of the port */
  uint32_t fill;     /* LOAD: the word of a lane that is off; otherwise 0 */
  uint32_t reserved;
} rdu_hw_transfer;

enum rdu_hw_bank_mode {
  RDU_HW_BANK_STRIDED = 0,  /* bank = ⌊word / stride⌋ mod banks */
  RDU_HW_BANK_DIAGONAL = 1, /* bank = (word + ⌊word / stride⌋) mod banks */
  RDU_HW_BANK_DUPLICATED =
      2 /* every bank holds all: takes banks times the space, reads never conflict */
};

typedef struct rdu_hw_buffer {
  uint32_t row; /* of its PMU */
  uint32_t column;
  uint32_t copies; /* the writer fills one while others are read */
  uint32_t bank_mode;
  uint64_t base;        /* in the scratchpad */
  uint64_t bytes;       /* of one copy */
  uint32_t bank_stride; /* words, 1 or more */
  uint32_t reserved;
} rdu_hw_buffer;

/* ---- Links: from one output to one or more inputs of its kind ---- */

typedef struct rdu_hw_end {
  uint32_t context; /* number in the section */
  uint32_t port;    /* number in the context */
} rdu_hw_end;

typedef struct rdu_hw_link {
  uint32_t kind;
  uint32_t initial; /* elements at every sink before the start: tokens, or zeros */
  rdu_hw_end source;
  uint32_t entry_row; /* the switch where it enters the network; 0 without a route */
  uint32_t entry_column;
  rdu_hw_range sinks;
  rdu_hw_range hops; /* none in an ideal network */
} rdu_hw_link;

/* The input either queues what comes, or, of a control link with pace_group ≠ 0, counts it: then iteration j = g · pace_group + r
 * needs that max(0, g · pace_tokens + min(⌊(r · pace_step + pace_lead) / pace_per⌋, pace_tokens)) tokens have come. */
typedef struct rdu_hw_sink {
  rdu_hw_end end;
  uint32_t depth; /* of the FIFO at the input; 1 where tokens are counted */
  uint32_t
      hop; /* number of the link's hop that ends at the sink's switch; RDU_HW_NONE: the entry is that switch */
  uint32_t pace_group;  /* 0: a FIFO, and the other four are 0 */
  uint32_t pace_tokens; /* in a group */
  uint32_t pace_step;
  uint32_t pace_per; /* 1 or more */
  int32_t pace_lead;
} rdu_hw_sink;

enum rdu_hw_side {
  RDU_HW_SIDE_WEST = 0,
  RDU_HW_SIDE_EAST = 1,
  RDU_HW_SIDE_NORTH = 2,
  RDU_HW_SIDE_SOUTH = 3
};

/* From the switch at (row, column) to its neighbour. */
typedef struct rdu_hw_hop {
  uint32_t row;
  uint32_t column;
  uint32_t side;
  uint32_t number; /* of the links of this kind on this side */
  uint32_t
      parent; /* number of an earlier hop of the link, which ends here; RDU_HW_NONE: the entry */
} rdu_hw_hop;

/* ---- Names, for people ---- */

enum rdu_hw_label_kind {
  RDU_HW_LABEL_ARGUMENT = 0,
  RDU_HW_LABEL_SECTION = 1,
  RDU_HW_LABEL_CONTEXT = 2,
  RDU_HW_LABEL_BUFFER = 3,
  RDU_HW_LABEL_LINK = 4
};

/* In ascending order of (kind, index). */
typedef struct rdu_hw_label {
  uint32_t kind;
  uint32_t index;    /* in the whole table */
  uint32_t node;     /* of the graph that it was compiled from; RDU_HW_NONE: none */
  rdu_hw_range text; /* printable ASCII */
} rdu_hw_label;

/* ---- The decoder ---- */

/* Tables that were checked: every code is known, every range and number leads somewhere, every address stays in its buffer or
 * region on any chip. Whether a chip has room for it is rdu_hw_image_validate's answer. */
typedef struct rdu_hw_image {
  uint64_t arch_hash;
  uint64_t hash;
  const rdu_hw_argument* arguments;
  const rdu_hw_section* sections;
  const rdu_hw_context* contexts;
  const rdu_hw_counter* counters;
  const rdu_hw_port* ports;
  const rdu_hw_instruction* instructions;
  const rdu_hw_systolic* systolics;
  const rdu_hw_step* steps;
  const rdu_hw_term* terms;
  const rdu_hw_access* accesses;
  const rdu_hw_transfer* transfers;
  const rdu_hw_buffer* buffers;
  const rdu_hw_link* links;
  const rdu_hw_sink* sinks;
  const rdu_hw_hop* hops;
  const rdu_hw_label* labels;
  const char* text;
  const rdu_hw_setup* setups;
  uint32_t num_arguments;
  uint32_t num_sections;
  uint32_t num_contexts;
  uint32_t num_counters;
  uint32_t num_ports;
  uint32_t num_instructions;
  uint32_t num_systolics;
  uint32_t num_steps;
  uint32_t num_terms;
  uint32_t num_accesses;
  uint32_t num_transfers;
  uint32_t num_buffers;
  uint32_t num_links;
  uint32_t num_sinks;
  uint32_t num_hops;
  uint32_t num_labels;
  uint32_t num_text;
  uint32_t num_setups;
} rdu_hw_image;

static inline uint32_t rdu_hw_image_num_setup_sections(const rdu_hw_image* image) {
  return image->num_setups == 0 ? 0 : image->setups[0].sections;
}

typedef int32_t rdu_hw_image_code;
#define RDU_HW_IMAGE_OK 0
#define RDU_HW_IMAGE_ERR_ARGUMENT 1 /* a NULL */
#define RDU_HW_IMAGE_ERR_FORMAT 2   /* no image, cut short or damaged */
#define RDU_HW_IMAGE_ERR_VERSION 3
#define RDU_HW_IMAGE_ERR_VALUE 4    /* a field out of its range */
#define RDU_HW_IMAGE_ERR_CONFLICT 5 /* records that contradict each other */
#define RDU_HW_IMAGE_ERR_ARCH 6     /* made for another chip */
#define RDU_HW_IMAGE_ERR_FIT 7      /* more than the chip has, or in a place where it is not */
#define RDU_HW_IMAGE_ERR_MEMORY 8

/* As of arch.h: outputs are untouched on failure, and `error`, when not NULL, holds one sentence with the place, what was
 * expected and the value seen. */
typedef struct rdu_hw_image_error {
  char text[512];
} rdu_hw_image_error;

/* Any bytes, at any alignment, are an image or an error. They are copied; memory beyond that copy is proportional to it. */
rdu_hw_image_code rdu_hw_image_decode(const void* bytes, size_t size, rdu_hw_image** out_image,
                                      rdu_hw_image_error* error);
/* Only of rdu_hw_image_decode; NULL is fine. */
void rdu_hw_image_free(rdu_hw_image* image);
/* Whether a valid chip can run a decoded image. */
rdu_hw_image_code rdu_hw_image_validate(const rdu_hw_image* image, const rdu_hw_arch* arch,
                                        rdu_hw_image_error* error);
/* The image as text. Writes at most `capacity` bytes, always terminated when there is room for anything, and returns what the
 * whole text needs without the zero; 0 when there is no memory. */
size_t rdu_hw_image_print(const rdu_hw_image* image, char* buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
