// What plugins pack: asked for, stored, handed back to devices of the target alone; older plugins do without.
#include <cstring>

#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

namespace {

std::string pack(std::vector<rdu_program*> programs) {
  rdu_bytes packed{};
  RDU_OK_(rdu_program_pack(programs.data(), static_cast<std::uint32_t>(programs.size()), &packed));
  return {static_cast<const char*>(packed.data), packed.size};
}

// The chain with `text` packed for the target "tests".
rdu::artifact::Model packed_chain(const std::string& text) {
  rdu::artifact::Model model = chain_model({3});
  model.packed.push_back({"tests", "a test", {std::as_bytes(std::span(text)), nullptr}});
  return model;
}

}  // namespace

TEST_CASE(
    "a program's executables are packed together, and their packing comes back to its target") {
  Fixture plain(chain_model({3}), {"test:?target=tests"});
  const std::string first = pack({plain.program.get()});
  CHECK(first == "x");
  CHECK(pack({plain.program.get(), plain.program.get()}) == "xx");
  const std::string large(100'000, 'w');  // a segment of its own
  for (const std::string& text : {first, large}) {
    Fixture again(packed_chain(text), {"test:?target=tests"});
    CHECK(pack({again.program.get()}) == text + "+");
    REQUIRE(check_chain(again.program.get(), 3, 1.5f) == "OK");
    Fixture others(packed_chain(text), {"test:?target=others"});
    CHECK(pack({others.program.get()}) == "x");
  }
}

TEST_CASE("what cannot be packed is told") {
  const Context context = make_context();
  RDU_OK_(rdu_plugin_register(context.get(), "short", short_plugin));
  const ArtifactBytes bytes(packed_chain("x"));
  const Artifact artifact = open_artifact(context, bytes);
  const Device device = open_device(context, "short:?target=tests");
  rdu_device* devices[] = {device.get()};
  rdu_program* program = nullptr;
  RDU_OK_(rdu_program_load(artifact.get(), devices, 1, nullptr, &program));
  const Program owner(program);
  CHECK(check_chain(program, 3, 1.5f) == "OK");
  rdu_bytes packed{};
  CHECK_THAT(words(rdu_program_pack(&program, 1, &packed)),
             Catch::Contains("plugin 'short' packs nothing ahead of time"));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_program_pack(&program, 0, &packed));
  Fixture test(chain_model({3}));
  rdu_program* two[] = {test.program.get(), program};
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_program_pack(two, 2, &packed));
}
