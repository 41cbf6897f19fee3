/* How anything in this SDK reports a failure: one object with a code, a sentence and the place. */
#ifndef RDU_STATUS_H
#define RDU_STATUS_H

#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Codes come in bands of a hundred, by who can do something about it. Numbers are frozen. */
typedef uint32_t rdu_code;
#define RDU_OK 0u

/* 1..99: the call was wrong; change the call. */
#define RDU_ERR_INVALID_ARGUMENT 1u
#define RDU_ERR_NOT_FOUND 2u
#define RDU_ERR_SHAPE_MISMATCH 3u
#define RDU_ERR_DTYPE_MISMATCH 4u
#define RDU_ERR_BUSY 5u   /* the state (or event) is in use by another run */
#define RDU_ERR_FORKED 6u /* called in a child of the process that made the context */

/* 100..199: the machine refused; free something, fix a path. */
#define RDU_ERR_OUT_OF_MEMORY 100u
#define RDU_ERR_IO 101u
#define RDU_ERR_PERMISSION 102u

/* 200..299: the artifact does not do; compile again. */
#define RDU_ERR_BAD_ARTIFACT 200u
#define RDU_ERR_UNSUPPORTED 201u /* well-formed, but nobody here can run it */
#define RDU_ERR_LIMIT_EXCEEDED 202u
#define RDU_ERR_OUT_OF_RANGE 203u /* an index or a bounded extent that the data made too large */

/* 300..399: how a run can end; trying again may help. */
#define RDU_ERR_CANCELLED 300u
#define RDU_ERR_DEADLINE_EXCEEDED 301u
#define RDU_ERR_OVERLOADED 302u
#define RDU_ERR_WORKER_LOST 303u

/* 400..499: a plugin or its device. */
#define RDU_ERR_PLUGIN 400u
#define RDU_ERR_ABI_MISMATCH 401u
#define RDU_ERR_DEVICE 402u

/* 900..999: a bug of ours. */
#define RDU_ERR_INTERNAL 900u

/* "OUT_OF_MEMORY" for RDU_ERR_OUT_OF_MEMORY; "UNKNOWN" for a number that this library does not
 * know. */
RDU_API const char* rdu_code_name(rdu_code code);

/* Every accessor takes NULL (which is success). Strings live as long as the status; hint and plugin
 * are NULL where unknown, node and section RDU_NO_INDEX. */
#define RDU_NO_INDEX 0xffffffffu
RDU_API rdu_code rdu_status_code(const rdu_status* status);
RDU_API const char* rdu_status_message(const rdu_status* status); /* never NULL */
RDU_API const char* rdu_status_hint(const rdu_status* status);
RDU_API const char* rdu_status_plugin(const rdu_status* status);
RDU_API uint32_t rdu_status_node(const rdu_status* status);
RDU_API uint32_t rdu_status_section(const rdu_status* status);

/* Whoever receives a status destroys it; it may outlive every other object. NULL is fine. */
RDU_API void rdu_status_destroy(rdu_status* status);

#ifdef __cplusplus
}
#endif
#endif
