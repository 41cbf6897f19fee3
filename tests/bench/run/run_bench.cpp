// What a run costs beside its work: y = x of 1 KB and of 600 KB, called, submitted, and with 32 runs in flight, on the
// device that RDU_BENCH_DEVICE names (cpu:). With the same model behind remote:… the difference is what the wire adds.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <rdu/rdu.hpp>

#include "sdk/artifact/writer.hpp"
#include "tests/support/model_builder.hpp"

using namespace rdu;

namespace {

constexpr std::size_t kInFlight = 32;

artifact::Model identity(std::int64_t count) {
  testing::ModelBuilder builder;
  const auto x = builder.input("x", RDU_DTYPE_F32, {count});
  builder.output(builder.map("y", RDU_DTYPE_F32, {count}, {testing::read(x, testing::identity(1))},
                             testing::program({testing::instr(RDU_OP_LOAD, RDU_DTYPE_F32)})));
  return builder.build("identity");
}

const Context& context() {
  static const Context context;
  return context;
}

Device device() {
  const char* uri = std::getenv("RDU_BENCH_DEVICE");
  return context().open_device(uri ? uri : "cpu:");
}

// The program and aligned tensors for as many runs as are in flight.
struct Identity {
  explicit Identity(std::int64_t bytes) : count(bytes / 4), program(load(), {device()}) {
    for (std::size_t i = 0; i < kInFlight; ++i) {
      x.push_back(aligned());
      y.push_back(aligned());
    }
  }

  Artifact load() const {
    const std::string path = "run_bench." + std::to_string(::getpid()) + ".rdu";
    if (!artifact::write_artifact(identity(count), path)) std::abort();
    Artifact artifact = context().open_artifact(path);
    std::remove(path.c_str());
    return artifact;
  }

  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  using Data = std::unique_ptr<float, Free>;
  Data aligned() const {
    const std::size_t bytes = (static_cast<std::size_t>(count) * 4 + 63) / 64 * 64;
    Data data(static_cast<float*>(std::aligned_alloc(64, bytes)));
    std::fill_n(data.get(), count, 1.0f);
    return data;
  }

  rdu_tensor tensor(float* data) const {
    auto tensor = detail::sized<rdu_tensor>();
    tensor.data = data;
    tensor.size_bytes = static_cast<std::uint64_t>(count) * 4;
    tensor.dtype = RDU_DTYPE_F32;
    tensor.rank = 1;
    tensor.shape[0] = count;
    return tensor;
  }

  // Of slot `i`; the tensors are the caller's.
  rdu_run_args args(std::size_t i, rdu_tensor& in, rdu_tensor& out) const {
    in = tensor(x[i].get());
    out = tensor(y[i].get());
    auto args = detail::sized<rdu_run_args>();
    args.inputs = rdu_tensors(&in, 1);
    args.outputs = rdu_tensors(&out, 1);
    return args;
  }

  std::int64_t count;
  Program program;
  std::vector<Data> x, y;
};

void called(benchmark::State& state) {
  const Identity model(state.range(0));
  rdu_tensor in, out;
  const rdu_run_args args = model.args(0, in, out);
  for (auto _ : state) check(rdu_run(model.program.get(), &args));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
}

void finish(rdu_event* event) {
  rdu_event_state ended = RDU_EVENT_PENDING;
  check(rdu_event_wait(event, RDU_FOREVER, &ended));
  check(rdu_event_get_result(event));
  rdu_event_destroy(event);
}

void submitted(benchmark::State& state) {
  const Identity model(state.range(0));
  rdu_tensor in, out;
  const rdu_run_args args = model.args(0, in, out);
  for (auto _ : state) {
    rdu_event* event = nullptr;
    check(rdu_submit(model.program.get(), &args, &event));
    finish(event);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
}

void in_flight(benchmark::State& state) {
  const Identity model(state.range(0));
  std::vector<rdu_tensor> in(kInFlight), out(kInFlight);
  std::vector<rdu_event*> events(kInFlight);
  const auto submit = [&](std::size_t i) {
    const rdu_run_args args = model.args(i, in[i], out[i]);
    check(rdu_submit(model.program.get(), &args, &events[i]));
  };
  for (std::size_t i = 0; i < kInFlight; ++i) submit(i);
  std::size_t oldest = 0;
  for (auto _ : state) {
    finish(events[oldest]);
    submit(oldest);
    oldest = (oldest + 1) % kInFlight;
  }
  for (rdu_event* event : events) finish(event);
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
}

constexpr std::int64_t kSmall = 1024, kLarge = 600 * 1024;
BENCHMARK(called)->Arg(kSmall)->Arg(kLarge)->UseRealTime();
BENCHMARK(submitted)->Arg(kSmall)->Arg(kLarge)->UseRealTime();
BENCHMARK(in_flight)->Arg(kSmall)->Arg(kLarge)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
