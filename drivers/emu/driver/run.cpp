// A run in a thread of its own: the caller looks, waits, or asks it to stop.
#include <chrono>

#include "drivers/emu/driver/fault.hpp"
#include "drivers/emu/driver/handles.hpp"

using namespace rdu_hw::emu;

namespace {

rdu_hw_code code_of(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return RDU_HW_OK;
    case Failure::kBinding:
      return RDU_HW_ERR_BINDING;
    case Failure::kExtent:
      return RDU_HW_ERR_FAULT;
    case Failure::kDeadlock:
      return RDU_HW_ERR_DEADLOCK;
    case Failure::kUnsupported:
      return RDU_HW_ERR_UNSUPPORTED;
    case Failure::kStopped:
      return RDU_HW_ERR_STOPPED;
    case Failure::kResources:
      return RDU_HW_ERR_MEMORY;
  }
  return RDU_HW_ERR_MEMORY;
}

}  // namespace

void rdu_hw_chip::count_dma(std::uint64_t in_bytes, std::uint64_t out_bytes) {
  using Wide = unsigned __int128;
  const std::uint64_t rate = arch.agcu.host_dma_bytes_per_s;
  const Wide wanted = Wide{in_bytes + out_bytes} * 1'000'000'000 + rate - 1;
  dma_in_bytes += in_bytes;
  dma_out_bytes += out_bytes;
  dma_ns += static_cast<std::uint64_t>(wanted / rate);
}

rdu_hw_run::rdu_hw_run(rdu_hw_module& of, std::vector<Binding> bound, bool traced)
    : module(of), bindings(std::move(bound)), thread_([this, traced] { work(traced); }) {}

rdu_hw_run::~rdu_hw_run() {
  stop = true;
  thread_.join();
}

Result rdu_hw_run::run_held(const Options& options) noexcept {
  rdu_hw_chip& chip = module.chip;
  try {
    chip.residence.begin(setup_inputs(module.number, *module.image, bindings), chip.held);
  } catch (const std::exception&) {
    Result failed;
    failed.failure = Failure::kResources;
    failed.error = "out of memory";
    return failed;
  }
  return run(*module.image, chip.arch, bindings, chip.memory.view(), options, chip.held);
}

void rdu_hw_run::work(bool traced) noexcept {
  rdu_hw_chip& chip = module.chip;
  Options options;
  options.granularity = chip.options.granularity == RDU_HW_GRANULARITY_VECTOR ? 1 : 0;
  options.values = chip.options.timing_only == 0;
  options.trace = traced;
  options.stop = &stop;
  const auto begin = std::chrono::steady_clock::now();
  result = run_held(options);
  const auto taken = std::chrono::steady_clock::now() - begin;
  try {
    if (result.ok()) counters = count(result.report, *module.image, chip.arch);
    result.report = {};
  } catch (const std::exception&) {
    result.failure = Failure::kResources;
    result.error = "out of memory";
  }
  counters.host_ns = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count());
  chip.memory.unpin_all();
  chip.busy = false;
  const std::lock_guard lock(mutex_);
  done_ = true;
  changed_.notify_all();
}

bool rdu_hw_run::wait(std::uint64_t timeout_ns) const {
  // A time beyond this is for ever, and would overflow the clock.
  constexpr std::uint64_t kForEver = std::uint64_t{1} << 62;
  std::unique_lock lock(mutex_);
  const auto done = [this] { return done_; };
  if (timeout_ns < kForEver) {
    return changed_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done);
  }
  changed_.wait(lock, done);
  return true;
}

rdu_hw_code rdu_hw_run::outcome(std::string& text) const {
  text = result.error;
  return code_of(result.failure);
}
