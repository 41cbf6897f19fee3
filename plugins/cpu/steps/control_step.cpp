// Control: one of two sub-graphs, or a call of one.
#include <cstring>

#include "plugins/cpu/steps/subgraph.hpp"

namespace rdu::cpu {
namespace {

struct Handover {
  std::uint32_t slot = 0;
  Place from, to;
  std::uint64_t bytes = 0;
};

class ControlStep : public Step {
 public:
  ControlStep(const BuildContext& context, const rdu_node& node) {
    if (node.condition != RDU_NONE) condition_ = context.places.place_of(node.condition);
    for (std::uint32_t g = 0; g < 2; ++g) {
      if (node.graphs[g] != RDU_NONE) branches_[g] = Subgraph(context, node.graphs[g]);
    }
    const Places& places = context.places;
    for (const rdu_port& port : context.graph.ports(node)) {
      if (port.kind == RDU_PORT_CAPTURE) {
        captures_.push_back(
            {port.slot, places.place_of(port.outer), places.place_of(port.inner_in)});
      } else if (port.kind == RDU_PORT_RESULT) {
        results_.push_back({port.slot, places.place_of(port.inner_out),
                            places.place_of(port.result), context.graph.value(port.result).bytes});
      }
    }
  }

  plugin::Status run(const Run& run) const override {
    const bool first = condition_.none() || run.scalar<std::uint8_t>(condition_) != 0;
    const std::uint32_t taken = first ? 0 : 1;
    for (const Handover& capture : captures_) {
      if (capture.slot == taken) run.addresses[capture.to.slot] = run.at(capture.from);
    }
    if (plugin::Status status = branches_[taken].run(run); !status.ok()) return status;
    for (const Handover& result : results_) {
      if (result.slot != taken || result.bytes == 0) continue;
      std::memmove(run.at(result.to), run.at(result.from), result.bytes);
    }
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return std::max(branches_[0].workspace_bytes(), branches_[1].workspace_bytes());
  }
  std::uint64_t temporary_bytes() const override {
    return std::max(branches_[0].temporary_bytes(), branches_[1].temporary_bytes());
  }
  std::uint64_t resident_bytes() const override {
    return branches_[0].resident_bytes() + branches_[1].resident_bytes();
  }
  void place_temporary(std::uint64_t offset) override {
    for (Subgraph& branch : branches_) branch.place_temporary(offset);
  }
  bool parallel() const override { return branches_[0].parallel() || branches_[1].parallel(); }

 private:
  Place condition_;
  Subgraph branches_[2];
  std::vector<Handover> captures_, results_;
};

}  // namespace

std::unique_ptr<Step> make_control_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<ControlStep>(context, node);
}

}  // namespace rdu::cpu
