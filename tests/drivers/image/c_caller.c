/* The interface as a C program meets it. */
#include <rdu_hw/config.h>

uint32_t image_contexts_seen_from_c(const void* bytes, size_t size);

uint32_t image_contexts_seen_from_c(const void* bytes, size_t size) {
  rdu_hw_image* image;
  rdu_hw_image_error error;
  uint32_t count;
  if (rdu_hw_image_decode(bytes, size, &image, &error) != RDU_HW_IMAGE_OK) return 0;
  count = image->num_contexts;
  rdu_hw_image_free(image);
  return count;
}
