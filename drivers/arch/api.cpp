// The C functions of arch.h: arguments checked, exceptions turned into codes and sentences.
#include <algorithm>
#include <cstring>
#include <new>

#include "drivers/arch/chip.hpp"
#include "drivers/arch/fault.hpp"

namespace {

using namespace rdu_hw::arch;

void say(rdu_hw_arch_error* error, std::string_view text) noexcept {
  if (error == nullptr) return;
  size_t size = std::min(text.size(), sizeof error->text - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
}

// Runs `body`, which may throw; nothing leaves.
template <class Body>
rdu_hw_arch_code guard(rdu_hw_arch_error* error, const Body& body) noexcept {
  try {
    body();
    return RDU_HW_ARCH_OK;
  } catch (const Fault& fault) {
    say(error, fault.what());
    return fault.code();
  } catch (const std::bad_alloc&) {
    say(error, "out of memory");
    return RDU_HW_ARCH_ERR_MEMORY;
  } catch (const std::exception& other) {
    say(error, other.what());
    return RDU_HW_ARCH_ERR_IO;
  }
}

void require(const void* argument, const char* name) {
  if (argument == nullptr) throw Fault(RDU_HW_ARCH_ERR_ARGUMENT, std::string(name) + " is NULL");
}

template <class Text>
size_t print(char* buffer, size_t capacity, const Text& make_text) noexcept {
  size_t needed = 0;
  guard(nullptr, [&] {
    std::string text = make_text();
    if (buffer != nullptr && capacity != 0) {
      size_t size = std::min(text.size(), capacity - 1);
      std::memcpy(buffer, text.data(), size);
      buffer[size] = '\0';
    }
    needed = text.size();
  });
  return needed;
}

}  // namespace

rdu_hw_arch_code rdu_hw_arch_load(const char* name_or_path, rdu_hw_arch* out_arch,
                                  rdu_hw_arch_error* error) {
  return guard(error, [&] {
    require(name_or_path, "name_or_path");
    require(out_arch, "out_arch");
    *out_arch = load_chip(name_or_path, {});
  });
}

rdu_hw_arch_code rdu_hw_arch_parse(const char* text, size_t text_bytes, const char* origin,
                                   rdu_hw_arch* out_arch, rdu_hw_arch_error* error) {
  return guard(error, [&] {
    require(text, "text");
    require(out_arch, "out_arch");
    *out_arch = parse_chip({text, text_bytes}, {.origin = origin == nullptr ? "" : origin});
  });
}

rdu_hw_arch_code rdu_hw_arch_override(rdu_hw_arch* arch, const char* const* settings,
                                      size_t num_settings, rdu_hw_arch_error* error) {
  return guard(error, [&] {
    require(arch, "arch");
    if (num_settings != 0) require(settings, "settings");
    override_chip(*arch, {settings, num_settings});
  });
}

rdu_hw_arch_code rdu_hw_arch_validate(const rdu_hw_arch* arch, rdu_hw_arch_error* error) {
  return guard(error, [&] {
    require(arch, "arch");
    validate_chip(*arch, "");
  });
}

const char* rdu_hw_arch_preset_name(size_t index) {
  return index < presets().size() ? presets()[index].name : nullptr;
}

const char* rdu_hw_arch_preset_json(const char* name) {
  const Preset* preset = name == nullptr ? nullptr : find_preset(name);
  return preset == nullptr ? nullptr : preset->json;
}

size_t rdu_hw_arch_print_table(const rdu_hw_arch* arch, char* buffer, size_t capacity) {
  return print(buffer, capacity, [&] { return table_of(*arch); });
}

size_t rdu_hw_arch_print_json(const rdu_hw_arch* arch, char* buffer, size_t capacity) {
  return print(buffer, capacity, [&] { return json_of(*arch); });
}
