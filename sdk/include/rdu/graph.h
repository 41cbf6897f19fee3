/* The graph view: one variant of a model as flat, indexed, plain-C arrays.
 *
 * A variant is a list of graphs (graph 0 is the model, the others are bodies of scans and branches) over one list of
 * values and one list of nodes. Nodes of a graph are a range of the node list, in topological order. Everything refers
 * to everything by index; RDU_NONE means absent. Arrays are reached only through RDU_AT.
 * A view is validated before anyone sees it and lives as long as the call or the object that lent it says. */
#ifndef RDU_GRAPH_H
#define RDU_GRAPH_H

#include <rdu/body_ops.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDU_NONE 0xffffffffu

/* Where a value comes from. */
#define RDU_ROLE_INTERMEDIATE 0u
#define RDU_ROLE_INPUT 1u     /* bound by the caller, or by the enclosing scan or control node */
#define RDU_ROLE_PARAMETER 2u /* a trained weight: `data` */
#define RDU_ROLE_CONSTANT 3u  /* any other constant: `data` */
#define RDU_ROLE_VARIABLE 4u  /* named mutable state */

/* A constant is `data` and nothing writes it; all others are storage that somebody binds.
 * Storage is dense, row-major and sized by the bound where a dimension is bounded.
 * `storage` is the value whose bytes this one shares: itself, or another of the same size whose shape differs
 * (a reshape is never computed). It never names a value whose own storage is elsewhere. */
typedef struct rdu_value {
  const char* name;
  uint32_t dtype;
  uint32_t role;
  uint32_t rank;
  uint32_t storage;
  int64_t dims[RDU_MAX_RANK];        /* the extent, or its upper bound */
  uint32_t dim_values[RDU_MAX_RANK]; /* scalar I64 value with the actual extent, or RDU_NONE */
  const void* data;    /* constants: borrowed, 64-byte aligned, never written; else NULL */
  uint64_t bytes;      /* of the storage */
  uint32_t encoding;   /* into encodings, or RDU_NONE: dense */
  uint32_t first_node; /* live range in the node order of its graph: of the storage */
  uint32_t last_node;
  uint32_t segment; /* of a constant, else RDU_NONE */
  uint64_t segment_offset;
} rdu_value;

/* How the bytes of a constant stand for its logical tensor (dims above are logical). */
#define RDU_ENCODING_QUANTIZED 0u
#define RDU_ENCODING_BLOCK_SPARSE 1u
#define RDU_ENCODING_BUTTERFLY 2u
typedef struct rdu_encoding {
  uint32_t kind;
  uint32_t scale; /* quantized: values; block formats: RDU_NONE */
  uint32_t zero_point;
  int32_t axis;        /* -1: per tensor */
  uint32_t block_rows; /* block formats */
  uint32_t block_cols;
  uint32_t row_starts;
  uint32_t col_indices;
  uint32_t low_rank_left; /* butterfly: left · right is added */
  uint32_t low_rank_right;
} rdu_encoding;

/* A loop of a node's domain. Loops [0, num_parallel) are parallel, the rest reduce. */
#define RDU_LOOP_PLAIN 0u
#define RDU_LOOP_BATCH 1u /* contract: in both operands and the result */
#define RDU_LOOP_M \
  2u /* in the first operand and the result (an output position of a convolution) */
#define RDU_LOOP_N 3u      /* in the second operand and the result (an output channel) */
#define RDU_LOOP_K 4u      /* in both operands, reduced (an input channel) */
#define RDU_LOOP_WINDOW 5u /* reduced; shifts the first operand's position (a kernel tap) */
typedef struct rdu_loop {
  int64_t extent;        /* or its upper bound */
  uint32_t extent_value; /* scalar I64 value with the actual extent, or RDU_NONE */
  uint32_t role;
} rdu_loop;

typedef struct rdu_term {
  uint32_t loop;
  uint32_t reserved;
  int64_t coef;
} rdu_term;

/* What reading outside the tensor yields, per dimension. Writes must be NEVER. */
#define RDU_OUTSIDE_NEVER 0u   /* proved: it does not happen */
#define RDU_OUTSIDE_FILL 1u    /* the read's fill */
#define RDU_OUTSIDE_CLAMP 2u   /* the nearest element */
#define RDU_OUTSIDE_REFLECT 3u /* mirrored, the edge not repeated */
#define RDU_OUTSIDE_WRAP 4u /* a negative index counts from the end; still outside: the run fails */
#define RDU_OUTSIDE_ERROR 5u /* the run fails */
#define RDU_OUTSIDE_SKIP 6u  /* scatter's write only: the point writes nothing */

