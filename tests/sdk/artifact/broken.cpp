// How a rule is broken on purpose.
#include "tests/sdk/artifact/broken.hpp"

#include <catch2/catch.hpp>

#include "tests/sdk/artifact/support.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/nine_patterns.hpp"

namespace rdu::testing {

namespace {

void expect_rule(const std::string& rule, const base::Result<void>& result) {
  INFO("rule " << rule);
  REQUIRE(!result);
  CHECK(result.error().code == base::Code::kCorrupt);
  CHECK_THAT(result.error().message, Catch::EndsWith("[" + rule + "]"));
}

void expect_broken(const std::string& rule, Broken broken,
                   const std::function<void(Broken&)>& change) {
  change(broken);
  const auto flat = artifact::flatten(broken.variant);
  REQUIRE(flat);
  expect_rule(rule, artifact::validate_graph(flat->view()));
}

}  // namespace

artifact::Node& Broken::node(const std::string& name) {
  for (artifact::Graph& graph : variant.graphs) {
    for (artifact::Node& node : graph.nodes) {
      if (node.name == name) return node;
    }
  }
  FAIL("no node " << name);
  return variant.graphs[0].nodes[0];
}

std::uint32_t Broken::id(const std::string& name) const {
  for (std::uint32_t i = 0; i < variant.values.size(); ++i) {
    if (variant.values[i].name == name) return i;
  }
  FAIL("no value " << name);
  return 0;
}

artifact::Variant legal() { return nine_patterns().signatures[0].variants[0]; }

void breaks(const std::string& rule, const std::function<void(Broken&)>& change) {
  expect_broken(rule, Broken(legal()), change);
}

void breaks_growth(const std::string& rule, const std::function<void(Broken&)>& change) {
  expect_broken(rule, Broken(cached_attention({2}, 6).signatures[0].variants[0]), change);
}

void breaks_flat(const std::string& rule, const std::function<void(artifact::FlatGraph&)>& change) {
  const artifact::Variant variant = legal();
  auto flat = artifact::flatten(variant);
  REQUIRE(flat);
  change(*flat);
  expect_rule(rule, artifact::validate_graph(flat->view()));
}

void breaks_model(const std::string& rule, const std::function<void(artifact::Model&)>& change) {
  artifact::Model model = nine_patterns();
  change(model);
  INFO("rule " << rule);
  CHECK_THAT(write_error(model), Catch::EndsWith("[" + rule + "]"));
}

}  // namespace rdu::testing
