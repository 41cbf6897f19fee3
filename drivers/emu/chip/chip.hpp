// Runs a configuration image on an emulated chip: values to the bit, times to the cycle ("units" of the manual).
#pragma once

#include <rdu_hw/arch.h>
#include <rdu_hw/config.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/emu/dram/request.hpp"
#include "drivers/emu/sim/time.hpp"
#include "drivers/emu/units/scratchpads.hpp"

namespace rdu_hw::emu {

using sim::Time;

inline constexpr std::size_t kNumTiers = 2;  // RDU_HW_TIER_

// The bytes of one tier of the device's memory: address 0 … size - 1. Whoever runs owns them.
struct Memory {
  std::byte* data = nullptr;
  std::uint64_t size = 0;
};

// What an argument of the image stands for: a region has an address in its tier, a scalar its word. A run puts RESULTs there.
struct Binding {
  std::uint64_t address = 0;
  std::uint32_t word = 0;
};

struct Options {
  std::int64_t granularity =
      0;               // the longest block of firings; 1: vector by vector; 0: as the engine likes
  bool values = true;  // false: times only, memory is neither read nor written
  std::optional<std::uint64_t>
      shuffle;                    // another order of the units: a means to prove that none matters
  bool trace = false;             // keep when each context was busy
  std::size_t most_spans = 4096;  // of a side, with trace; from there on, gaps are bridged
  const std::atomic<bool>* stop = nullptr;  // ends the run soon after it becomes true
};

struct Span {
  Time begin, end;  // busy from … until before
};

// What one side of a context did; a context is two sides in time where the manual says so.
struct Side {
  std::int64_t firings = 0;
  Time busy = 0;       // intervals of the firings
  Time starved = 0;    // waiting for elements, or for data of the memory
  Time blocked = 0;    // waiting for room
  Time queued = 0;     // waiting for a port of the PMU or for a slot of the AGCU
  Time conflicts = 0;  // of busy: cycles beyond the first that banks took
  Time first = -1;     // the first and the last firing; -1 without any
  Time last = -1;
  std::vector<Time>
      waited;  // by port of the side: inputs, then outputs, each sink of a link on its own
  std::vector<Span> spans;  // with Options::trace
};

struct ContextReport {
  std::uint32_t section;
  std::uint32_t context;  // number in the section
  Side main;              // SYSTOLIC: the array; LOAD: the side of the requests
  Side second;            // SYSTOLIC: the drain; LOAD: the side of the data; nothing otherwise
  std::int64_t operations =
      0;  // of arithmetic on lanes that were valid; a multiply-add counts as two
};

struct LinkReport {
  std::uint32_t section;
  std::uint32_t link;     // number in the section
  std::int64_t elements;  // that its source sent
};

struct SectionReport {
  Time begin = 0;  // of its program's load
  Time program_load = 0;
  Time argument_load = 0;
  Time execution = 0;
  Time quiesce = 0;
  std::array<dram::Statistics, kNumTiers> memory;  // last_data is of the whole run

  Time start() const { return begin + program_load + argument_load; }  // of its contexts
  Time end() const { return start() + execution + quiesce; }
};

// In the order of the image's tables, from the first section that ran.
struct Report {
  Time cycles = 0;
  std::uint32_t first_section = 0;  // behind the setup sections, where what they make was there
  std::vector<SectionReport> sections;
  std::vector<ContextReport> contexts;
  std::vector<LinkReport> links;
};

enum class Failure {
  kNone,
  kBinding,      // not one for each argument, out of the tier's memory, or not aligned
  kExtent,       // a counter's extent out of its range
  kDeadlock,     // contexts wait for each other
  kUnsupported,  // times only, where times depend on values
  kStopped,
  kResources,  // of the host
};

struct Result {
  Failure failure = Failure::kNone;
  std::string error;  // one sentence, or a line for each context of a deadlock
  Report report;      // up to the failure: of whole sections

  bool ok() const { return failure == Failure::kNone; }
};

// What a chip has from the last run of an image when it is started again ("image", 2). A failed run leaves a chip that was reset.
struct Held {
  explicit Held(const rdu_hw_arch& arch) : scratchpads(arch) {}

  Scratchpads scratchpads;
  bool is_set_up = false;               // the setup sections need not run
  std::uint32_t program = RDU_HW_NONE;  // the section whose program is loaded
};

// `image` is decoded, and valid for the chip; tiers that the chip does not have are empty. Never throws. Not to be run twice
// at once on the same memory.
Result run(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
           std::span<const Memory, kNumTiers> memory, const Options& options = {}) noexcept;
// The same on a chip that may have run this very image before.
Result run(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
           std::span<const Memory, kNumTiers> memory, const Options& options, Held& held) noexcept;

}  // namespace rdu_hw::emu
