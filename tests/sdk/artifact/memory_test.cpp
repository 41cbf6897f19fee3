// Memory that runs out, at every allocation of opening and of writing: an error each time, and nothing leaks.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <optional>

#include "tests/sdk/artifact/support.hpp"
#include "tests/support/nine_patterns.hpp"

namespace {

// How many allocations still succeed; negative: all of them.
std::atomic<long> allowed{-1};
std::atomic<long> alive{0};

void* allocate(std::size_t size) {
  if (allowed.load() == 0) throw std::bad_alloc();
  if (allowed.load() > 0) --allowed;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  ++alive;
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) --alive;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }

using namespace rdu;
using namespace rdu::testing;

namespace {

// Runs with ever more memory until it succeeds; returns how often it failed.
template <class F>
long failures_of(F&& run) {
  for (long budget = 0;; ++budget) {
    const long before = alive.load();
    std::optional<base::Code> code;
    allowed = budget;
    {
      const auto result = run();
      allowed = -1;
      if (!result) code = result.error().code;
    }
    if (alive.load() != before) FAIL("leak with a budget of " << budget);
    if (!code) return budget;
    if (*code != base::Code::kOutOfMemory) FAIL("wrong error with a budget of " << budget);
  }
}

}  // namespace

TEST_CASE("opening without memory is an error at every allocation") {
  const auto file = aligned(written(nine_patterns()));
  CHECK(failures_of([&] { return artifact::open_artifact(file.bytes()); }) > 100);
}

TEST_CASE("writing without memory is an error at every allocation") {
  const artifact::Model model = nine_patterns();
  CHECK(failures_of([&] { return artifact::write_artifact(model); }) > 100);
}
