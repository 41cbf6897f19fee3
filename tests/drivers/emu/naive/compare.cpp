// Runs one image twice, and looks at everything that comes out.
#include "tests/drivers/emu/naive/compare.hpp"

#include <algorithm>
#include <sstream>

namespace naive {

namespace emu = rdu_hw::emu;

namespace {

struct Fast {
  emu::Result result;
  Bound after;
};

Fast run_fast(const rdu_hw_image& image, const rdu_hw_arch& arch, const Bound& before,
              const emu::Options& options) {
  Fast fast = {{}, before};
  std::vector<emu::Binding> bindings;
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const bool region = image.arguments[i].kind == RDU_HW_ARGUMENT_REGION;
    const std::uint64_t bound = before.arguments[i];
    bindings.push_back({region ? bound : 0, region ? 0 : static_cast<Word>(bound)});
  }
  emu::Memory memory[emu::kNumTiers];
  for (std::size_t i = 0; i < emu::kNumTiers; ++i) {
    auto& bytes = fast.after.tiers[i];
    memory[i] = {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()};
  }
  fast.result = emu::run(image, arch, bindings, memory, options);
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    if (image.arguments[i].kind == RDU_HW_ARGUMENT_SCALAR)
      fast.after.arguments[i] = bindings[i].word;
  }
  return fast;
}

// The differences between two runs, in words.
class Differences {
 public:
  void look(const std::string& where, Time naive, Time fast) {
    if (naive != fast && count_++ < 12) {
      text_ << where << ": " << naive << ", the fast engine says " << fast << "\n";
    }
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  int count_ = 0;
};

void look_at_side(Differences& d, const std::string& where, const Times& a, const emu::Side& b) {
  d.look(where + " first firing", a.first, b.first);
  d.look(where + " last firing", a.last, b.last);
  d.look(where + " firings", a.firings, b.firings);
  d.look(where + " busy", a.busy, b.busy);
  d.look(where + " starved", a.starved, b.starved);
  d.look(where + " blocked", a.blocked, b.blocked);
  d.look(where + " queued", a.queued, b.queued);
  d.look(where + " conflicts", a.conflicts, b.conflicts);
  for (std::size_t i = 0; i < std::max(a.waited.size(), b.waited.size()); ++i) {
    d.look(where + " waited at port " + std::to_string(i), i < a.waited.size() ? a.waited[i] : 0,
           i < b.waited.size() ? b.waited[i] : 0);
  }
}

void look_at_times(Differences& d, const Outcome& a, const emu::Report& b) {
  d.look("sections", static_cast<Time>(a.sections.size()), static_cast<Time>(b.sections.size()));
  d.look("contexts", static_cast<Time>(a.contexts.size()), static_cast<Time>(b.contexts.size()));
  d.look("links", static_cast<Time>(a.elements.size()), static_cast<Time>(b.links.size()));
  if (!d.text().empty()) return;
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    const std::string where = "section " + std::to_string(i);
    d.look(where + " begin", a.sections[i].begin, b.sections[i].begin);
    d.look(where + " program", a.sections[i].program_load, b.sections[i].program_load);
    d.look(where + " arguments", a.sections[i].argument_load, b.sections[i].argument_load);
    d.look(where + " execution", a.sections[i].execution, b.sections[i].execution);
    d.look(where + " quiesce", a.sections[i].quiesce, b.sections[i].quiesce);
  }
  for (std::size_t i = 0; i < a.contexts.size(); ++i) {
    const std::string where = "section " + std::to_string(a.contexts[i].section) + ", context " +
                              std::to_string(a.contexts[i].context);
    look_at_side(d, where, a.contexts[i].main, b.contexts[i].main);
    look_at_side(d, where + ", second side", a.contexts[i].second, b.contexts[i].second);
  }
  for (std::size_t i = 0; i < a.elements.size(); ++i) {
    d.look("elements of link " + std::to_string(i), a.elements[i], b.links[i].elements);
  }
  d.look("cycles", a.cycles, b.cycles);
}

void look_at_words(Differences& d, const Bound& a, const Bound& b) {
  for (std::size_t i = 0; i < a.arguments.size(); ++i) {
    d.look("argument " + std::to_string(i), static_cast<Time>(a.arguments[i]),
           static_cast<Time>(b.arguments[i]));
  }
  for (std::size_t tier = 0; tier < a.tiers.size(); ++tier) {
    for (std::size_t i = 0; i < a.tiers[tier].size(); ++i) {
      if (a.tiers[tier][i] == b.tiers[tier][i]) continue;
      d.look("byte " + std::to_string(i) + " of tier " + std::to_string(tier), a.tiers[tier][i],
             b.tiers[tier][i]);
    }
  }
}

emu::Failure failure_of(End end) {
  return end == End::kFinished   ? emu::Failure::kNone
         : end == End::kDeadlock ? emu::Failure::kDeadlock
                                 : emu::Failure::kExtent;
}

}  // namespace

Reference run_reference(const rdu_hw_image& image, const rdu_hw_arch& arch, const Bound& before) {
  Reference reference = {before, before, {}};
  reference.outcome = run(image, arch, reference.after.arguments, reference.after.tiers);
  return reference;
}

std::optional<std::string> difference(const rdu_hw_image& image, const rdu_hw_arch& arch,
                                      const Reference& reference, const emu::Options& options) {
  const Fast fast = run_fast(image, arch, reference.before, options);
  const emu::Failure failure = fast.result.failure;
  if (failure == emu::Failure::kUnsupported && !options.values) return std::nullopt;
  Differences d;
  const emu::Failure expected = failure_of(reference.outcome.end);
  if (failure != expected) {
    d.look("failure", static_cast<Time>(expected), static_cast<Time>(failure));
    return d.text() + fast.result.error + "\n";
  }
  if (!fast.result.ok()) return "";
  look_at_times(d, reference.outcome, fast.result.report);
  if (options.values) look_at_words(d, reference.after, fast.after);
  return d.text();
}

}  // namespace naive
