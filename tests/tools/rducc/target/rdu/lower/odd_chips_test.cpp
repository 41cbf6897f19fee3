// Chips that nobody would build: a compile ends well on each, nodes that do not fit are declined with a reason, and the rest is right.
#include <rdu/plugin.h>

#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

using namespace rducc::test;
using rducc::ir::along;

namespace {

constexpr const char* kChanges[] = {
    "pcu.lanes=1",
    "pcu.lanes=4",
    "pcu.lanes=8",
    "pcu.lanes=8&pmu.banks=8",
    "pcu.lanes=32",
    "pcu.stages=1",
    "pcu.stages=3",
    "pcu.registers=2",
    "pcu.counters=2",
    "pcu.contexts=1",
    "pcu.systolic_rows=0&pcu.systolic_columns=0",
    "pcu.systolic_rows=3&pcu.systolic_columns=5",
    "pcu.systolic_rows=32&pcu.systolic_columns=32",
    "pcu.dtypes=fp32&pcu.bf16_per_word=1",
    "pcu.ports.vector_in=1",
    "pcu.ports.vector_out=1",
    "pcu.ports.scalar_in=1",
    "pcu.ports.vector_fifo_depth=2",
    "pmu.bytes=1024",
    "pmu.bytes=4096",
    "pmu.banks=4",
    "pmu.counters=2",
    "pmu.address_stages=1",
    "pmu.address_stages=3",
    "pmu.ports.vector_in=1",
    "pmu.ports.control_in=1",
    "agcu.count=1",
    "agcu.counters=2",
    "agcu.address_stages=1",
    "agcu.outstanding=8&agcu.coalescing_entries=8",
    "network.kind=ideal",
    "network.vector_links=1&network.scalar_links=1&network.control_links=1",
    "grid.rows=1&grid.columns=2&agcu.count=2",
    "grid.rows=8&grid.columns=8",
};

// A padded convolution beside its input, and a product.
Variant small_model() {
  TestGraph g;
  const ValueId x = g.input({1, 3, 9, 9});
  const ValueId image = conv(g.b(), x, g.weights({5, 3, 3, 3}, 1), 1);
  const ValueId doubled =
      g.b().map(RDU_DTYPE_F32, {1, 5, 9, 9},
                {g.b().read(image, {along(0), along(1), along(2), along(3)}),
                 g.b().read(x, {along(0), rducc::ir::Index{}, along(2), along(3)})},
                binary(RDU_OP_MAX));
  g.output(doubled);
  const ValueId a = g.input({11, 20});
  g.output(matmul(g.b(), a, g.weights({20, 7}, 2)));
  return g.variant();
}

}  // namespace

TEST_CASE("odd chips take what fits and decline the rest") {
  const Variant model = small_model();
  for (const char* schedule : {"spatial", "kernel"}) {
    for (const char* change : kChanges) {
      const std::string chip = std::string("edge?") + change + "&schedule=" + schedule;
      INFO(chip);
      const auto target = rducc::chip::parse_target("rdu:" + chip);
      REQUIRE(target.ok());
      Variant variant = model;
      rdu_test::add_portable_cut(variant);
      const auto report = rducc::chip::add_cut(variant, *target);
      INFO((report.ok() ? "" : report.error().message));
      REQUIRE(report.ok());
      bool all_taken = true;
      for (const auto& node : report->nodes) {
        if (node.reason == RDU_REASON_TAKEN) continue;
        all_taken = false;
        REQUIRE(!node.detail.empty());
      }
      if (all_taken) rdu_test::require_same_on_chips(model, 1e-5, {chip});
    }
  }
}
