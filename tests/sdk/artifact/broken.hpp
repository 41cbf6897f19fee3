// Graphs that break one rule: a legal one that uses everything, changed.
#pragma once

#include <functional>
#include <string>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/validate.hpp"

namespace rdu::testing {

// Values and nodes are found by name.
class Broken {
 public:
  explicit Broken(artifact::Variant variant) : variant(std::move(variant)) {}

  artifact::Node& node(const std::string& name);
  std::uint32_t id(const std::string& name) const;
  artifact::Value& value(const std::string& name) { return variant.values[id(name)]; }

  artifact::Variant variant;
};

artifact::Variant legal();

// After the change the validator names `rule`.
void breaks(const std::string& rule, const std::function<void(Broken&)>& change);
void breaks_flat(const std::string& rule, const std::function<void(artifact::FlatGraph&)>& change);
// The same with a model whose variables grow.
void breaks_growth(const std::string& rule, const std::function<void(Broken&)>& change);
// The writer does.
void breaks_model(const std::string& rule, const std::function<void(artifact::Model&)>& change);

}  // namespace rdu::testing
