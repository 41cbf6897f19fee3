/* librducc: the compiler as a library, for applications that meet models or shapes at run time.
 *
 * The conventions are those of <rdu/rdu.h>: structs begin with RDU_HEADER and zero is the default of
 * every field, a call that can fail returns a status and NULL is success, results come last and are
 * untouched after a failure, strings are UTF-8 and copied. Nothing is printed, there is no global
 * state, and compilations may run in any number of threads at once. librducc needs no librdu, and
 * librdu knows nothing of librducc: what passes between them is the artifact.
 *
 *     rducc_dim batch = {.name = "batch", .extents = extents, .num_extents = 2};
 *     rducc_request request = {.header = RDU_HEADER(rducc_request), .model = {bytes, size},
 *                              .dims = RDUCC_ARRAY(&batch, 1)};
 *     rducc_output* output;  rdu_bytes artifact;
 *     rducc_compile(&request, &output);
 *     rducc_output_get_bytes(output, &artifact);
 *     rdu_artifact_open_memory(context, artifact.data, artifact.size, NULL, &opened);
 */
#ifndef RDUCC_RDUCC_H
#define RDUCC_RDUCC_H

#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(RDUCC_BUILDING)
#define RDUCC_API __attribute__((visibility("default")))
#else
#define RDUCC_API
#endif

/* `count` elements from `first` on, as an rdu_array. */
#define RDUCC_ARRAY(first, count) \
  { (first), (count), (uint32_t)sizeof(*(first)) }

typedef struct rducc_status rducc_status;
typedef struct rducc_output rducc_output;

/* Extents of a symbolic dimension. Several dimensions multiply: each combination is a variant. */
typedef struct rducc_dim {
  const char* name;
  const int64_t* extents;
  uint32_t num_extents;
  uint32_t reserved;
} rducc_dim;

typedef struct rducc_extent {
  const char* name;
  int64_t extent;
} rducc_extent;

/* Exactly one variant. */
typedef struct rducc_variant {
  rdu_array extents; /* of rducc_extent */
} rducc_variant;

/* The content of an input: dense, row-major, little-endian. */
typedef struct rducc_tensor {
  const char* name; /* NULL: the tensors of a sample are in the order of the model's inputs */
  const void* data;
  uint64_t size_bytes;
  rdu_dtype dtype;
  uint32_t rank;
  int64_t shape[RDU_MAX_RANK];
} rducc_tensor;

/* Sample inputs add the variant of their shapes, and give the value of those inputs that decide a
 * shape, an axis or an access. */
typedef struct rducc_sample {
  rdu_array tensors; /* of rducc_tensor */
} rducc_sample;

/* The value of an input: folded, and required of every call. */
typedef struct rducc_fix {
  const char* input;
  const char* elements; /* "1,3,224" */
} rducc_fix;

/* Keeps an output as the input of the next run. With a capacity it is a cache that grows along
 * `axis` by what a run appends, up to `capacity` positions. */
typedef struct rducc_state {
  const char* output;
  const char* input;
  int64_t axis;     /* negative: from the end */
  int64_t capacity; /* 0: it does not grow */
} rducc_state;

/* Bounds on what a model that is not trusted may take. 0 is the default of each. */
typedef struct rducc_limits {
  rdu_header header;
  uint64_t model_bytes;    /* of the ONNX file without its external data; 2 GiB */
  uint64_t constant_bytes; /* of tensors that the compiler makes; 128 MiB and twice the file */
  uint64_t artifact_bytes; /* none */
} rducc_limits;

/* `share` of the work in [0, 1] and what is being done. Anything but 0 ends the compilation with
 * RDUCC_ERR_CANCELLED. Called in the thread of rducc_compile; must not throw. */
typedef int32_t (*rducc_progress_fn)(void* user, double share, const char* what);
/* The graph of a variant as text, after a pass. */
typedef void (*rducc_print_fn)(void* user, const char* pass, const char* text);

#define RDUCC_VERIFY_PASSES 1u /* check the graph after each pass, not only after the last */

/* What is stored and multiplied in: as the model says; or parameters and the streams between nodes that were fp32 in bf16, with
 * sums, softmax and statistics in fp32. Inputs, outputs and states keep their dtypes. */
typedef uint32_t rducc_precision;
#define RDUCC_PRECISION_FP32 0u
#define RDUCC_PRECISION_BF16 1u

typedef struct rducc_request {
  rdu_header header;
  const char* model_path;       /* an ONNX file; where `model` is given, its name in messages */
  rdu_bytes model;              /* the bytes of one; borrowed until rducc_compile returns */
  const char* folder;           /* that external data of `model` lies in; NULL: it may have none */
  const char* const* data_dirs; /* each a sample: input_0.pb, input_1.pb, … */
  rdu_array samples;            /* of rducc_sample */
  rdu_array dims;               /* of rducc_dim */
  rdu_array variants;           /* of rducc_variant */
  rdu_array fixes;              /* of rducc_fix */
  rdu_array states;             /* of rducc_state */
  const char* const* targets;   /* devices to prepare for; NULL: "cpu" */
  const char* const* print_after; /* passes, or "import"; needs `print` */
  uint32_t num_data_dirs;
  uint32_t num_targets;
  uint32_t num_print_after;
  uint32_t flags;
  const rducc_limits* limits; /* NULL: the defaults */
  rducc_progress_fn progress; /* NULL: none */
  void* progress_user;
  rducc_print_fn print;
  void* print_user;
  int64_t loop_bound; /* iterations of a Loop whose model states no number; 0: none known */
  rducc_precision precision;
  uint32_t reserved;
} rducc_request;

