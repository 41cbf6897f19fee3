// Pooling: reductions over windows that overlap or not, and over a whole image.
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

void build_pool(Case& c, std::int64_t taps, std::int64_t stride, rdu_combine_op combine) {
  constexpr std::int64_t kChannels = 64, kSide = 112;
  const std::int64_t side = kSide / stride, pad = taps / 2;
  Node n = reduce({kChannels, side, side, taps, taps}, 3, combine, F32);
  const auto at = [&](std::uint32_t place, std::uint32_t tap) {
    return with(RDU_OUTSIDE_FILL, stride * loop(place) + loop(tap) - pad);
  };
  const double fill = combine == RDU_COMBINE_MAX ? -1e30 : 0;
  n.reads = {read(c.input(F32, {kChannels, kSide, kSide}), {loop(0), at(1, 3), at(2, 4)}, fill)};
  n.body = copy_of(F32);
  n.writes = {{c.output(F32, {kChannels, side, side}), identity(3)}};
  c.graph.add(n);
}

void build_global(Case& c) {
  Node n = reduce({1024, 7, 7}, 1, RDU_COMBINE_ADD, F32);
  n.reads = {read(c.input(F32, {1024, 7, 7}), identity(3))};
  n.body = copy_of(F32);
  n.writes = {{c.output(F32, {1024}), identity(1)}};
  c.graph.add(n);
}

}  // namespace

void add_windows() {
  add_case("pool/max_3x3_stride_2", [](Case& c) { build_pool(c, 3, 2, RDU_COMBINE_MAX); });
  add_case("pool/max_5x5", [](Case& c) { build_pool(c, 5, 1, RDU_COMBINE_MAX); });
  add_case("pool/sum_3x3", [](Case& c) { build_pool(c, 3, 1, RDU_COMBINE_ADD); });
  add_case("pool/global_sum", build_global);
}

}  // namespace cpu_bench
