// Synchronous runs: binding, variants, delivery.
#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

TEST_CASE("a chain of sections computes what its nodes say on every kind of device") {
  const auto uris = GENERATE(
      std::vector<std::string>{"test:"}, std::vector<std::string>{"test:?memory=device"},
      std::vector<std::string>{"test:?async=1"}, std::vector<std::string>{"test:?async=1&blind=1"},
      std::vector<std::string>{"test:?memory=device&async=1&delay_us=50"},
      std::vector<std::string>{"test:?alignment=4096"},
      std::vector<std::string>{"test:?refuse=z", "test:?memory=device"},
      std::vector<std::string>{"test:?memory=device&refuse=plus", "test:"},
      std::vector<std::string>{"test:?memory=device&refuse=z", "test:?memory=device&async=1"});
  CAPTURE(uris);
  {
    Fixture model(chain_model({3}), uris);
    for (int i = 0; i < 5; ++i) REQUIRE(check_chain(model.program.get(), 3, 1.5f * i) == "OK");
  }
  const Alive left = alive();
  CHECK(left.plugins == 0);
  CHECK(left.devices == 0);
  CHECK(left.buffers == 0);
  CHECK(left.executables == 0);
  CHECK(left.events == 0);
}

TEST_CASE("tensors that cannot be used in place are copied") {
  Fixture model(chain_model({2}));
  std::vector<float> memory(64), result(64);
  // One float past an aligned address, and every second element of rows that are 12 long.
  float* x = memory.data() + 1;
  const std::int64_t strides[] = {12, 2};
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 5; ++j) x[12 * i + 2 * j] = static_cast<float>(10 * i + j);
  }
  std::vector<rdu_tensor> inputs = {f32(memory, {2, 5})};
  inputs[0].data = x;
  inputs[0].strides = strides;
  std::vector<rdu_tensor> outputs = {f32(result, {2, 5})};
  outputs[0].data = result.data() + 1;
  outputs[0].size_bytes = 10 * sizeof(float);
  const rdu_run_args call = args(inputs, outputs);
  RDU_OK_(rdu_run(model.program.get(), &call));
  for (int i = 0; i < 10; ++i) {
    CHECK(result[1 + i] == chain_y(x[12 * (i / 5) + 2 * (i % 5)], chain_w(i % 5)));
  }
  CHECK(result[0] == 0);
  CHECK(result[11] == 0);
  rdu_program_stats stats{};
  stats.header = RDU_HEADER(rdu_program_stats);
  RDU_OK_(rdu_program_get_stats(model.program.get(), &stats));
  CHECK(stats.copied_bytes == 2 * 10 * sizeof(float));
  CHECK(stats.num_runs == 1);
}

TEST_CASE("an output without memory is allocated and outlives the program") {
  rdu_tensor z{};
  {
    Fixture model(chain_model({2}));
    Floats x(10);
    const std::vector<rdu_tensor> inputs = {x.tensor({2, 5})};
    std::vector<rdu_tensor> outputs(1);
    outputs[0].header = RDU_HEADER(rdu_tensor);
    outputs[0].name = "z";
    const rdu_run_args call = args(inputs, outputs);
    RDU_OK_(rdu_run(model.program.get(), &call));
    z = outputs[0];
  }
  REQUIRE(z.dtype == RDU_DTYPE_F32);
  REQUIRE(z.rank == 2);
  REQUIRE(z.shape[0] == 2);
  REQUIRE(z.shape[1] == 5);
  CHECK(static_cast<float*>(z.data)[7] == 2 * 7 + chain_w(2));
  rdu_tensor_release(&z);
  CHECK(z.data == nullptr);
  rdu_tensor_release(&z);
}

TEST_CASE("the shape of the inputs picks the variant") {
  Fixture model(chain_model({1, 4, 16}));
  CHECK(check_chain(model.program.get(), 4, 0) == "OK");
  CHECK(check_chain(model.program.get(), 16, 0) == "OK");
  CHECK(check_chain(model.program.get(), 1, 0) == "OK");
  const std::string refused = check_chain(model.program.get(), 2, 0);
  CHECK_THAT(refused, Catch::StartsWith("SHAPE_MISMATCH"));
  CHECK_THAT(refused, Catch::Contains("x[2,5]") && Catch::Contains("batch=16 (x f32[16,5])"));

  Floats x(20);
  const std::vector<rdu_tensor> inputs = {x.tensor({4, 5})};
  std::vector<rdu_tensor> outputs(2);
  for (rdu_tensor& output : outputs) output.header = RDU_HEADER(rdu_tensor);
  const rdu_run_args call = args(inputs, outputs);
  std::uint32_t variant = 99;
  RDU_OK_(rdu_program_get_output_shapes(model.program.get(), &call, &variant));
  CHECK(variant == 1);
  CHECK(outputs[1].shape[0] == 4);
  CHECK(outputs[1].size_bytes == 80);
  CHECK(outputs[1].data == nullptr);
}

