/* Memory of a device, for tensors that should stay there between runs. */
#ifndef RDU_BUFFER_H
#define RDU_BUFFER_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 64-byte aligned, contents undefined. The buffer keeps its device. */
RDU_API rdu_status* rdu_buffer_create(rdu_device* device, uint64_t size_bytes,
                                      rdu_buffer** out_buffer);

/* Lends host memory to a device without a copy; UNSUPPORTED where the device cannot reach it.
 * `data` must stay until `release` (may be NULL) is called, once, when the buffer goes. After a
 * failure it is not called. */
typedef void (*rdu_release_fn)(void* user, void* data);
RDU_API rdu_status* rdu_buffer_import(rdu_device* device, void* data, uint64_t size_bytes,
                                      rdu_release_fn release, void* user, rdu_buffer** out_buffer);

/* After runs that use it have ended. */
RDU_API void rdu_buffer_destroy(rdu_buffer* buffer);

RDU_API uint64_t rdu_buffer_get_size(const rdu_buffer* buffer);

/* Host view of the whole buffer, valid until unmap; one at a time. For a device with its own memory
 * this is a copy, made where READ is asked for and written back by unmap where WRITE is. May block.
 */
#define RDU_MAP_READ 1u
#define RDU_MAP_WRITE 2u
RDU_API rdu_status* rdu_buffer_map(rdu_buffer* buffer, uint32_t access, void** out_data);
RDU_API rdu_status* rdu_buffer_unmap(rdu_buffer* buffer);

/* Ranges are checked; between devices the copy goes through the host. May block. */
RDU_API rdu_status* rdu_buffer_copy(rdu_buffer* destination, uint64_t destination_offset_bytes,
                                    const rdu_buffer* source, uint64_t source_offset_bytes,
                                    uint64_t size_bytes);
RDU_API rdu_status* rdu_buffer_read(const rdu_buffer* buffer, uint64_t offset_bytes,
                                    uint64_t size_bytes, void* out_data);
RDU_API rdu_status* rdu_buffer_write(rdu_buffer* buffer, uint64_t offset_bytes, uint64_t size_bytes,
                                     const void* data);

#ifdef __cplusplus
}
#endif
#endif