/* The position along one dimension of a tensor:
 *   floor((offset + sum of coef * loop + source[source_access]) / div) mod m
 * with floor division and Euclidean mod (mod 0: none). `exact`: outside (FILL) unless div divides.
 * `source` is an I32 or I64 value or RDU_NONE; its own access has no source.
 * Dimensions are judged together: one that fails the run wins over one that fills. A source read outside (FILL) makes
 * the whole read outside. What a read yields outside enters the body like any element: a contract whose p subtracts a
 * zero point pads with the zero point as its fill. NEVER is relative to the bound of a dimension, every other rule to
 * its actual extent. */
typedef struct rdu_index {
  int64_t offset;
  int64_t div;
  int64_t mod;
  uint32_t first_term; /* into terms */
  uint32_t num_terms;
  uint32_t exact;
  uint32_t outside;
  uint32_t source;
  uint32_t first_source_index; /* into indices; as many as the source's rank */
} rdu_index;

/* One value at one access: as many indices as its rank. */
typedef struct rdu_read {
  uint32_t value;
  uint32_t first_index;
  uint32_t fill_value; /* scalar value of the same dtype, or RDU_NONE: `fill` */
  uint32_t reserved;
  union {
    double f;  /* float dtypes */
    int64_t i; /* all others */
  } fill;
} rdu_read;

typedef struct rdu_write {
  uint32_t value;
  uint32_t first_index;
} rdu_write;

/* Straight-line code; an instruction's result is the register of its own number within the program. */
typedef struct rdu_instr {
  uint32_t op;
  uint32_t dtype;
  uint32_t a, b, c;
  uint32_t reserved;
  union {
    double f;
    int64_t i;
  } imm;
} rdu_instr;

typedef struct rdu_program_code {
  uint32_t first_instr; /* into instrs */
  uint32_t num_instrs;
  uint32_t first_result; /* into results: register numbers */
  uint32_t num_results;
} rdu_program_code;

/* How an outer value meets a value inside a sub-graph (scan, control). */
#define RDU_PORT_CAPTURE 0u /* outer is seen as `inner_in` */
#define RDU_PORT_CARRIED \
  1u /* initial `outer` -> inner_in; inner_out -> next inner_in; the last -> `result` */
#define RDU_PORT_SLICE \
  2u /* inner_in is outer at the iteration along `axis` (that dimension dropped) */
#define RDU_PORT_STACK 3u /* result at the iteration along `axis` is inner_out */
#define RDU_PORT_INDEX 4u /* inner_in: scalar I64, the iteration */
#define RDU_PORT_KEEP \
  5u /* outer: scalar BOOL, run at all (or RDU_NONE: yes); inner_out: BOOL, go on; inner_in or none */
#define RDU_PORT_RESULT 6u /* control: result is inner_out of the graph that ran */
typedef struct rdu_port {
  uint32_t kind;
  uint32_t slot; /* which of the node's graphs: 0, or 1 for the else branch */
  uint32_t outer;
  uint32_t result;
  uint32_t inner_in;
  uint32_t inner_out;
  int32_t axis;
  uint32_t reverse; /* slice, stack: the first iteration has the last position */
} rdu_port;

/* What became of a node of the source model. */
#define RDU_ORIGIN_COMPUTED 0u /* pattern nodes name it */
#define RDU_ORIGIN_CONSTANT 1u /* its results were known when the model was compiled */
#define RDU_ORIGIN_VIEW 2u /* it moves nothing: its result is its operand, or another shape of it */
#define RDU_ORIGIN_EXPANDED \
  3u                         /* its body took its place: the origins that name it as their parent */
#define RDU_ORIGIN_UNUSED 4u /* nothing that the model yields needs it */

/* A node of the source model. The graph computes the same with or without them. */
typedef struct rdu_origin {
  const char*
      name; /* as the source says, after the names of what it stands in: "layer1/attn/MatMul_3" */
  const char* op_type;
  const char* domain; /* "": the standard's */
  uint32_t fate;
  uint32_t
      parent; /* an origin before it, in whose body (function, branch, loop) it stands, or RDU_NONE */
  uint32_t first_tensor, num_tensors; /* into origin_tensors: its results */
} rdu_origin;

/* A tensor of the source model: the value that has its content, or RDU_NONE where none has. */
typedef struct rdu_origin_tensor {
  const char* name;
  uint32_t value;
  uint32_t reserved;
} rdu_origin_tensor;

