// Buffers, DLPack and traces: what crosses the border besides tensors.
#include <dlpack/dlpack.h>
#include <rdu/dlpack.h>

#include <cstring>
#include <mutex>
#include <set>

#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

namespace {

Buffer make_buffer(const Device& device, std::uint64_t bytes) {
  rdu_buffer* buffer = nullptr;
  RDU_OK_(rdu_buffer_create(device.get(), bytes, &buffer));
  return Buffer(buffer);
}

}  // namespace

TEST_CASE("a buffer is read, written, mapped and copied on any device") {
  const Context context = make_context();
  const Device from = open_device(context, GENERATE("test:", "test:?memory=device"));
  const Device to = open_device(context, GENERATE("test:", "test:?memory=device"));
  const Buffer a = make_buffer(from, 100), b = make_buffer(to, 50);
  CHECK(rdu_buffer_get_size(a.get()) == 100);
  const char text[] = "forty-two";
  RDU_OK_(rdu_buffer_write(a.get(), 10, sizeof(text), text));
  RDU_OK_(rdu_buffer_copy(b.get(), 5, a.get(), 10, sizeof(text)));
  char back[sizeof(text)] = {};
  RDU_OK_(rdu_buffer_read(b.get(), 5, sizeof(text), back));
  CHECK(std::string(back) == text);

  void* data = nullptr;
  RDU_OK_(rdu_buffer_map(b.get(), RDU_MAP_READ | RDU_MAP_WRITE, &data));
  CHECK(std::string(static_cast<char*>(data) + 5) == text);
  RDU_FAILS(RDU_ERR_BUSY, rdu_buffer_map(b.get(), RDU_MAP_READ, &data));
  static_cast<char*>(data)[5] = 'F';
  RDU_OK_(rdu_buffer_unmap(b.get()));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_unmap(b.get()));
  RDU_OK_(rdu_buffer_read(b.get(), 5, 1, back));
  CHECK(back[0] == 'F');

  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_read(b.get(), 50, 1, back));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_write(b.get(), UINT64_MAX, 2, back));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_copy(b.get(), 0, a.get(), 60, 50));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_map(b.get(), 8, &data));
}

TEST_CASE("imported memory is used in place and given back once") {
  const Context context = make_context();
  const Device device = open_device(context, GENERATE("test:", "test:?memory=device"));
  Floats memory(16);
  int released = 0;
  const auto release = [](void* user, void*) { ++*static_cast<int*>(user); };
  rdu_buffer* buffer = nullptr;
  RDU_OK_(rdu_buffer_import(device.get(), memory.data(), 64, release, &released, &buffer));
  const float value = 42;
  RDU_OK_(rdu_buffer_write(buffer, 4, sizeof(value), &value));
  CHECK(memory[1] == 42);
  CHECK(released == 0);
  rdu_buffer_destroy(buffer);
  CHECK(released == 1);
}

TEST_CASE("runs take inputs from buffers and leave outputs in them") {
  const auto uri = GENERATE("test:", "test:?memory=device", "test:?memory=device&async=1");
  Fixture model(chain_model({2}), {uri});
  const Buffer in = make_buffer(model.devices[0], 128), out = make_buffer(model.devices[0], 128);
  Floats x(10, 4);
  RDU_OK_(rdu_buffer_write(in.get(), 64, 40, x.data()));
  std::vector<rdu_tensor> inputs = {x.tensor({2, 5})}, outputs = {x.tensor({2, 5})};
  inputs[0].data = outputs[0].data = nullptr;
  inputs[0].buffer = in.get();
  outputs[0].buffer = out.get();
  inputs[0].offset_bytes = outputs[0].offset_bytes = 64;
  const rdu_run_args call = args(inputs, outputs);
  for (int i = 0; i < 3; ++i) RDU_OK_(rdu_run(model.program.get(), &call));
  float y[10] = {};
  RDU_OK_(rdu_buffer_read(out.get(), 64, 40, y));
  for (int i = 0; i < 10; ++i) CHECK(y[i] == chain_y(x[i], chain_w(i % 5)));
  rdu_program_stats stats{};
  stats.header = RDU_HEADER(rdu_program_stats);
  RDU_OK_(rdu_program_get_stats(model.program.get(), &stats));
  CHECK(stats.copied_bytes == 0);

  inputs[0].offset_bytes = 100;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(model.program.get(), &call));
  inputs[0].offset_bytes = 64;
  outputs[0].offset_bytes = 128;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(model.program.get(), &call));
}

