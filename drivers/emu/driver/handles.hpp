// What the driver's handles are.
#pragma once

#include <rdu_hw/driver.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/driver/counters.hpp"
#include "drivers/emu/driver/device_memory.hpp"
#include "drivers/emu/driver/residence.hpp"

struct rdu_hw_chip {
  rdu_hw_chip(const rdu_hw_arch& given, const rdu_hw_chip_options& wishes)
      : arch(given), options(wishes), memory(arch, wishes.memory_file), held(arch) {
    options.memory_file = nullptr;  // was the caller's
  }

  // Moves between host and device memory take as long as the figure of the chip says.
  void count_dma(std::uint64_t in_bytes, std::uint64_t out_bytes);

  const rdu_hw_arch arch;
  rdu_hw_chip_options options;
  rdu_hw::emu::DeviceMemory memory;
  std::atomic<bool> busy{false};  // a run is on it
  rdu_hw::emu::Held held;         // of the run that is on it
  rdu_hw::emu::Residence residence;
  std::atomic<std::uint64_t> num_modules{0};  // so far
  std::atomic<std::uint64_t> dma_in_bytes{0}, dma_out_bytes{0}, dma_ns{0};
};

struct rdu_hw_module {
  struct Free {
    void operator()(rdu_hw_image* image) const { rdu_hw_image_free(image); }
  };
  rdu_hw_chip& chip;
  std::unique_ptr<rdu_hw_image, Free> image;
  std::uint64_t number;  // of the chip's modules, from 1; never given again
};

// Its thread runs the image and says `done` as its last act.
struct rdu_hw_run {
  rdu_hw_run(rdu_hw_module& of, std::vector<rdu_hw::emu::Binding> bound, bool traced);
  rdu_hw_run(const rdu_hw_run&) = delete;
  rdu_hw_run& operator=(const rdu_hw_run&) = delete;
  ~rdu_hw_run();

  bool wait(std::uint64_t timeout_ns) const;
  // Of a run that is done: its code and its sentence.
  rdu_hw_code outcome(std::string& text) const;

  rdu_hw_module& module;
  std::vector<rdu_hw::emu::Binding> bindings;
  std::atomic<bool> stop{false};
  rdu_hw::emu::Result result;
  rdu_hw::emu::Counters counters;

 private:
  void work(bool traced) noexcept;
  // On the chip as the runs before have left it.
  rdu_hw::emu::Result run_held(const rdu_hw::emu::Options& options) noexcept;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};