/* Blocks until it is done. Equal requests give equal artifacts, byte for byte. */
RDUCC_API rducc_status* rducc_compile(const rducc_request* request, rducc_output** out_output);

/* The graphs of an artifact, as they are, with cuts for these targets and the portable one instead of those it
 * has. The bytes are copied; the output has no report. */
RDUCC_API rducc_status* rducc_retarget(rdu_bytes artifact, const char* const* targets,
                                       uint32_t num_targets, rducc_output** out_output);

/* The artifact in memory, aligned for rdu_artifact_open_memory; lives as long as the output. */
RDUCC_API rducc_status* rducc_output_get_bytes(rducc_output* output, rdu_bytes* out_bytes);

/* The artifact as a file that appears whole or not at all. Weights are not copied in memory. */
RDUCC_API rducc_status* rducc_output_write(const rducc_output* output, const char* path);

/* What became of each node, as JSON; lives as long as the output. */
RDUCC_API rducc_status* rducc_output_get_report(rducc_output* output, const char** out_json);
/* The same for people, a line per node. */
RDUCC_API rducc_status* rducc_output_get_table(rducc_output* output, const char** out_text);

/* Seconds of each pass, summed over the variants, in order; RDUCC_ERR_NOT_FOUND at the end. */
RDUCC_API rducc_status* rducc_output_get_pass(const rducc_output* output, uint32_t index,
                                              const char** out_name, double* out_seconds);

RDUCC_API void rducc_output_destroy(rducc_output* output);

/* Where a number of <rdu/status.h> has the same meaning it is the same number. */
typedef uint32_t rducc_code;
#define RDUCC_OK 0u
#define RDUCC_ERR_INVALID_ARGUMENT 1u /* the request is wrong, or does not fit the model */
#define RDUCC_ERR_NOT_FOUND 2u
#define RDUCC_ERR_OUT_OF_MEMORY 100u
#define RDUCC_ERR_IO 101u
#define RDUCC_ERR_BAD_MODEL 200u   /* mistakes of the model; fix it */
#define RDUCC_ERR_UNSUPPORTED 201u /* a correct model with what the compiler declines */
#define RDUCC_ERR_LIMIT_EXCEEDED 202u
#define RDUCC_ERR_CANCELLED 300u
#define RDUCC_ERR_ABI_MISMATCH 401u
#define RDUCC_ERR_INTERNAL 900u

RDUCC_API const char* rducc_code_name(rducc_code code); /* "BAD_MODEL"; "UNKNOWN" */

typedef uint32_t rducc_diagnostic_kind;
#define RDUCC_DIAGNOSTIC_REQUEST 1u /* a field of the request is missing or does not fit */
#define RDUCC_DIAGNOSTIC_INVALID 2u /* a mistake of the model */
#define RDUCC_DIAGNOSTIC_UNSUPPORTED 3u
#define RDUCC_DIAGNOSTIC_FAILED 4u /* memory, files, a bug of ours */

/* One reason. Strings are never NULL and live as long as the status; "" and 0 where there is
 * nothing to say. For what is no node, op_type is "initializer", "input" or "output". */
typedef struct rducc_diagnostic {
  rdu_header header;
  rducc_diagnostic_kind kind;
  uint32_t reserved;
  const char* node;
  const char* op_type;
  const char* domain;
  int64_t opset;
  const char* message;
} rducc_diagnostic;

/* Every accessor takes NULL, which is success. The message tells all diagnostics, one a line. */
RDUCC_API rducc_code rducc_status_code(const rducc_status* status);
RDUCC_API const char* rducc_status_message(const rducc_status* status); /* never NULL */
RDUCC_API uint32_t rducc_status_num_diagnostics(const rducc_status* status);
/* NULL from the end on. */
RDUCC_API const rducc_diagnostic* rducc_status_diagnostic(const rducc_status* status,
                                                          uint32_t index);
RDUCC_API void rducc_status_destroy(rducc_status* status);

RDUCC_API const char* rducc_version(void);               /* "0.1.0" */
RDUCC_API const char* rducc_pass_name(uint32_t index);   /* in order; NULL from the end on */
RDUCC_API const char* rducc_target_name(uint32_t index); /* NULL from the end on */
/* The operators that can be imported, by domain ("ai.onnx", ...), then by name, each with the oldest opset of its domain
 * that is supported. NULL from the end on. */
RDUCC_API const char* rducc_operator_name(uint32_t index, const char** out_domain,
                                          int64_t* out_since);

#ifdef __cplusplus
}
#endif
#endif
