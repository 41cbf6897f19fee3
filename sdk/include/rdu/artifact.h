/* A compiled model in a file: opened, checked and described; nothing here runs it. */
#ifndef RDU_ARTIFACT_H
#define RDU_ARTIFACT_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero is the default of every field: no bound beyond the format's own. */
typedef struct rdu_artifact_options {
  rdu_header header;
  uint32_t flags;
  uint32_t reserved;
  uint64_t max_metadata_bytes; /* of everything but weights; the format's bound is 2 GiB */
  uint64_t max_file_bytes;     /* where the file is copied */
  uint64_t max_value_bytes;    /* of a single value */
} rdu_artifact_options;

#define RDU_LOAD_COPY \
  1u /* read the file into memory instead of mapping it: its owner may not be trusted */
#define RDU_LOAD_HASHES 2u /* check the hash of every weight segment too; reads the whole file */

/* Maps and verifies; a file that fails any check is BAD_ARTIFACT with the place in the message. May
 * block on I/O. */
RDU_API rdu_status* rdu_artifact_open(rdu_context* context, const char* path,
                                      const rdu_artifact_options* options,
                                      rdu_artifact** out_artifact);

/* `data` is used in place and must stay until artifact and programs have gone, or is copied with
 * RDU_LOAD_COPY. In place it must be 64-byte aligned. */
RDU_API rdu_status* rdu_artifact_open_memory(rdu_context* context, const void* data,
                                             uint64_t size_bytes,
                                             const rdu_artifact_options* options,
                                             rdu_artifact** out_artifact);

/* What a plugin was given to load (rdu_load: `source`, `first_section`, `end_section`), here or in another process. */
typedef struct rdu_artifact_part {
  rdu_header header;
  rdu_bytes metadata; /* copied */
  rdu_array
      segments; /* rdu_bytes; each 64-byte aligned, used in place like the data above, or copied with RDU_LOAD_COPY */
  uint32_t signature;
  uint32_t variant;
  uint32_t first_section; /* of the portable cut of that variant */
  uint32_t
      end_section; /* 0: everything, as if its file were opened; signature and variant are not looked at */
  uint32_t flags; /* RDU_PART_... */
  uint32_t reserved;
} rdu_artifact_part;

/* Sections only: runs take no state. What would be the part's variables are inputs and outputs too, the old content and
 * the new one, both under the number that reads or writes it. */
#define RDU_PART_STATELESS 1u

/* Opens the bytes of an artifact, checked as a file's are, and of these the sections [first_section, end_section) of one
 * variant as an artifact of its own, with one signature of one variant. Values keep their numbers.
 *   inputs     the values that these sections read from outside, ascending; named "#" and the value's number
 *   outputs    the values that they write and that anyone else needs: later sections, the model's outputs; likewise
 *   variables  those whose new content these sections write, under their own names, where nobody else uses them or they
 *              are updated in place. Of any other, the old content is an input and the new one an output.
 * A value that shares its storage with others appears as the storage's owner, as in rdu_binding. Inputs and outputs are
 * whole storages: row-major by the bound, no extent is written back; an extent that somebody needs is a value like any
 * other. Of other cuts, the sections that lie within the range keep their payloads.
 * A segment in which these sections have no constant and no payload may be left out as {NULL, 0}. */
RDU_API rdu_status* rdu_artifact_open_part(rdu_context* context, const rdu_artifact_part* part,
                                           const rdu_artifact_options* options,
                                           rdu_artifact** out_artifact);

/* Programs keep what they need; close as soon as you like. */
RDU_API void rdu_artifact_close(rdu_artifact* artifact);

/* A signature is an entry point. Each has one or more variants: the shapes that it was compiled
 * for. Its inputs and outputs have the same names and order in all of them. */
typedef struct rdu_signature_info {
  rdu_header header;
  const char* name;
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_variants;
  uint32_t num_variables; /* 0: runs take no state */
} rdu_signature_info;

typedef struct rdu_variant_info {
  rdu_header header;
  const char* name; /* "batch=1,seq=16"; "" where there is nothing to choose */
  uint32_t num_nodes;
  uint32_t num_sections; /* of the portable cut */
  uint32_t num_values;
  uint32_t reserved;
  uint64_t weight_bytes; /* of the distinct constants in use */
} rdu_variant_info;

typedef struct rdu_value_info {
  rdu_header header;
  const char* name;
  rdu_dtype dtype;
  uint32_t rank;
  int64_t shape[RDU_MAX_RANK]; /* the bound where an extent is known only at run time */
  /* The symbol that the variant fixed, NULL where there is none; along what grows, its length's name. */
  const char* dim_names[RDU_MAX_RANK];
  uint8_t dim_is_bounded[RDU_MAX_RANK]; /* 1: the actual extent is written back by a run */
  uint64_t size_bytes;
  rdu_bytes required; /* a specialised input: the value that a call must bring to get this variant;
                         else NULL */
} rdu_value_info;

RDU_API uint32_t rdu_artifact_num_signatures(const rdu_artifact* artifact);

/* Indices out of range are INVALID_ARGUMENT; strings live as long as the artifact. */
RDU_API rdu_status* rdu_artifact_get_signature(const rdu_artifact* artifact, uint32_t signature,
                                               rdu_signature_info* out_info);
RDU_API rdu_status* rdu_artifact_find_signature(const rdu_artifact* artifact, const char* name,
                                                uint32_t* out_signature);
RDU_API rdu_status* rdu_artifact_get_variant(const rdu_artifact* artifact, uint32_t signature,
                                             uint32_t variant, rdu_variant_info* out_info);
RDU_API rdu_status* rdu_artifact_get_input(const rdu_artifact* artifact, uint32_t signature,
                                           uint32_t variant, uint32_t index,
                                           rdu_value_info* out_info);
RDU_API rdu_status* rdu_artifact_get_output(const rdu_artifact* artifact, uint32_t signature,
                                            uint32_t variant, uint32_t index,
                                            rdu_value_info* out_info);

/* What the model says of itself (metadata, from its author) and how it was compiled (provenance: "name", "precision",
 * "producer", "flags", "source_hash", "opset"), in order; NOT_FOUND at the end. */
RDU_API rdu_status* rdu_artifact_get_metadata(const rdu_artifact* artifact, uint32_t index,
                                              const char** out_key, const char** out_value);
RDU_API rdu_status* rdu_artifact_get_provenance(const rdu_artifact* artifact, uint32_t index,
                                                const char** out_key, const char** out_value);

#ifdef __cplusplus
}
#endif
#endif
