// A child process and what its parent opened: every use says so at once, nothing hangs, and the parent does not notice.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <memory>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

using rdu::remote::testing::LoadedModel;
using rdu::remote::testing::NodeProcess;

namespace {

constexpr std::int64_t kWidth = 8;
constexpr unsigned kPatienceSeconds = 20;

// The exit code of a child that does `work`; 128 and its number where a signal ended it, as SIGALRM does when it hangs.
int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatienceSeconds);
    _exit(work());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_forked(const std::function<void()>& call) {
  try {
    call();
  } catch (const rdu::Error& error) {
    return error.code() == RDU_ERR_FORKED;
  }
  return false;
}

}  // namespace

TEST_CASE("a child that uses its parent's device is told so, and the parent goes on") {
  const rdu::remote::testing::Scratch scratch;
  rdu::remote::testing::write_tanh(scratch / "m.rdu", kWidth, 2);
  rdu::remote::testing::write_running_total(scratch / "total.rdu", kWidth);
  NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  auto model = std::make_unique<LoadedModel>(node.device(), scratch / "m.rdu");
  auto total = std::make_unique<LoadedModel>(node.device(), scratch / "total.rdu");
  auto state = std::make_unique<rdu::State>(total->program);
  const std::vector<float> x(kWidth, 0.5f);
  const std::vector<float> before = model->run(x);
  std::vector<float> read(kWidth);

  SECTION("a run") {
    CHECK(in_child([&] { return is_forked([&] { model->run(x); }) ? 0 : 1; }) == 0);
  }
  SECTION("a run that is submitted") {
    CHECK(in_child([&] {
            return is_forked([&] { model->program.submit({rdu::input(x, {kWidth})}).get(); }) ? 0
                                                                                              : 1;
          }) == 0);
  }
  SECTION("a state, and a run with one") {
    CHECK(in_child([&] {
            const bool run = is_forked([&] { total->run(x, state.get()); });
            const bool calls = is_forked([&] { state->read("total", read); }) &&
                               is_forked([&] { state->reset(); }) &&
                               is_forked([&] { rdu::State another(total->program); });
            return run && calls ? 0 : 1;
          }) == 0);
  }
  SECTION("another device and another program") {
    CHECK(in_child([&] {
            return is_forked([&] { model->context.open_device(node.device()); }) &&
                           is_forked([&] { LoadedModel(node.device(), scratch / "m.rdu"); })
                       ? 0
                       : 1;
          }) == 0);
  }
  SECTION("everything is let go") {
    CHECK(in_child([&] {
            state.reset();
            total.reset();
            model.reset();
            return 0;
          }) == 0);
  }
  CHECK(model->run(x) == before);
  CHECK(total->run(x, state.get()) == x);
}
