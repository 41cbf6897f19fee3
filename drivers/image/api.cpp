// The C functions of config.h: arguments checked, exceptions turned into codes and sentences.
#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include "drivers/image/decode.hpp"
#include "drivers/image/fault.hpp"
#include "drivers/image/print.hpp"

namespace {

using namespace rdu_hw::image;

void say(rdu_hw_image_error* error, std::string_view text) noexcept {
  if (error == nullptr) return;
  const size_t size = std::min(text.size(), sizeof error->text - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
}

// Runs `body`, which may throw; nothing leaves.
template <class Body>
rdu_hw_image_code guard(rdu_hw_image_error* error, const Body& body) noexcept {
  try {
    body();
    return RDU_HW_IMAGE_OK;
  } catch (const Fault& fault) {
    say(error, fault.what());
    return fault.code();
  } catch (const std::exception&) {
    say(error, "out of memory");
    return RDU_HW_IMAGE_ERR_MEMORY;
  }
}

void require(const void* argument, const char* name) {
  if (argument == nullptr) throw Fault(RDU_HW_IMAGE_ERR_ARGUMENT, std::string(name) + " is NULL");
}

}  // namespace

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
  size_t needed = 0;
  guard(nullptr, [&] {
    require(image, "image");
    const std::string text = text_of(*image);
    if (buffer != nullptr && capacity != 0) {
      const size_t size = std::min(text.size(), capacity - 1);
      std::memcpy(buffer, text.data(), size);
      buffer[size] = '\0';
    }
    needed = text.size();
  });
  return needed;
}
