// Makes names unique by numbering repetitions.
#include "tools/rducc/passes/name_nodes.hpp"

#include <map>
#include <set>
#include <string>

namespace rducc::passes {
namespace {

class UniqueNames {
 public:
  std::string take(const std::string& wanted) {
    if (taken_.insert(wanted).second) return wanted;
    for (std::size_t& number = next_[wanted];;) {
      std::string candidate = wanted + "." + std::to_string(++number);
      if (taken_.insert(candidate).second) return candidate;
    }
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, std::size_t> next_;
};

}  // namespace

void name_nodes(rdu::artifact::Variant& variant) {
  UniqueNames names;
  for (auto& graph : variant.graphs) {
    for (auto& node : graph.nodes) {
      node.name = names.take(node.name.empty() ? "node" : node.name);
      for (const auto& write : node.writes) {
        auto& value = variant.values[write.value];
        if (value.name.empty()) value.name = node.name;
      }
    }
  }
}

}  // namespace rducc::passes