TEST_CASE("the value of a specialised input picks the variant") {
  Fixture model(specialised_model());
  Floats x(3, 5), y(3);
  std::int64_t k = 2;
  std::vector<rdu_tensor> inputs = {x.tensor({3}), x.tensor({1})};
  inputs[1].data = &k;
  inputs[1].dtype = RDU_DTYPE_I64;
  inputs[1].size_bytes = sizeof(k);
  std::vector<rdu_tensor> outputs = {y.tensor({3})};
  const rdu_run_args call = args(inputs, outputs);
  RDU_OK_(rdu_run(model.program.get(), &call));
  CHECK(y.values() == std::vector<float>{7, 8, 9});
  k = 1;
  RDU_OK_(rdu_run(model.program.get(), &call));
  CHECK(y.values() == std::vector<float>{6, 7, 8});
  k = 3;
  const std::string refused = words(rdu_run(model.program.get(), &call));
  CHECK_THAT(refused, Catch::StartsWith("SHAPE_MISMATCH") && Catch::Contains("k i64[1]={2}"));
}

TEST_CASE("a call that does not fit says what is wrong") {
  Fixture model(chain_model({2}));
  Floats x(10), y(10);
  std::vector<rdu_tensor> inputs = {x.tensor({2, 5})};
  std::vector<rdu_tensor> outputs = {y.tensor({2, 5})};
  rdu_run_args call = args(inputs, outputs);
  rdu_program* program = model.program.get();

  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(nullptr, &call));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, nullptr));
  call.signature = "train";
  CHECK_THAT(words(rdu_run(program, &call)), Catch::Contains("'train'; the artifact has infer"));
  call.signature = "infer";
  RDU_OK_(rdu_run(program, &call));

  inputs[0].dtype = RDU_DTYPE_I32;
  RDU_FAILS(RDU_ERR_DTYPE_MISMATCH, rdu_run(program, &call));
  inputs[0] = x.tensor({2, 5});
  inputs[0].name = "X";
  CHECK(words(rdu_run(program, &call)) == "NOT_FOUND: there is no input 'X'; there are x");
  inputs[0].name = nullptr;
  inputs[0].size_bytes = 39;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0].size_bytes = 0;
  inputs[0].data = nullptr;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0].data = x.data();
  inputs[0].rank = 9;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0].rank = 2;
  inputs[0].header.struct_size = 3;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0] = x.tensor({2, 5});

  const std::int64_t beyond[] = {6, 1}, negative[] = {5, -1}, huge[] = {INT64_MAX, INT64_MAX};
  inputs[0].strides = beyond;
  CHECK_THAT(words(rdu_run(program, &call)), Catch::Contains("its last element at 10"));
  inputs[0].strides = negative;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0].strides = huge;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_run(program, &call));
  inputs[0] = x.tensor({2, 5});

  outputs[0].size_bytes = 39;
  RDU_FAILS(RDU_ERR_SHAPE_MISMATCH, rdu_run(program, &call));
  outputs[0] = y.tensor({2, 5});
  call.inputs.count = 0;
  CHECK(words(rdu_run(program, &call)) == "INVALID_ARGUMENT: input 'x' is missing");
  call.inputs.count = 1;
  rdu_state* no_state = nullptr;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_state_create(program, nullptr, 0, &no_state));
  RDU_OK_(rdu_run(program, &call));
}

TEST_CASE("a device that fails names itself, and the next run is fine") {
  const auto uri = GENERATE("test:?fail_at=2", "test:?fail_at=2&async=1");
  Fixture model(chain_model({2}), {uri});
  CHECK(check_chain(model.program.get(), 2, 0) == "OK");
  Floats x(10);
  const std::vector<rdu_tensor> inputs = {x.tensor({2, 5})};
  std::vector<rdu_tensor> outputs(1);
  outputs[0].header = RDU_HEADER(rdu_tensor);
  const rdu_run_args call = args(inputs, outputs);
  const StatusOwner status(rdu_run(model.program.get(), &call));
  CHECK(rdu_status_code(status.get()) == RDU_ERR_DEVICE);
  CHECK(std::string(rdu_status_plugin(status.get())) == "test");
  CHECK(rdu_status_section(status.get()) == 0);
  CHECK(outputs[0].data == nullptr);
  CHECK(check_chain(model.program.get(), 2, 0) == "OK");
}
