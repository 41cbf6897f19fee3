// The C functions of driver.h: arguments checked, exceptions turned into codes and sentences.
#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <system_error>

#include "drivers/emu/driver/fault.hpp"
#include "drivers/emu/driver/handles.hpp"

using namespace rdu_hw::emu;

namespace {

void say(rdu_hw_error* error, std::string_view text) noexcept {
  if (error == nullptr) return;
  const size_t size = std::min(text.size(), sizeof error->text - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
}

// Runs `body`, which may throw; nothing leaves.
template <class Body>
rdu_hw_code guard(rdu_hw_error* error, const Body& body) noexcept {
  try {
    body();
    return RDU_HW_OK;
  } catch (const DriverFault& fault) {
    say(error, fault.what());
    return fault.code();
  } catch (const std::system_error& failure) {
    say(error, failure.what());
  } catch (const std::exception&) {
    say(error, "out of memory");
  }
  return RDU_HW_ERR_MEMORY;
}

void require(const void* argument, const char* name) {
  if (argument == nullptr) fail(RDU_HW_ERR_ARGUMENT, name, " is NULL");
}

void check_options(const rdu_hw_chip_options& options) {
  if (options.granularity > RDU_HW_GRANULARITY_VECTOR) {
    fail(RDU_HW_ERR_ARGUMENT, "granularity: expected 0 or 1, got ", options.granularity);
  }
  if (options.timing_only > 1) {
    fail(RDU_HW_ERR_ARGUMENT, "timing_only: expected 0 or 1, got ", options.timing_only);
  }
}

void demand_over(const rdu_hw_run& run) {
  if (!run.wait(0)) fail(RDU_HW_ERR_BUSY, "the run is not over");
  std::string text;
  const rdu_hw_code code = run.outcome(text);
  if (code != RDU_HW_OK) fail(code, text);
}

// The chip is somebody's from here on, until its run is over.
class Turn {
 public:
  explicit Turn(rdu_hw_chip& chip) : chip_(&chip) {
    if (chip.busy.exchange(true)) fail(RDU_HW_ERR_BUSY, "another run is on the chip");
  }
  ~Turn() {
    if (chip_ == nullptr) return;
    chip_->memory.unpin_all();
    chip_->busy = false;
  }
  void keep() { chip_ = nullptr; }

 private:
  rdu_hw_chip* chip_;
};

// Regions must lie where somebody allocated memory; scalars take any word.
std::vector<Binding> bound(rdu_hw_module& module, const rdu_hw_bound* arguments) {
  std::vector<Binding> bindings;
  for (uint32_t i = 0; i < module.image->num_arguments; ++i) {
    const rdu_hw_argument& argument = module.image->arguments[i];
    bindings.push_back({arguments[i].address, arguments[i].word});
    if (argument.kind != RDU_HW_ARGUMENT_REGION) continue;
    if (arguments[i].address % argument.alignment != 0) {
      fail(RDU_HW_ERR_BINDING, "argument ", i, ": address: expected a multiple of ",
           argument.alignment, ", got ", arguments[i].address);
    }
    try {
      module.chip.memory.pin(argument.tier, arguments[i].address, argument.bytes);
    } catch (const DriverFault& fault) {
      fail(RDU_HW_ERR_BINDING, "argument ", i, ": ", fault.what());
    }
  }
  return bindings;
}

}  // namespace

rdu_hw_code rdu_hw_chip_open(const rdu_hw_arch* arch, const rdu_hw_chip_options* options,
                             rdu_hw_chip** out_chip, rdu_hw_error* error) {
  return guard(error, [&] {
    require(arch, "arch");
    require(out_chip, "out_chip");
    rdu_hw_arch_error reason = {};
    if (rdu_hw_arch_validate(arch, &reason) != RDU_HW_ARCH_OK) {
      fail(RDU_HW_ERR_ARCH, reason.text);
    }
    const rdu_hw_chip_options wishes = options == nullptr ? rdu_hw_chip_options{} : *options;
    check_options(wishes);
    *out_chip = new rdu_hw_chip(*arch, wishes);
  });
}

void rdu_hw_chip_close(rdu_hw_chip* chip) { delete chip; }

rdu_hw_code rdu_hw_chip_get_info(rdu_hw_chip* chip, rdu_hw_chip_info* out_info,
                                 rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    require(out_info, "out_info");
    rdu_hw_chip_info info = {};
    info.arch = &chip->arch;
    info.description = "emulator";
    for (uint32_t tier = 0; tier < kNumTiers; ++tier) {
      info.capacity_bytes[tier] = chip->memory.capacity(tier);
      info.allocated_bytes[tier] = chip->memory.allocated(tier);
    }
    info.alignment = static_cast<uint32_t>(chip->memory.alignment());
    info.dma_in_bytes = chip->dma_in_bytes;
    info.dma_out_bytes = chip->dma_out_bytes;
    info.dma_ns = chip->dma_ns;
    *out_info = info;
  });
}

rdu_hw_code rdu_hw_memory_allocate(rdu_hw_chip* chip, uint32_t tier, uint64_t bytes,
                                   uint64_t alignment, uint64_t* out_address, rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    require(out_address, "out_address");
    *out_address = chip->memory.allocate(tier, bytes, alignment);
  });
}

