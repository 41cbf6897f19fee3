// Both engines of the chip on random programs: the same cycles, the same words. RDU_FULL=1 takes many, RDU_SEED=n begins there.
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "drivers/emu/chip/chip.hpp"
#include "tests/drivers/emu/naive/host.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/support.hpp"

using namespace naive;
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

// Blocks as long as they come, single vectors, another order of the units, and times alone where they do not hang on values.
std::map<std::string, emu::Options> ways(std::uint64_t seed) {
  std::map<std::string, emu::Options> ways;
  ways["in vectors"].granularity = 1;
  ways["in blocks of three"].granularity = 3;
  ways["in blocks, shuffled"].shuffle = seed;
  ways["in blocks"] = {};
  ways["without values"].values = false;
  return ways;
}

// `runs` counts the ways that could be compared.
std::string differences(const rdu_hw_image& image, const rdu_hw_arch& arch, std::uint64_t seed,
                        std::map<std::string, std::uint64_t>& runs) {
  const Bound before = bind(image, seed);
  Bound after = before;
  const Outcome outcome = run(image, arch, after.arguments, after.tiers);
  std::string text;
  for (const auto& [way, options] : ways(seed)) {
    const Fast fast = run_fast(image, arch, before, options);
    if (fast.result.failure == emu::Failure::kUnsupported && !options.values) continue;
    ++runs[way];
    Differences d;
    if (fast.result.failure != failure_of(outcome.end)) {
      d.look("failure", static_cast<Time>(failure_of(outcome.end)),
             static_cast<Time>(fast.result.failure));
      text += fast.result.error + "\n";
    } else if (fast.result.ok()) {
      look_at_times(d, outcome, fast.result.report);
      if (options.values) look_at_words(d, after, fast.after);
    }
    if (!d.text().empty()) text += way + ":\n" + d.text();
  }
  return text;
}

}  // namespace

TEST_CASE("both engines agree on random programs") {
  const std::vector<rdu_hw_arch> chips = image_test::small_chips();
  const char* given = std::getenv("RDU_SEED");
  const std::uint64_t first = given == nullptr ? 0 : std::strtoull(given, nullptr, 10);
  const std::uint64_t count = std::getenv("RDU_FULL") != nullptr ? 5000 : 1000;
  std::map<std::string, std::uint64_t> runs;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const auto image = image_test::decoded(write_image(image_test::random_program(seed, arch)));
    const std::string text = differences(*image, arch, seed, runs);
    if (text.empty()) continue;
    INFO("seed " << seed << " on " << arch.name << "\n" << text << image_test::text_of(*image));
    FAIL_CHECK("the engines differ");
  }
  CHECK(runs["in blocks"] == count);
  CHECK(runs["without values"] > count / 2);
}
