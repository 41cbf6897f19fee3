// From when contexts were busy to how long the stages of a loop take.
#include "tests/bench/chip_apps/stages.hpp"

#include <algorithm>

namespace chip_apps {
namespace {

using rdu_hw::emu::Time;

std::int64_t iterations(const Chain& chain, std::size_t first, std::size_t end) {
  std::int64_t product = 1;
  for (std::size_t i = first; i < end; ++i) {
    product *= (chain[i].extent + chain[i].lanes - 1) / chain[i].lanes;
  }
  return product;
}

// When the firings of a context were. Where some took several cycles, they are taken to be spread evenly over its busy time.
class Firings {
 public:
  explicit Firings(const rdu_hw::emu::Side& side) : side_(side) {
    for (const rdu_hw::emu::Span& span : side.spans) {
      before_.push_back(busy_);
      busy_ += span.end - span.begin;
    }
  }

  Time at(std::int64_t firing) const {
    const std::int64_t cycle = firing * busy_ / side_.firings;
    const auto next = std::ranges::upper_bound(before_, cycle);
    const auto span = static_cast<std::size_t>(next - before_.begin() - 1);
    return side_.spans[span].begin + cycle - before_[span];
  }

 private:
  const rdu_hw::emu::Side& side_;
  std::vector<std::int64_t> before_;  // busy cycles before each span
  std::int64_t busy_ = 0;
};

// A LOAD asks ahead: its trip begins with the first data.
const rdu_hw::emu::Side& moving_side(const rdu_hw::emu::ContextReport& context) {
  return context.second.firings != 0 ? context.second : context.main;
}

using Moments = std::vector<Time>;  // by trip

enum class Edge { kFirst, kLast };

// Of several contexts, when the first begins or the last is over, trip by trip; nothing of no contexts.
Moments moments(const std::vector<ContextHandle>& contexts, std::uint32_t level, Edge edge,
                const rdu_hw::emu::Report& report, const std::vector<Chain>& chains) {
  Moments moments;
  for (const ContextHandle& context : contexts) {
    const Chain& chain = chains[context.number()];
    const std::int64_t trips = iterations(chain, 0, level);
    const std::int64_t each = iterations(chain, level, chain.size());
    const Firings firings(moving_side(report.contexts[context.number()]));
    for (std::int64_t n = 0; n < trips; ++n) {
      const Time time =
          edge == Edge::kFirst ? firings.at(n * each) : firings.at((n + 1) * each - 1) + 1;
      const auto place = static_cast<std::size_t>(n);
      if (place == moments.size()) moments.push_back(time);
      Time& moment = moments[place];
      moment = edge == Edge::kFirst ? std::min(moment, time) : std::max(moment, time);
    }
  }
  return moments;
}

struct Trace {
  Moments begins;             // of the first stage
  std::vector<Moments> ends;  // by stage
  std::int64_t run;           // trips in a run of the loop

  // Whether trip n begins when all before are over.
  bool begins_anew(std::size_t n, Overlap overlap) const {
    if (n == 0) return true;
    return overlap == Overlap::kNone ? static_cast<std::int64_t>(n) % run == 0
                                     : begins[n] > ends.back()[n - 1];
  }

  // From when stage s could serve trip n.
  Time ready(std::size_t s, std::size_t n, Overlap overlap) const {
    if (s == 0 && begins_anew(n, overlap)) return begins[n];
    if (overlap == Overlap::kNone) return s == 0 ? ends.back()[n - 1] : ends[s - 1][n];
    if (s == 0) return std::max(ends[0][n - 1], begins[n]);
    return n == 0 ? ends[s - 1][n] : std::max(ends[s - 1][n], ends[s][n - 1]);
  }
};

}  // namespace

LoopTimes measure_stages(const Loop& loop, Overlap overlap, const rdu_hw::emu::Report& report,
                         const std::vector<Chain>& chains) {
  Trace trace;
  const Stage& first = loop.stages.front();
  trace.begins = moments(first.first, loop.level, Edge::kFirst, report, chains);
  trace.run = iterations(chains[first.first.front().number()], loop.level - 1, loop.level);
  for (const Stage& stage : loop.stages) {
    trace.ends.push_back(moments(stage.last, loop.level, Edge::kLast, report, chains));
  }

  LoopTimes times;
  times.name = loop.name;
  times.trips = static_cast<std::int64_t>(trace.begins.size());
  std::int64_t runs = 0;
  for (std::size_t n = 0; n < trace.begins.size(); ++n) {
    const bool anew = trace.begins_anew(n, overlap);
    if (anew) ++runs;
    times.cycles += trace.ends.back()[n] - (anew ? trace.begins[n] : trace.ends.back()[n - 1]);
  }
  double sum = 0;
  double longest = 0;
  for (std::size_t s = 0; s < loop.stages.size(); ++s) {
    double cycles = 0;
    for (std::size_t n = 0; n < trace.begins.size(); ++n) {
      cycles += static_cast<double>(trace.ends[s][n] - trace.ready(s, n, overlap));
    }
    cycles /= static_cast<double>(times.trips);
    times.stages.push_back({loop.stages[s].name, cycles});
    sum += cycles;
    longest = std::max(longest, cycles);
  }
  const std::int64_t fills = runs * static_cast<std::int64_t>(loop.stages.size() - 1);
  times.predicted = overlap == Overlap::kNone ? static_cast<double>(times.trips) * sum
                                              : static_cast<double>(times.trips + fills) * longest;
  return times;
}

}  // namespace chip_apps
