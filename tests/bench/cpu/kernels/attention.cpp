// softmax(q k') v over heads, and a step of it that meets a cache.
#include "tests/bench/cpu/kernels/chains.hpp"

namespace cpu_bench {
namespace {

void build_attention(Case& c, std::int64_t heads, std::int64_t rows, std::int64_t keys,
                     std::int64_t width) {
  const ValueId q = c.input(F32, {heads, rows, width}), k = c.input(F32, {heads, keys, width});
  const ValueId v = c.input(F32, {heads, keys, width});
  const ValueId scores = c.inner(F32, {heads, rows, keys}),
                shares = c.inner(F32, {heads, rows, keys});
  Node first = contract({heads, rows, keys, width}, 3,
                        {RDU_LOOP_BATCH, RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  first.reads = {read(q, {loop(0), loop(1), loop(3)}), read(k, {loop(0), loop(2), loop(3)})};
  first.writes = {{scores, identity(3)}};
  c.graph.add(first);
  add_softmax(c, scores, shares, {heads, rows, keys});
  Node second = contract({heads, rows, width, keys}, 3,
                         {RDU_LOOP_BATCH, RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  second.reads = {read(shares, {loop(0), loop(1), loop(3)}), read(v, {loop(0), loop(3), loop(2)})};
  second.writes = {{c.output(F32, {heads, rows, width}), identity(3)}};
  c.graph.add(second);
  c.operations = 4.0 * static_cast<double>(heads * rows * keys * width);
}

}  // namespace

void add_attention() {
  add_case("attention/8_heads_128x128x64", [](Case& c) { build_attention(c, 8, 128, 128, 64); });
  add_case("attention/8_heads_1024x1024x64",
           [](Case& c) { build_attention(c, 8, 1024, 1024, 64); });
  add_case("attention/12_heads_1x129x64", [](Case& c) { build_attention(c, 12, 1, 129, 64); });
}

}  // namespace cpu_bench
