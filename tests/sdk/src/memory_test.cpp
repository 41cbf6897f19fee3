// Every allocation fails once: the call says so, nothing leaks, and the next try works.
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>

#include "tests/sdk/src/support/harness.hpp"

// GCC sees free() below meet memory of the operator new that it thinks is the library's.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

using namespace rdu::test;

namespace {

// Allocations until one fails, in this thread; negative: none does.
thread_local long countdown = -1;

bool fails_now() { return countdown >= 0 && countdown-- == 0; }

struct Ledger {
  std::mutex mutex;
  std::map<void*, std::uint64_t> blocks;
  std::uint64_t allocations = 0;
  bool consistent = true;

  static void* allocate(void* user, std::uint64_t bytes, std::uint64_t alignment) {
    auto& ledger = *static_cast<Ledger*>(user);
    if (fails_now()) return nullptr;
    const std::lock_guard lock(ledger.mutex);
    const long kept = std::exchange(countdown, -1);
    void* data = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    ledger.blocks[data] = bytes;
    ++ledger.allocations;
    countdown = kept;
    return data;
  }
  static void release(void* user, void* data, std::uint64_t bytes) {
    auto& ledger = *static_cast<Ledger*>(user);
    const std::lock_guard lock(ledger.mutex);
    const auto found = ledger.blocks.find(data);
    ledger.consistent = ledger.consistent && found != ledger.blocks.end() && found->second == bytes;
    if (found != ledger.blocks.end()) ledger.blocks.erase(found);
    std::free(data);
  }
  rdu_allocator allocator() { return {RDU_HEADER(rdu_allocator), this, allocate, release}; }
};

// Runs `body` with the n-th allocation failing, for n = 0, 1, … until it succeeds. Returns how often it failed.
template <class Body>
int fail_each(Body&& body) {
  for (int n = 0; n < 100'000; ++n) {
    countdown = n;
    rdu_status* status = body();
    countdown = -1;
    if (!status) return n;
    REQUIRE(code(status) == RDU_ERR_OUT_OF_MEMORY);
  }
  FAIL("there is no end to it");
  return 0;
}

}  // namespace

void* operator new(std::size_t size) {
  void* data = fails_now() ? nullptr : std::malloc(size ? size : 1);
  if (!data) throw std::bad_alloc();
  return data;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return fails_now() ? nullptr : std::malloc(size ? size : 1);
}
void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
void operator delete(void* data, const std::nothrow_t&) noexcept { std::free(data); }

TEST_CASE("opening, loading and running survive the failure of each allocation") {
  const auto uri = GENERATE("test:", "test:?memory=device");
  Ledger ledger;
  const rdu_allocator allocator = ledger.allocator();
  {
    const Context context = make_context(&allocator);
    const ArtifactBytes bytes(chain_model({1, 2}));
    rdu_artifact* artifact = nullptr;
    CHECK(fail_each([&] {
            return rdu_artifact_open_memory(context.get(), bytes.data(), bytes.size(), nullptr,
                                            &artifact);
          }) > 10);
    const Artifact artifact_owner(artifact);
    const Device device = open_device(context, uri);
    rdu_device* list[] = {device.get()};
    rdu_program* program = nullptr;
    CHECK(fail_each([&] { return rdu_program_load(artifact, list, 1, nullptr, &program); }) > 10);
    const Program program_owner(program);

    // Not aligned, and an output that the runtime allocates: a run that needs all its memory.
    std::vector<float> data(32, 1.0f);
    std::vector<rdu_tensor> inputs = {f32(data, {2, 5})};
    inputs[0].data = data.data() + 1;
    std::vector<rdu_tensor> outputs(1);
    outputs[0].header = RDU_HEADER(rdu_tensor);
    const rdu_run_args call = args(inputs, outputs);
    CHECK(fail_each([&] { return rdu_run(program, &call); }) > 3);
    CHECK(static_cast<float*>(outputs[0].data)[0] == chain_y(1, 0));
    rdu_tensor_release(&outputs[0]);

    outputs[0].dtype = RDU_DTYPE_NONE;
    rdu_event* event = nullptr;
    CHECK(fail_each([&] { return rdu_submit(program, &call, &event); }) > 3);
    rdu_event_state state = RDU_EVENT_PENDING;
    RDU_OK_(rdu_event_wait(event, RDU_FOREVER, &state));
    CHECK(state == RDU_EVENT_DONE);
    rdu_event_destroy(event);
    rdu_tensor_release(&outputs[0]);
  }
  CHECK(ledger.blocks.empty());
  CHECK(ledger.consistent);
  CHECK(alive().executables == 0);
  CHECK(alive().buffers == 0);
}

TEST_CASE("states survive the failure of each allocation") {
  Ledger ledger;
  const rdu_allocator allocator = ledger.allocator();
  {
    Fixture model(running_sum_model(), {"test:"}, &allocator);
    rdu_state *state = nullptr, *clone = nullptr;
    CHECK(fail_each([&] { return rdu_state_create(model.program.get(), nullptr, 0, &state); }) > 2);
    CHECK(fail_each([&] { return rdu_state_clone(state, &clone); }) > 2);
    rdu_state_destroy(state);
    rdu_state_destroy(clone);
  }
  CHECK(ledger.blocks.empty());
}

TEST_CASE("after the first run nothing is allocated any more") {
  const auto uri = GENERATE("test:", "test:?memory=device");
  Ledger ledger;
  const rdu_allocator allocator = ledger.allocator();
  Fixture model(chain_model({1, 2}), {uri}, &allocator);
  Floats x(10), y(10);
  std::vector<rdu_tensor> inputs = {x.tensor({2, 5})}, outputs = {y.tensor({2, 5})};
  inputs[0].name = "x";
  const rdu_run_args call = args(inputs, outputs);
  RDU_OK_(rdu_run(model.program.get(), &call));
  const std::uint64_t before = ledger.allocations;
  for (int i = 0; i < 10; ++i) RDU_OK_(rdu_run(model.program.get(), &call));
  CHECK(ledger.allocations == before);
}
