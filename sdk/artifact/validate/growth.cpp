// T5: a variable that grows is appended to at its length and touched nowhere else.
#include "sdk/artifact/validate/checks.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

class GrowthCheck {
 public:
  GrowthCheck(const rdu_graph& graph, const Flow& flow, const rdu_variable& variable)
      : graph_(graph),
        flow_(flow),
        variable_(variable),
        length_(at<rdu_variable>(graph.variables, variable.length)),
        cache_(at<rdu_value>(graph.values, variable.read)) {}

  Result<void> run() const {
    if (length_.length != RDU_NONE || length_.read == length_.write ||
        !is_scalar_of(at<rdu_value>(graph_.values, length_.read), RDU_DTYPE_I64)) {
      return wrong("its length \"%s\" is no i64 scalar with an old and a new value", length_.name);
    }
    if (variable_.read != variable_.write) {
      return wrong("it reads value %u and writes value %u", variable_.read, variable_.write);
    }
    if (variable_.axis >= cache_.rank || cache_.dim_values[variable_.axis] != length_.write) {
      return wrong("its dimension %u is not bounded by the new length, value %u", variable_.axis,
                   length_.write);
    }
    if (variable_.grows_by < 0 || variable_.grows_by > cache_.dims[variable_.axis]) {
      return wrong("it grows by %lld of %lld", static_cast<long long>(variable_.grows_by),
                   static_cast<long long>(cache_.dims[variable_.axis]));
    }
    if (base::is_packed(cache_.dtype)) {
      return wrong("%s elements are not appended", base::dtype_name(cache_.dtype));
    }
    return check_append();
  }

 private:
  template <class... Args>
  base::Error wrong(const char* pattern, Args... arguments) const {
    const std::string why = base::format(pattern, arguments...);
    return broken("T5", "growing variable \"%s\": %s", variable_.name, why.c_str());
  }

  Result<void> check_append() const {
    const Flow::Storage& storage = flow_.storages[variable_.read];
    if (storage.num_writers != 1) return wrong("%u nodes write it, not 1", storage.num_writers);
    const Flow::Writer& writer = flow_.writers[storage.first_writer];
    const auto& node = at<rdu_node>(graph_.nodes, writer.node);
    if (node.pattern != RDU_PATTERN_SCATTER || node.combine != RDU_COMBINE_REPLACE ||
        node.base != variable_.read) {
      return wrong("node \"%s\" writes it and is no scatter into it", node.name);
    }
    const auto& write = at<rdu_write>(graph_.writes, writer.write);
    const auto& index = at<rdu_index>(graph_.indices, write.first_index + variable_.axis);
    if (index.source != length_.read || index.offset != 0 || index.div != 1 || index.mod != 0 ||
        index.outside != RDU_OUTSIDE_ERROR || !steps_through_new_positions(node, index)) {
      return wrong("node \"%s\" does not write the %lld positions after its length", node.name,
                   static_cast<long long>(variable_.grows_by));
    }
    return {};
  }

  bool steps_through_new_positions(const rdu_node& node, const rdu_index& index) const {
    if (index.num_terms == 0) return variable_.grows_by == 1;
    const auto& term = at<rdu_term>(graph_.terms, index.first_term);
    const auto& loop = at<rdu_loop>(graph_.loops, node.first_loop + term.loop);
    return index.num_terms == 1 && term.coef == 1 && loop.extent == variable_.grows_by &&
           loop.extent_value == RDU_NONE;
  }

  const rdu_graph& graph_;
  const Flow& flow_;
  const rdu_variable& variable_;
  const rdu_variable& length_;
  const rdu_value& cache_;
};

}  // namespace

base::Result<void> check_growth(const rdu_graph& graph, const Flow& flow) {
  for (const rdu_variable& variable : each<rdu_variable>(graph.variables)) {
    if (variable.length != RDU_NONE) RDU_TRY(GrowthCheck(graph, flow, variable).run());
  }
  return {};
}

}  // namespace rdu::artifact
