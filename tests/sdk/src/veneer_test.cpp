// rdu.hpp: the C API as C++ owners and exceptions.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <rdu/rdu.hpp>

#include "tests/sdk/src/support/harness.hpp"

namespace {

using rdu::test::ArtifactBytes;
using rdu::test::chain_w;
using rdu::test::chain_y;

// The artifact as a file, which goes at the end of the test.
class ArtifactFile {
 public:
  explicit ArtifactFile(const rdu::artifact::Model& model)
      : path_("veneer_test." + std::to_string(::getpid()) + ".rdu") {
    const ArtifactBytes bytes(model);
    std::ofstream(path_, std::ios::binary)
        .write(static_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~ArtifactFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

rdu::Context test_context() {
  rdu::Context context;
  rdu::check(rdu_plugin_register(context.get(), "test", rdu::test::test_plugin));
  return context;
}

}  // namespace

TEST_CASE("the veneer loads, describes and runs") {
  const ArtifactFile file(rdu::test::chain_model({2}));
  const rdu::Context context = test_context();
  const rdu::Artifact artifact = context.open_artifact(file.path());
  REQUIRE(artifact.inputs().size() == 1);
  CHECK(artifact.inputs()[0].name == "x");
  CHECK(artifact.outputs()[1].shape == rdu::Shape{2, 5});
  const rdu::Program program(artifact, {context.open_device("test:")});
  const std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  const rdu::Outputs outputs = program.run({rdu::input(x, {2, 5})});
  REQUIRE(outputs.size() == 2);
  const std::span<const float> y = outputs[0].data<float>();
  REQUIRE(y.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(y[i] == chain_y(x[i], chain_w(static_cast<std::int64_t>(i % 5))));
  }
  CHECK(outputs[0].data<double>().empty());

  std::vector<float> z(10);
  program.run_into({rdu::input(x, {2, 5}, "x")}, {rdu::output(z, {2, 5}, "z")});
  CHECK(z[9] == 18 + chain_w(4));

  rdu::Run run = program.submit({rdu::input(x, {2, 5})});
  CHECK(run.wait());
  CHECK(run.ended());
  CHECK(run.get()[1].data<float>()[9] == z[9]);
  CHECK(program.memory().per_run_bytes > 0);
}

TEST_CASE("the veneer throws what went wrong") {
  const ArtifactFile file(rdu::test::chain_model({2}));
  const rdu::Context context = test_context();
  const rdu::Program program(context.open_artifact(file.path()),
                             {context.open_device("test:?fail_at=1")});
  const std::vector<float> x(10);
  try {
    program.run({rdu::input(x, {2, 5})});
    FAIL("the device should have failed");
  } catch (const rdu::Error& error) {
    CHECK(error.code() == RDU_ERR_DEVICE);
    CHECK(error.plugin() == "test");
    CHECK(error.section() == 0u);
    CHECK(std::string(error.what()) == "the device failed as told");
  }
  CHECK_THROWS_AS(program.run({rdu::input(x, {5, 2})}), rdu::Error);
  CHECK_THROWS_AS(context.open_artifact("nowhere.rdu"), rdu::Error);
  CHECK_THROWS_AS(context.open_device("nowhere:"), rdu::Error);
}

TEST_CASE("the veneer keeps states") {
  const ArtifactFile file(rdu::test::running_sum_model());
  const rdu::Context context = test_context();
  const rdu::Program program(context.open_artifact(file.path()), {context.open_device("test:")});
  rdu::State state(program);
  const std::vector<float> x(4, 1.0f);
  program.run({rdu::input(x, {4})}, {.state = &state});
  std::vector<float> total(4);
  state.read("total", total);
  CHECK(total == std::vector<float>{11, 21, 31, 41});
  const rdu::State copy = state.clone();
  state.reset();
  copy.read("total", total);
  CHECK(total[0] == 11);
  CHECK_THROWS_AS(program.run({rdu::input(x, {4})}), rdu::Error);
}
