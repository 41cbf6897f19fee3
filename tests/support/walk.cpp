// An evaluator of accesses that shares nothing with the validator's interval arithmetic.
#include "tests/support/walk.hpp"

#include "sdk/artifact/text.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/result.hpp"

namespace rdu::testing {
namespace {

using artifact::at;

class Walk {
 public:
  explicit Walk(const rdu_graph& graph) : graph_(graph) {}

  std::string run() {
    for (const auto& value : artifact::each<rdu_value>(graph_.values)) read_constant(value);
    for (const auto& node : artifact::each<rdu_node>(graph_.nodes)) walk_node(node);
    return problem_;
  }

 private:
  void read_constant(const rdu_value& value) {
    if (value.data == nullptr) return;
    const auto* bytes = static_cast<const unsigned char*>(value.data);
    for (std::uint64_t i = 0; i < value.bytes; ++i) sum_ = sum_ + bytes[i];
  }

  void walk_node(const rdu_node& node) {
    for (std::uint32_t i = 0; i < node.num_loops; ++i) {
      if (at<rdu_loop>(graph_.loops, node.first_loop + i).extent == 0) return;
    }
    // A corner for every choice of first or last position of each loop.
    for (std::uint32_t corner = 0; corner < (1u << node.num_loops); ++corner) {
      for (std::uint32_t i = 0; i < node.num_reads; ++i) {
        const auto& read = at<rdu_read>(graph_.reads, node.first_read + i);
        check_access(node, corner, read.value, read.first_index);
      }
      for (std::uint32_t i = 0; i < node.num_writes; ++i) {
        const auto& write = at<rdu_write>(graph_.writes, node.first_write + i);
        if (write.first_index != RDU_NONE) {
          check_access(node, corner, write.value, write.first_index);
        }
      }
    }
  }

  void check_access(const rdu_node& node, std::uint32_t corner, std::uint32_t id,
                    std::uint32_t first_index) {
    const auto& value = at<rdu_value>(graph_.values, id);
    for (std::uint32_t dim = 0; dim < value.rank; ++dim) {
      const auto& index = at<rdu_index>(graph_.indices, first_index + dim);
      if (index.source != RDU_NONE) {
        check_access(node, corner, index.source, index.first_source_index);
      }
      if (index.source != RDU_NONE || index.outside != RDU_OUTSIDE_NEVER) continue;
      const std::int64_t position = evaluate(node, corner, index);
      if (position < 0 || position >= value.dims[dim]) {
        problem_ =
            base::format("node \"%s\" reaches %lld of %lld", node.name,
                         static_cast<long long>(position), static_cast<long long>(value.dims[dim]));
      }
    }
  }

  std::int64_t evaluate(const rdu_node& node, std::uint32_t corner, const rdu_index& index) const {
    std::int64_t sum = index.offset;
    for (std::uint32_t t = 0; t < index.num_terms; ++t) {
      const auto& term = at<rdu_term>(graph_.terms, index.first_term + t);
      const std::int64_t last = at<rdu_loop>(graph_.loops, node.first_loop + term.loop).extent - 1;
      if ((corner >> term.loop & 1u) != 0) sum += term.coef * last;
    }
    std::int64_t quotient = sum / index.div;
    if (quotient * index.div > sum) --quotient;
    if (index.mod == 0) return quotient;
    const std::int64_t rest = quotient % index.mod;
    return rest < 0 ? rest + index.mod : rest;
  }

  const rdu_graph& graph_;
  volatile std::uint64_t sum_ = 0;
  std::string problem_;
};

}  // namespace

std::string walk(const artifact::Artifact& artifact) {
  std::string problem;
  const auto& signatures = artifact.signatures();
  for (std::uint32_t s = 0; s < signatures.size(); ++s) {
    for (std::uint32_t v = 0; v < signatures[s].variants.size(); ++v) {
      problem += Walk(artifact.graph(s, v)).run();
    }
  }
  if (artifact::dump(artifact).empty()) problem += "nothing to dump";
  return problem;
}

}  // namespace rdu::testing
