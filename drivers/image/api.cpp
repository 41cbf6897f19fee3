// The C functions of config.h.
#include "drivers/image/decode.hpp"
#include "drivers/image/guard.hpp"
#include "drivers/image/print.hpp"

using namespace rdu_hw::image;

rdu_hw_image_code rdu_hw_image_decode(const void* bytes, size_t size, rdu_hw_image** out_image,
                                      rdu_hw_image_error* error) {
  return guard(error, [&] {
    require(bytes, "bytes");
    require(out_image, "out_image");
    *out_image = decode_image(bytes, size).release();
  });
}

void rdu_hw_image_free(rdu_hw_image* image) { delete static_cast<Decoded*>(image); }

rdu_hw_image_code rdu_hw_image_validate(const rdu_hw_image* image, const rdu_hw_arch* arch,
                                        rdu_hw_image_error* error) {
  return guard(error, [&] {
    require(image, "image");
    require(arch, "arch");
    fit_image(*image, *arch);
  });
}

size_t rdu_hw_image_print(const rdu_hw_image* image, char* buffer, size_t capacity) {
  return print(buffer, capacity, [&] {
    require(image, "image");
    return text_of(*image);
  });
}