TEST_CASE("DLPack tensors go in and out without a copy") {
  Fixture model(chain_model({2}));
  Floats x(20, 1);
  std::int64_t shape[] = {2, 5}, strides[] = {10, 2};
  DLManagedTensor managed{};
  managed.dl_tensor = {.data = x.data(),
                       .device = {kDLCPU, 0},
                       .ndim = 2,
                       .dtype = {kDLFloat, 32, 1},
                       .shape = shape,
                       .strides = strides,
                       .byte_offset = 0};
  std::vector<rdu_tensor> inputs(1), outputs(1);
  RDU_OK_(rdu_tensor_from_dlpack(&managed, &inputs[0]));
  CHECK(inputs[0].data == x.data());
  outputs[0].header = RDU_HEADER(rdu_tensor);
  const rdu_run_args call = args(inputs, outputs);
  RDU_OK_(rdu_run(model.program.get(), &call));

  void* data = outputs[0].data;
  DLManagedTensor* exported = nullptr;
  RDU_OK_(rdu_tensor_to_dlpack(&outputs[0], &exported));
  CHECK(outputs[0].owner == nullptr);
  const DLTensor& y = exported->dl_tensor;
  CHECK(y.data == data);
  CHECK(y.dtype.bits == 32);
  REQUIRE(y.ndim == 2);
  CHECK(y.shape[1] == 5);
  CHECK(y.strides[0] == 5);
  for (int i = 0; i < 10; ++i) {
    CHECK(static_cast<float*>(y.data)[i] == chain_y(x[10 * (i / 5) + 2 * (i % 5)], chain_w(i % 5)));
  }
  exported->deleter(exported);

  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_tensor_to_dlpack(&inputs[0], &exported));
  managed.dl_tensor.device.device_type = kDLCUDA;
  RDU_FAILS(RDU_ERR_UNSUPPORTED, rdu_tensor_from_dlpack(&managed, &inputs[0]));
  managed.dl_tensor.device.device_type = kDLCPU;
  managed.dl_tensor.dtype.lanes = 4;
  RDU_FAILS(RDU_ERR_UNSUPPORTED, rdu_tensor_from_dlpack(&managed, &inputs[0]));
}

TEST_CASE("a trace has the run and its parts, and stops when told") {
  Fixture model(chain_model({2}), {"test:?refuse=z", "test:?memory=device"});
  struct Spans {
    std::mutex mutex;
    std::multiset<std::string> names;
    std::uint64_t tag = 0;
    bool ordered = true;
  } spans;
  const auto record = [](void* user, const rdu_trace_record* span) {
    auto& spans = *static_cast<Spans*>(user);
    const std::lock_guard lock(spans.mutex);
    spans.names.insert(std::string(span->category) + "/" + span->name);
    spans.ordered = spans.ordered && span->begin_ns <= span->end_ns && span->begin_ns > 0;
    if (std::string(span->name) == "run") spans.tag = span->user_tag;
  };
  RDU_OK_(rdu_context_set_trace(model.context.get(), record, &spans));
  Floats x(10);
  const std::vector<rdu_tensor> inputs = {x.tensor({2, 5})};
  std::vector<rdu_tensor> none;
  rdu_run_args call = args(inputs, none);
  call.user_tag = 77;
  RDU_OK_(rdu_run(model.program.get(), &call));
  RDU_OK_(rdu_context_set_trace(model.context.get(), nullptr, nullptr));
  RDU_OK_(rdu_run(model.program.get(), &call));
  CHECK(spans.names == std::multiset<std::string>{"copy/download", "copy/upload", "run/run",
                                                  "step/step", "step/step", "step/step"});
  CHECK(spans.tag == 77);
  CHECK(spans.ordered);
}
