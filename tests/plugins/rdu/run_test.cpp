// Sections on the chip through the ordinary C API, beside the reference device.
#include <numeric>
#include <thread>

#include "tests/plugins/rdu/models.hpp"
#include "tests/plugins/rdu/session.hpp"

using namespace chip_test;
using rdu::artifact::Model;
using rdu::test::chain_w;
using rdu::test::chain_y;
using rdu::test::check_chain;

namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), -3.5f);
  return values;
}

const std::vector<std::string> kChip = {"rdu:sara20"};

// The whole chain as one payload.
Model whole_model(std::uint64_t hash, const std::vector<std::int64_t>& batches) {
  Model model = rdu::test::chain_model(batches);
  for (std::size_t v = 0; v < batches.size(); ++v) {
    const auto count = static_cast<std::uint32_t>(batches[v] * 5);
    add_cut(model.signatures[0].variants[v], hash,
            {section(0, 4, payload(whole_chain(hash, count)))});
  }
  return model;
}

// The chain of 2 x 5, of which the last node never ends.
Model endless_model() {
  const std::uint64_t hash = hash_of("sara20");
  return chain_on_chip(hash, {2}, [&](std::uint32_t node, std::vector<std::byte>& bytes) {
    if (node != 3) return;
    rdu_hw::image::Package endless;
    endless.image = endless_image(hash, 10);
    endless.bindings = {rdu_hw::image::bind_value(3, RDU_HW_MOVE_IN, 40),
                        rdu_hw::image::bind_value(5, RDU_HW_MOVE_OUT, 40)};
    bytes = payload(endless);
  });
}

}  // namespace

TEST_CASE("four packages, values stay on the device between them") {
  Session session(chain_on_chip(hash_of("sara20"), {2, 7}), kChip);
  CHECK(session.placed() == std::vector<std::string>(8, "rdu:sara20"));
  session.must_load();
  Session reference(rdu::test::chain_model({2, 7}), {"reference:"});
  reference.must_load();
  for (const std::int64_t batch : {7, 2, 7}) {
    const auto x = ramp(static_cast<std::size_t>(batch) * 5);
    CHECK(run_floats(session, x, {batch, 5}, 2) == run_floats(reference, x, {batch, 5}, 2));
  }
}

TEST_CASE("one package with four sections and scratch between them") {
  Session session(whole_model(hash_of("sara20"), {3}), kChip);
  session.must_load();
  const auto x = ramp(15);
  const auto results = run_floats(session, x, {3, 5}, 2);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float w = chain_w(static_cast<std::int64_t>(i % 5));
    CHECK(results[0][i] == chain_y(x[i], w));
    CHECK(results[1][i] == 2 * x[i] + w);
  }
}

TEST_CASE("weights from the package's own data") {
  const std::uint64_t hash = hash_of("sara20");
  Session session(chain_on_chip(hash, {2},
                                [&](std::uint32_t node, std::vector<std::byte>& bytes) {
                                  if (node == 1) {
                                    bytes = payload(chain_node(hash, 1, 10, Weights::kPacked));
                                  }
                                }),
                  kChip);
  session.must_load();
  CHECK(check_chain(session.program.get(), 2, 0.5f) == "OK");
}

TEST_CASE("what the compiler left to others runs there") {
  const auto leave = [](std::uint32_t node, std::vector<std::byte>& bytes) {
    if (node == 1) bytes.clear();
  };
  Session session(chain_on_chip(hash_of("sara20"), {2}, leave), {"rdu:sara20", "reference:"});
  session.must_load();
  CHECK(session.placed()[1] ==
        "reference: not NOT_COMPILED: rducc --target rdu:sara20 compiles it for this chip");
  CHECK(check_chain(session.program.get(), 2, 1) == "OK");
}

TEST_CASE("runs from many threads take turns") {
  Session session(whole_model(hash_of("sara20"), {4}), kChip);
  session.must_load();
  std::vector<std::string> outcomes(4, "not run");
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < outcomes.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        outcomes[t] = check_chain(session.program.get(), 4, static_cast<float>(t * 10 + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(outcomes == std::vector<std::string>(4, "OK"));
}

TEST_CASE("two programs on one chip take turns") {
  Session one(whole_model(hash_of("sara20"), {4}), kChip);
  one.must_load();
  const ArtifactBytes bytes(chain_on_chip(hash_of("sara20"), {2}));
  const Artifact artifact = rdu::test::open_artifact(one.context, bytes);
  rdu_program* loaded = nullptr;
  RDU_OK_(rdu_program_load(artifact.get(), one.list.data(), 1, nullptr, &loaded));
  const Program two(loaded);
  std::string first, second;
  std::thread other([&] {
    for (int i = 0; i < 5; ++i) second = check_chain(two.get(), 2, static_cast<float>(i));
  });
  for (int i = 0; i < 5; ++i) first = check_chain(one.program.get(), 4, static_cast<float>(i));
  other.join();
  CHECK(first == "OK");
  CHECK(second == "OK");
}

TEST_CASE("a run on the chip ends at its deadline, and the chip is free again") {
  Session session(endless_model(), kChip);
  session.must_load();
  std::vector<float> x(10), y(10), z(10);
  const std::vector<rdu_tensor> inputs = {rdu::test::f32(x, {2, 5})};
  std::vector<rdu_tensor> outputs = {rdu::test::f32(y, {2, 5}), rdu::test::f32(z, {2, 5})};
  rdu_run_args call = rdu::test::args(inputs, outputs);
  call.timeout_us = 50'000;
  for (int i = 0; i < 2; ++i) {
    RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_run(session.program.get(), &call));
  }
}

TEST_CASE("a run on the chip is cancelled, and others wait until then") {
  Session session(endless_model(), kChip);
  session.must_load();
  std::vector<float> x(10), y(10), z(10);
  const std::vector<rdu_tensor> inputs = {rdu::test::f32(x, {2, 5})};
  std::vector<rdu_tensor> outputs = {rdu::test::f32(y, {2, 5}), rdu::test::f32(z, {2, 5})};
  const rdu_run_args call = rdu::test::args(inputs, outputs);
  for (int i = 0; i < 2; ++i) {
    rdu_event* raw = nullptr;
    RDU_OK_(rdu_submit(session.program.get(), &call, &raw));
    const rdu::test::Event event(raw);
    rdu_event_state state = RDU_EVENT_DONE;
    RDU_OK_(rdu_event_wait(raw, 30'000, &state));
    CHECK(state == RDU_EVENT_PENDING);
    rdu_event_cancel(raw);
    RDU_OK_(rdu_event_wait(raw, RDU_FOREVER, &state));
    CHECK(state == RDU_EVENT_CANCELLED);
  }
}

TEST_CASE("memory is counted before the first run") {
  Session session(whole_model(hash_of("sara20"), {4}), kChip);
  session.must_load();
  rdu_memory_info info{};
  info.header = RDU_HEADER(rdu_memory_info);
  RDU_OK_(rdu_program_get_memory(session.program.get(), &info));
  // Scratch of two tensors, of which the first is padded to 128 bytes, and the weights.
  CHECK(info.resident_bytes == 128 + 80 + 80);
  // x, z and y, 128 bytes each: those of a payload share nothing, whenever they are used. What lives only inside it is not there.
  CHECK(info.arena_bytes == 3 * 128);
}
