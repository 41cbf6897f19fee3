// Where the bytes of values are found, at load and at run time.
#pragma once

#include <rdu/host.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rdu::plugin {
class Stop;
}

namespace rdu::cpu {

class Flow;

// The number of a storage in the table of addresses that every run has.
struct Place {
  std::uint32_t slot = ~0u;

  bool none() const { return slot == ~0u; }
  bool operator==(const Place&) const = default;
};

// The first index that left its tensor in this run; later ones are dropped.
struct IndexFault {
  std::atomic<bool> seen{false};
  std::int64_t index = 0;
  std::int64_t extent = 0;

  void report(std::int64_t bad_index, std::int64_t bad_extent) {
    if (seen.exchange(true)) return;
    index = bad_index;
    extent = bad_extent;
  }
};

// Memory for tasks: the calling thread's lies in the run's scratch, that of workers in the executable.
struct Workers {
  std::byte* memory = nullptr;
  std::uint64_t bytes_each = 0;

  std::byte* of(std::uint32_t worker) const { return memory + (worker - 1) * bytes_each; }
};

// Where the time of workers is told, while somebody traces.
struct StepTrace {
  const rdu_host_api* host = nullptr;
  const char* name = nullptr;  // of the step

  static std::uint64_t now_ns();
  // Of a step, or of a task of one, that ends now.
  void step(std::uint32_t worker, std::uint64_t begin_ns) const;
  void task(std::uint32_t worker, std::uint64_t begin_ns) const;
};

// One run of an executable. Steps share it between their tasks.
struct Run {
  std::byte** addresses = nullptr;  // by slot
  std::byte* scratch = nullptr;     // where steps find their temporaries
  std::byte* workspace = nullptr;   // the calling thread's, for tasks that run inline
  const Flow* flow = nullptr;       // null: this thread only
  Workers workers;
  IndexFault* fault = nullptr;
  const plugin::Stop* stop = nullptr;  // asked within long steps; null: nobody stops it
  const StepTrace* trace = nullptr;    // null: nobody traces

  std::byte* at(Place place) const { return addresses[place.slot]; }
  template <class T>
  T scalar(Place place) const {
    T value;
    std::memcpy(&value, at(place), sizeof(value));
    return value;
  }
};

}  // namespace rdu::cpu