rdu_hw_code rdu_hw_memory_free(rdu_hw_chip* chip, uint32_t tier, uint64_t address,
                               rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    const uint64_t bytes = chip->memory.free(tier, address);
    chip->residence.changed({tier, address, bytes});
  });
}

rdu_hw_code rdu_hw_memory_write(rdu_hw_chip* chip, uint32_t tier, uint64_t address,
                                const void* host, uint64_t bytes, rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    if (bytes == 0) return;
    require(host, "host");
    std::memcpy(chip->memory.locate(tier, address, bytes), host, bytes);
    chip->residence.changed({tier, address, bytes});
    chip->count_dma(bytes, 0);
  });
}

rdu_hw_code rdu_hw_memory_read(rdu_hw_chip* chip, uint32_t tier, uint64_t address, void* host,
                               uint64_t bytes, rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    if (bytes == 0) return;
    require(host, "host");
    std::memcpy(host, chip->memory.locate(tier, address, bytes), bytes);
    chip->count_dma(0, bytes);
  });
}

rdu_hw_code rdu_hw_module_load(rdu_hw_chip* chip, const void* bytes, size_t size,
                               rdu_hw_module** out_module, rdu_hw_error* error) {
  return guard(error, [&] {
    require(chip, "chip");
    require(bytes, "bytes");
    require(out_module, "out_module");
    rdu_hw_image_error reason = {};
    rdu_hw_image* image = nullptr;
    rdu_hw_image_code code = rdu_hw_image_decode(bytes, size, &image, &reason);
    std::unique_ptr<rdu_hw_image, rdu_hw_module::Free> owner(image);
    if (code == RDU_HW_IMAGE_ERR_MEMORY) throw std::bad_alloc();
    if (code != RDU_HW_IMAGE_OK) fail(RDU_HW_ERR_IMAGE, reason.text);
    code = rdu_hw_image_validate(image, &chip->arch, &reason);
    if (code == RDU_HW_IMAGE_ERR_MEMORY) throw std::bad_alloc();
    if (code != RDU_HW_IMAGE_OK) fail(RDU_HW_ERR_FIT, reason.text);
    *out_module = new rdu_hw_module{*chip, std::move(owner), ++chip->num_modules};
  });
}

const rdu_hw_image* rdu_hw_module_image(const rdu_hw_module* module) { return module->image.get(); }

void rdu_hw_module_unload(rdu_hw_module* module) { delete module; }

rdu_hw_code rdu_hw_run_start(rdu_hw_module* module, const rdu_hw_bound* arguments,
                             uint32_t num_arguments, uint32_t flags, rdu_hw_run** out_run,
                             rdu_hw_error* error) {
  return guard(error, [&] {
    require(module, "module");
    require(out_run, "out_run");
    if (num_arguments != module->image->num_arguments) {
      fail(RDU_HW_ERR_BINDING, "num_arguments: expected ", module->image->num_arguments, ", got ",
           num_arguments);
    }
    if (num_arguments != 0) require(arguments, "arguments");
    if ((flags & ~RDU_HW_RUN_TRACE) != 0) fail(RDU_HW_ERR_ARGUMENT, "unknown flags ", flags);
    Turn turn(module->chip);
    *out_run = new rdu_hw_run(*module, bound(*module, arguments), (flags & RDU_HW_RUN_TRACE) != 0);
    turn.keep();
  });
}

rdu_hw_code rdu_hw_run_wait(rdu_hw_run* run, uint64_t timeout_ns, uint32_t* out_done,
                            rdu_hw_error* error) {
  return guard(error, [&] {
    require(run, "run");
    require(out_done, "out_done");
    *out_done = run->wait(timeout_ns);
    if (*out_done != 0) demand_over(*run);
  });
}

void rdu_hw_run_stop(rdu_hw_run* run) {
  if (run != nullptr) run->stop = true;
}

rdu_hw_code rdu_hw_run_word(const rdu_hw_run* run, uint32_t argument, uint32_t* out_word,
                            rdu_hw_error* error) {
  return guard(error, [&] {
    require(run, "run");
    require(out_word, "out_word");
    demand_over(*run);
    const rdu_hw_image& image = *run->module.image;
    const bool written = argument < image.num_arguments &&
                         image.arguments[argument].kind == RDU_HW_ARGUMENT_SCALAR &&
                         image.arguments[argument].access == RDU_HW_ACCESS_WRITE;
    if (!written) {
      fail(RDU_HW_ERR_ARGUMENT, "argument ", argument, " is no scalar that the chip writes");
    }
    *out_word = run->bindings[argument].word;
  });
}

void rdu_hw_run_free(rdu_hw_run* run) { delete run; }

rdu_hw_code rdu_hw_run_counters(const rdu_hw_run* run, rdu_hw_counters* out_counters,
                                rdu_hw_error* error) {
  return guard(error, [&] {
    require(run, "run");
    require(out_counters, "out_counters");
    demand_over(*run);
    *out_counters = run->counters.view();
  });
}

size_t rdu_hw_run_print_json(const rdu_hw_run* run, char* buffer, size_t capacity) {
  size_t needed = 0;
  guard(nullptr, [&] {
    require(run, "run");
    demand_over(*run);
    const std::string text = json_of(run->counters, *run->module.image);
    if (buffer != nullptr && capacity != 0) {
      const size_t size = std::min(text.size(), capacity - 1);
      std::memcpy(buffer, text.data(), size);
      buffer[size] = '\0';
    }
    needed = text.size();
  });
  return needed;
}
