// What stands at the C functions: arguments checked, exceptions turned into codes and sentences, text copied out.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "drivers/image/fault.hpp"

namespace rdu_hw::image {

inline void say(rdu_hw_image_error* error, std::string_view text) noexcept {
  if (error == nullptr) return;
  const std::size_t size = std::min(text.size(), sizeof error->text - 1);
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

inline void require(const void* argument, const char* name) {
  if (argument == nullptr) throw Fault(RDU_HW_IMAGE_ERR_ARGUMENT, std::string(name) + " is NULL");
}

// As snprintf does; 0 when there is no memory for the text.
template <class Text>
std::size_t print(char* buffer, std::size_t capacity, const Text& make_text) noexcept {
  std::size_t needed = 0;
  guard(nullptr, [&] {
    const std::string text = make_text();
    if (buffer != nullptr && capacity != 0) {
      const std::size_t size = std::min(text.size(), capacity - 1);
      std::memcpy(buffer, text.data(), size);
      buffer[size] = '\0';
    }
    needed = text.size();
  });
  return needed;
}

}  // namespace rdu_hw::image
