// D6 to D8, S3 to S6: how a variant's graph answers its signature, and its other cuts.
#include <algorithm>
#include <unordered_set>

#include "sdk/artifact/validate.hpp"
#include "sdk/artifact/validate/report.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

class VariantCheck {
 public:
  VariantCheck(const SignatureInfo& signature, const VariantInfo& variant, const rdu_graph& graph)
      : signature_(signature),
        variant_(variant),
        graph_(graph),
        main_(at<rdu_subgraph>(graph.graphs, 0)) {}

  Result<void> run() {
    RDU_TRY(check_inputs());
    RDU_TRY(check_outputs());
    if (variant_.cuts.empty() || !variant_.cuts[0].target.empty()) {
      return broken("S3", "cut 0 must be the portable one, without a target");
    }
    for (const CutInfo& cut : variant_.cuts) RDU_TRY(check_cut(cut));
    return {};
  }

 private:
  const rdu_variable* variable_named(const std::string& name) const {
    for (const rdu_variable& variable : each<rdu_variable>(graph_.variables)) {
      if (name == variable.name) return &variable;
    }
    return nullptr;
  }

  Result<void> check_inputs() const {
    std::unordered_set<std::uint32_t> expected;
    for (const std::uint32_t id : list(graph_, main_.first_input, main_.num_inputs)) {
      expected.insert(id);
    }
    for (std::size_t i = 0; i < variant_.inputs.size(); ++i) {
      const std::uint32_t id = variant_.inputs[i];
      const SignatureTensor& tensor = signature_.inputs[i];
      if (id == kNone) continue;
      const rdu_variable* variable = variable_named(tensor.variable);
      const bool bound = tensor.variable.empty() ? expected.erase(id) == 1
                                                 : variable != nullptr && variable->read == id;
      if (!bound) {
        return broken("D6", "input \"%s\" is value %u, which is no input of the graph",
                      tensor.name.c_str(), id);
      }
      RDU_TRY(check_type("D6", tensor, id));
    }
    if (expected.empty()) return {};
    return broken("D6", "%zu inputs of the graph are bound to no input of the signature",
                  expected.size());
  }

  Result<void> check_outputs() const {
    std::unordered_set<std::uint32_t> available;
    for (const std::uint32_t id : list(graph_, main_.first_output, main_.num_outputs)) {
      available.insert(id);
    }
    for (std::size_t i = 0; i < variant_.outputs.size(); ++i) {
      const std::uint32_t id = variant_.outputs[i];
      const SignatureTensor& tensor = signature_.outputs[i];
      const rdu_variable* variable = variable_named(tensor.variable);
      const bool bound = tensor.variable.empty() ? available.erase(id) == 1
                                                 : variable != nullptr && variable->write == id;
      if (!bound) {
        return broken("D7", "output \"%s\" is value %u, which is no output of the graph",
                      tensor.name.c_str(), id);
      }
      RDU_TRY(check_type("D7", tensor, id));
    }
    return {};
  }

  Result<void> check_type(const char* rule, const SignatureTensor& tensor, std::uint32_t id) const {
    const rdu_value& value = at<rdu_value>(graph_.values, id);
    if (value.dtype != tensor.dtype || value.rank != tensor.dims.size()) {
      return broken(rule, "\"%s\" is %s of rank %zu, value %u is %s of rank %u",
                    tensor.name.c_str(), base::dtype_name(tensor.dtype), tensor.dims.size(), id,
                    base::dtype_name(value.dtype), value.rank);
    }
    for (std::uint32_t d = 0; d < value.rank; ++d) {
      const SignatureDim& dim = tensor.dims[d];
      const auto fixed =
          std::ranges::find_if(variant_.dims, [&](const auto& e) { return e.first == dim.name; });
      const bool known = !dim.name.empty() && fixed != variant_.dims.end();
      const std::int64_t expected = known ? fixed->second : dim.extent;
      if (expected >= 0 && expected != value.dims[d]) {
        return broken(rule, "\"%s\": dimension %u is %lld, value %u has %lld", tensor.name.c_str(),
                      d, static_cast<long long>(expected), id,
                      static_cast<long long>(value.dims[d]));
      }
    }
    return {};
  }

  // Every section covers whole portable sections: what a device declines is offered as those.
  Result<void> check_cut(const CutInfo& cut) const {
    const char* target = cut.target.c_str();
    std::uint32_t next = 0;
    std::uint32_t portable = 0;
    for (const SectionInfo& section : cut.sections) {
      if (section.first_node != next || section.end_node <= next) {
        return broken("S4", "cut \"%s\": section [%u, %u) does not follow node %u", target,
                      section.first_node, section.end_node, next);
      }
      while (portable < graph_.sections.count && next < section.end_node) {
        next = at<rdu_section>(graph_.sections, portable++).end_node;
      }
      if (next != section.end_node) {
        return broken("S4", "cut \"%s\": section [%u, %u) divides a portable one", target,
                      section.first_node, section.end_node);
      }
      if (!section.payload.empty() && cut.format.empty()) {
        return broken("S6", "cut \"%s\": a payload without a format", target);
      }
      RDU_TRY(check_block_loops(cut, section));
    }
    if (next == main_.num_nodes) return {};
    return broken("S4", "cut \"%s\": nodes from %u on are in no section", target, next);
  }

  Result<void> check_block_loops(const CutInfo& cut, const SectionInfo& section) const {
    for (const BlockLoop& loop : section.block_loops) {
      for (std::uint32_t n = section.first_node; n < section.end_node; ++n) {
        const auto& node = at<rdu_node>(graph_.nodes, n);
        if (loop.block >= 1 && loop.loop < node.num_parallel) continue;
        return broken("S5", "cut \"%s\": node \"%s\" has no parallel loop %u for blocks of %lld",
                      cut.target.c_str(), node.name, loop.loop, static_cast<long long>(loop.block));
      }
      if (section.block_loops.size() > RDU_MAX_LOOPS) {
        return broken("S5", "cut \"%s\": %zu block loops", cut.target.c_str(),
                      section.block_loops.size());
      }
    }
    return {};
  }

  const SignatureInfo& signature_;
  const VariantInfo& variant_;
  const rdu_graph& graph_;
  const rdu_subgraph& main_;
};

}  // namespace

base::Result<void> validate_variant(const SignatureInfo& signature, const VariantInfo& variant,
                                    const rdu_graph& graph) {
  return VariantCheck(signature, variant, graph).run();
}

}  // namespace rdu::artifact
