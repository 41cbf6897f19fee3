// Which sections become payloads: every node is tried, neighbours that are taken share a payload.
#include "tools/rducc/target/rdu/lower/target.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/work.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/payload.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Variant;
using chip::Landing;
using chip::TargetOptions;
using chip::TargetReport;

constexpr const char* kTarget = "rdu";
constexpr const char* kFormat = "rdu.chip";

// Of each node of graph 0, with what it runs in other graphs.
base::Result<std::vector<double>> flops_of_nodes(const Variant& variant) {
  RDU_ASSIGN(const artifact::FlatGraph flat, artifact::flatten(variant));
  std::vector<double> flops = artifact::node_operations(flat.view());
  // The user of a graph stands before it: what it has goes there, last graphs first.
  for (std::size_t n = flat.nodes.size(); n-- > 0;) {
    for (const std::uint32_t used : flat.nodes[n].graphs) {
      if (used == RDU_NONE) continue;
      const rdu_subgraph& sub = flat.graphs[used];
      const auto first = flops.begin() + sub.first_node;
      flops[n] += std::accumulate(first, first + sub.num_nodes, 0.0);
    }
  }
  flops.resize(variant.graphs[0].nodes.size());
  return flops;
}

// Something that the chip has not, or has too little of; anything else is a mistake of ours.
bool is_refusal(const base::Error& error) {
  return error.code == base::Code::kLimit || error.code == base::Code::kUnsupported;
}

class CutMaker {
 public:
  CutMaker(Variant& variant, const TargetOptions& options) : variant_(variant), options_(options) {}

  base::Result<TargetReport> run() {
    const auto& nodes = variant_.graphs[0].nodes;
    RDU_ASSIGN(const std::vector<double> flops, flops_of_nodes(variant_));
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      Landing landing{nodes[n].name, RDU_REASON_TAKEN, {}, flops[n]};
      if (const auto refusal = try_node(n)) {
        landing.reason = refusal->reason;
        landing.detail = refusal->detail;
      }
      report_.nodes.push_back(landing);
    }
    artifact::Cut cut{kTarget, kFormat, rdu_hw_arch_hash(&options_.arch), {}};
    const auto& portable = variant_.cuts[0].sections;
    for (std::size_t i = 0; i < portable.size();) {
      std::size_t end = i;
      while (end < portable.size() && is_taken(portable[end])) ++end;
      if (end == i) {
        cut.sections.push_back(refused(portable[i++]));
        continue;
      }
      progress(static_cast<double>(portable[i].first_node) / static_cast<double>(nodes.size()));
      const std::uint32_t first = portable[i].first_node, last = portable[end - 1].end_node;
      RDU_ASSIGN(auto payload, build(first, last));
      if (!payload) continue;  // a node that did not fit: the run is shorter now
      cut.sections.push_back({first, last, {}, std::move(payload->bytes)});
      ++report_.num_payloads;
      report_.num_chip_sections += payload->num_sections;
      report_.estimated_cycles += payload->estimated_cycles;
      i = end;
    }
    variant_.cuts.push_back(std::move(cut));
    return std::move(report_);
  }

 private:
  std::optional<Decline> try_node(std::uint32_t n) const {
    try {
      const Work work = make_work(variant_, n, n + 1);
      Flow flow;
      Regions regions(work, flow);
      for (const artifact::Node& node : work.nodes) {
        Emitter emitter(flow, flow.section("trial"), regions, options_.arch, node.name, n, 1);
        emit_node(emitter, work.variant, node);
      }
      return too_many_steps(flow);
    } catch (const Decline& refusal) {
      return refusal;
    }
  }

  // Address programs are not cut.
  std::optional<Decline> too_many_steps(const Flow& flow) const {
    for (const Section& section : flow.sections()) {
      for (const Context& context : section.parts().contexts) {
        const std::uint32_t most = context.unit() == RDU_HW_UNIT_AGCU
                                       ? options_.arch.agcu.address_stages
                                       : options_.arch.pmu.address_stages;
        if (context.steps.size() <= most) continue;
        return Decline{RDU_REASON_ACCESS, "an access of " + std::to_string(context.steps.size()) +
                                              " steps, and the chip has " + std::to_string(most)};
      }
    }
    return {};
  }

  bool is_taken(const artifact::Section& section) const {
    for (std::uint32_t n = section.first_node; n < section.end_node; ++n) {
      if (report_.nodes[n].reason != RDU_REASON_TAKEN) return false;
    }
    return true;
  }

  // Of neighbouring sections that are taken.
  std::size_t num_runs() const {
    std::size_t runs = 0;
    bool before = false;
    for (const artifact::Section& section : variant_.cuts[0].sections) {
      const bool taken = is_taken(section);
      runs += taken && !before ? 1 : 0;
      before = taken;
    }
    return runs;
  }

  // The portable section, with the reason of its first node that is not taken.
  artifact::Section refused(artifact::Section section) const {
    std::uint32_t n = section.first_node;
    while (report_.nodes[n].reason == RDU_REASON_TAKEN) ++n;
    const Landing& landing = report_.nodes[n];
    section.payload =
        to_bytes(rdu_hw::image::write_refusal(landing.reason, printable(landing.detail)));
    return section;
  }

  // Nothing where a node turned out not to fit, which then is not taken.
  base::Result<std::optional<Payload>> build(std::uint32_t first, std::uint32_t end) {
    Work work = make_work(variant_, first, end);
    work.is_alone = num_runs() == 1;
    auto payload = make_payload(work, options_, budgets_);
    if (payload) return std::optional<Payload>(std::move(*payload));
    if (!is_refusal(payload.error())) return std::move(payload.error());
    bool changed = false;
    for (std::uint32_t n = first; n < end; ++n) changed |= fit(n);
    if (!changed) return std::move(payload.error());
    return std::optional<Payload>();
  }

  // Gives a node less of the chip until what it takes is there. Whether anything is different now.
  bool fit(std::uint32_t n) {
    constexpr double kLeast = 1.0 / 64, kLess = 0.75;
    double& budget = budgets_.try_emplace(n, 1).first->second;
    const double before = budget;
    while (true) {
      const auto alone = make_payload(make_work(variant_, n, n + 1), options_, budgets_);
      if (alone) return budget != before;
      if (budget <= kLeast) {
        const bool lacks = alone.error().code == base::Code::kUnsupported;
        report_.nodes[n].reason = lacks ? RDU_REASON_BODY_OP : RDU_REASON_CAPACITY;
        report_.nodes[n].detail = alone.error().message;
        return true;
      }
      budget *= kLess;
    }
  }

  void progress(double share) const {
    if (options_.progress) options_.progress(share, "laying out " + options_.uri);
  }

  Variant& variant_;
  const TargetOptions& options_;
  TargetReport report_;
  Budgets budgets_;
};

double sum(const std::vector<Landing>& nodes, bool taken_only) {
  return std::accumulate(nodes.begin(), nodes.end(), 0.0, [&](double flops, const Landing& node) {
    return flops + (taken_only && node.reason != RDU_REASON_TAKEN ? 0 : node.flops);
  });
}

}  // namespace
}  // namespace rducc::rdu::lower

namespace rducc::chip {

using rdu::lower::CutMaker;
using rdu::lower::sum;

double TargetReport::taken_flops() const { return sum(nodes, true); }
double TargetReport::all_flops() const { return sum(nodes, false); }

::rdu::base::Result<TargetReport> add_cut(::rdu::artifact::Variant& variant,
                                          const TargetOptions& options) {
  return CutMaker(variant, options).run();
}

}  // namespace rducc::chip