/* A node. What each pattern uses (sdk/doc/patterns.md numbers the rules):
 *   map, gather   loops all parallel, or (gather) with a combine; reads; body, a result per write; writes
 *   reduce        body, one result; combine into acc_dtype; epilogue (reads over parallel loops only), a result per write
 *   contract      reduce whose body has two results p and q, combined as p * q (ADD); loops carry roles.
 *                 Read 0 is p's operand and read 1 is q's; more reads (scales, zero points) may join either
 *   scatter       loops over the updates; `base` copied to writes[0], then combine (REPLACE ADD MUL MIN MAX) at its access
 *   scan          `condition`: scalar I64 trip count or RDU_NONE (then loops[0] is the count); ports; graphs[0]
 *   filter        body, one BOOL; writes[0]: I64 [bound], row-major positions kept, ascending; writes[1]: I64 scalar count
 *   sort          body results are the keys, most significant first, along the last loop; `descending` has a bit per key;
 *                 stable; NaN is largest; writes[0]: I64 over the domain, the position along the last loop of the k-th
 *   control       `condition` BOOL scalar picks graphs[0] or graphs[1]; RDU_NONE: a call of graphs[0]
 * Filter, sort, scan and control write whole values: their writes have no access (first_index is RDU_NONE). */
typedef struct rdu_node {
  const char* name;   /* unique in its variant */
  const char* origin; /* the name of the first of its origins, or "" */
  uint32_t pattern;
  uint32_t num_parallel;
  uint32_t first_loop, num_loops;
  uint32_t first_read, num_reads;
  uint32_t first_write, num_writes;
  rdu_program_code body;
  rdu_program_code epilogue;
  uint32_t combine;
  uint32_t acc_dtype;
  uint32_t base;
  uint32_t condition;
  uint32_t descending;
  uint32_t graphs[2];
  uint32_t first_port, num_ports;
  uint32_t first_origin,
      num_origins; /* into origin_lists: the source model's nodes whose work it does, ascending */
} rdu_node;

typedef struct rdu_subgraph {
  uint32_t first_node, num_nodes;
  uint32_t first_input, num_inputs;   /* into value_lists */
  uint32_t first_output, num_outputs; /* into value_lists */
} rdu_subgraph;

/* A section: nodes [first_node, end_node) of graph 0 that belong together on a device, and the values that cross its
 * border in ascending order of value: read from outside (constants excluded) and written for outside. Values that
 * share storage appear as the storage's owner. */
typedef struct rdu_section {
  uint32_t first_node, end_node;
  uint32_t first_input, num_inputs;   /* into value_lists */
  uint32_t first_output, num_outputs; /* into value_lists */
} rdu_section;

/* A named variable: a run reads `read` and leaves the new content in `write` (the same value: updated in place).
 * A growing one is a cache with room for the bound of its extent along `axis`. Of that, the positions below its length
 * are in use. A run of a graph appends `grows_by` positions at the length, in place, and changes nothing below it; the
 * variable that holds the length (an I64 scalar, which several caches may share) is advanced by as much. */
typedef struct rdu_variable {
  const char* name;
  uint32_t read;
  uint32_t write;
  uint32_t initial; /* a constant, or RDU_NONE: zeros */
  uint32_t length;  /* of a growing variable: the variable that holds its length; else RDU_NONE */
  uint32_t axis;    /* of a growing variable, else 0 */
  uint32_t reserved;
  int64_t grows_by; /* of a growing variable, else 0 */
} rdu_variable;

typedef struct rdu_graph {
  rdu_header header;
  rdu_array values;         /* rdu_value */
  rdu_array encodings;      /* rdu_encoding */
  rdu_array nodes;          /* rdu_node */
  rdu_array graphs;         /* rdu_subgraph */
  rdu_array loops;          /* rdu_loop */
  rdu_array reads;          /* rdu_read */
  rdu_array writes;         /* rdu_write */
  rdu_array indices;        /* rdu_index */
  rdu_array terms;          /* rdu_term */
  rdu_array instrs;         /* rdu_instr */
  rdu_array results;        /* uint32_t */
  rdu_array ports;          /* rdu_port */
  rdu_array value_lists;    /* uint32_t */
  rdu_array sections;       /* rdu_section: the portable cut, covering graph 0 in order */
  rdu_array variables;      /* rdu_variable */
  rdu_array origins;        /* rdu_origin, in the order of the source model */
  rdu_array origin_tensors; /* rdu_origin_tensor */
  rdu_array origin_lists;   /* uint32_t */
} rdu_graph;

#ifdef __cplusplus
}
#endif
#endif
