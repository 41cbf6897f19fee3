// The C functions of package.h, but for the conversions.
#include "drivers/image/guard.hpp"
#include "drivers/image/package_decode.hpp"

using namespace rdu_hw::image;

rdu_hw_image_code rdu_hw_package_decode(const void* bytes, size_t size,
                                        rdu_hw_package** out_package, rdu_hw_image_error* error) {
  return guard(error, [&] {
    require(bytes, "bytes");
    require(out_package, "out_package");
    *out_package = decode_package(bytes, size).release();
  });
}

void rdu_hw_package_free(rdu_hw_package* package) { delete static_cast<DecodedPackage*>(package); }

size_t rdu_hw_package_print(const rdu_hw_package* package, char* buffer, size_t capacity) {
  return print(buffer, capacity, [&] {
    require(package, "package");
    return text_of(*package);
  });
}
