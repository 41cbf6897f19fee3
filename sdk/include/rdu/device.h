/* What runs a program: opened by a URI whose scheme names the plugin. */
#ifndef RDU_DEVICE_H
#define RDU_DEVICE_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rdu_device_info {
  rdu_header header;
  const char* uri;    /* what opens it */
  const char* name;   /* for people */
  const char* plugin; /* name of the plugin */
  /* The rest is known of an open device only. */
  const char* target;       /* the cut that it prefers, "" = portable */
  uint64_t target_hash;     /* of its architecture, 0 where payloads fit any */
  uint64_t memory_bytes;    /* of its own, 0 where it uses the host's */
  uint32_t flags;           /* RDU_DEVICE_... */
  uint32_t alignment;       /* of tensors, in bytes */
  uint32_t max_concurrency; /* runs at once, 0 = no limit */
  uint32_t reserved;
} rdu_device_info;

#define RDU_DEVICE_HOST_MEMORY 1u  /* reads and writes the caller's tensors in place */
#define RDU_DEVICE_ASYNCHRONOUS 2u /* works while the submitting thread goes on */

/* Visits what each usable plugin offers, plugins by name, devices in the plugin's order. Loads
 * plugins; may block. */
typedef void (*rdu_device_visit_fn)(void* user, const rdu_device_info* info);
RDU_API rdu_status* rdu_device_enumerate(rdu_context* context, rdu_device_visit_fn visit,
                                         void* user);

/* `uri` is plugin:path?key=value&key=value; a value may be percent-encoded; `cpu` alone means
 * `cpu:`. May block. NOT_FOUND names the directories that were searched. */
RDU_API rdu_status* rdu_device_open(rdu_context* context, const char* uri, rdu_device** out_device);

/* Programs and buffers keep their device; the last of them closes it. */
RDU_API void rdu_device_close(rdu_device* device);

/* Strings live as long as the device. */
RDU_API rdu_status* rdu_device_get_info(const rdu_device* device, rdu_device_info* out_info);

#ifdef __cplusplus
}
#endif
#endif
