// Every figure of every preset against a table written from the publications, not from the JSON.
#include <algorithm>
#include <map>

#include "drivers/arch/chip.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"
#include "tests/drivers/arch/chips.hpp"

namespace {

using namespace rdu_hw::arch;

struct Row {
  const char* key;
  const char* edge;
  const char* plasticine;
  const char* sara20;
  const char* sn10;
  const char* sn40l;
};

constexpr const char* kBasic = R"(["div", "rcp", "sqrt", "rsqrt"])";
constexpr const char* kAll =
    R"(["div", "rcp", "sqrt", "rsqrt", "exp", "log", "tanh", "sigmoid", "cast"])";
constexpr const char* kTail =
    R"(["exp", "log", "tanh", "sigmoid", "erf", "cast", "rng", "stochastic_round"])";
constexpr const char* kSides = R"(["west", "east"])";

// Timings are in timing_test.cpp; "" where the chip has no such tier.
constexpr Row kRows[] = {
    {"clock_hz", "800000000", "1000000000", "1000000000", "1320000000", "1200000000"},
    {"grid.tile_rows", "1", "1", "1", "2", "1"},
    {"grid.tile_columns", "1", "1", "1", "2", "2"},
    {"grid.rows", "4", "16", "20", "16", "40"},
    {"grid.columns", "4", "8", "20", "20", "26"},
    {"grid.pattern", "\"checkerboard\"", "\"checkerboard\"", "\"checkerboard\"", "\"checkerboard\"",
     "\"checkerboard\""},
    {"grid.word_bits", "32", "32", "32", "32", "32"},
    {"pcu.lanes", "16", "16", "16", "16", "16"},
    {"pcu.stages", "6", "6", "6", "6", "8"},
    {"pcu.registers", "16", "6", "16", "16", "16"},
    {"pcu.contexts", "4", "1", "4", "4", "4"},
    {"pcu.counters", "16", "16", "16", "16", "16"},
    {"pcu.reduce_cycles", "1", "1", "1", "1", "1"},
    {"pcu.systolic_rows", "16", "0", "0", "16", "16"},
    {"pcu.systolic_columns", "6", "0", "0", "6", "8"},
    {"pcu.bf16_per_word", "2", "1", "1", "2", "2"},
    {"pcu.dtypes", R"(["fp32", "bf16", "int32", "int8"])", R"(["fp32", "int32"])",
     R"(["fp32", "int32"])", R"(["fp32", "bf16", "int32", "int16"])",
     R"(["fp32", "bf16", "int32", "int16"])"},
    {"pcu.stage_functions", kBasic, kAll, kAll, kBasic, kBasic},
    {"pcu.tail_functions", kTail, "[]", "[]", kTail, kTail},
    {"pcu.ports.scalar_in", "6", "6", "6", "6", "6"},
    {"pcu.ports.scalar_out", "4", "5", "4", "4", "4"},
    {"pcu.ports.vector_in", "8", "3", "8", "8", "8"},
    {"pcu.ports.vector_out", "4", "3", "4", "4", "4"},
    {"pmu.bytes", "65536", "262144", "262144", "524288", "524288"},
    {"pmu.banks", "16", "16", "16", "16", "16"},
    {"pmu.vector_reads", "1", "1", "1", "1", "1"},
    {"pmu.vector_writes", "1", "1", "1", "1", "1"},
    {"pmu.counters", "16", "16", "16", "16", "16"},
    {"pmu.address_stages", "6", "4", "6", "6", "6"},
    {"pmu.address_registers", "16", "6", "16", "16", "16"},
    {"pmu.address_cycles", "6", "4", "6", "6", "6"},
    {"pmu.ports.scalar_in", "16", "4", "16", "16", "16"},
    {"pmu.ports.scalar_out", "8", "0", "8", "8", "8"},
    {"pmu.ports.vector_in", "8", "3", "8", "8", "8"},
    {"pmu.ports.vector_out", "8", "1", "8", "8", "8"},
    {"network.kind", "\"routed\"", "\"routed\"", "\"ideal\"", "\"routed\"", "\"routed\""},
    {"network.vector_links", "2", "2", "2", "2", "2"},
    {"network.scalar_links", "4", "4", "4", "4", "4"},
    {"network.control_links", "8", "8", "8", "8", "8"},
    {"network.buffers_per_hop", "2", "2", "2", "2", "2"},
    {"network.cycles_per_hop", "1", "1", "1", "1", "1"},
    {"agcu.host_dma_bytes_per_s", "4000000000", "16000000000", "16000000000", "32000000000",
     "32000000000"},
    {"agcu.count", "8", "34", "40", "64", "80"},
    {"agcu.edges", kSides, kSides, kSides, kSides, kSides},
    {"agcu.outstanding", "32", "128", "64", "64", "64"},
    {"agcu.coalescing_entries", "32", "64", "64", "64", "64"},
    {"agcu.counters", "16", "16", "16", "16", "16"},
    {"agcu.address_stages", "6", "6", "6", "6", "6"},
    {"agcu.dram_cycles", "10", "20", "20", "20", "20"},
    {"agcu.ports.scalar_in", "6", "6", "6", "6", "6"},
    {"agcu.ports.scalar_out", "2", "2", "2", "2", "2"},
    {"agcu.ports.vector_in", "2", "2", "2", "2", "2"},
    {"agcu.ports.vector_out", "2", "2", "2", "2", "2"},
    {"dram.standard", "\"LPDDR4-3200\"", "\"DDR3-1600\"", "\"DDR4-2666\"", "\"DDR4-3200\"",
     "\"DDR4-3200\""},
    {"dram.capacity_bytes", "2147483648", "34359738368", "51539607552", "1649267441664",
     "1649267441664"},
    {"dram.channels", "1", "4", "6", "6", "6"},
    {"dram.ranks", "1", "1", "1", "4", "4"},
    {"dram.bank_groups", "1", "1", "4", "4", "4"},
    {"dram.banks", "8", "8", "4", "4", "4"},
    {"dram.row_bytes", "4096", "16384", "8192", "8192", "8192"},
    {"dram.bus_bits", "32", "64", "64", "64", "64"},
    {"dram.burst_length", "16", "8", "8", "8", "8"},
    {"dram.queue_depth", "16", "32", "16", "16", "16"},
    {"dram.clock_ps", "625", "1250", "750", "625", "625"},
    {"dram.address_map", "\"rorabacobgch\"", "\"rorabacobgch\"", "\"rorabacobgch\"",
     "\"rorabacobgch\"", "\"rorabacobgch\""},
    {"hbm.standard", "", "", "", "", "\"HBM2E-3200\""},
    {"hbm.capacity_bytes", "", "", "", "", "68719476736"},
    {"hbm.channels", "", "", "", "", "32"},
    {"hbm.ranks", "", "", "", "", "1"},
    {"hbm.bank_groups", "", "", "", "", "4"},
    {"hbm.banks", "", "", "", "", "4"},
    {"hbm.row_bytes", "", "", "", "", "2048"},
    {"hbm.bus_bits", "", "", "", "", "128"},
    {"hbm.burst_length", "", "", "", "", "4"},
    {"hbm.queue_depth", "", "", "", "", "32"},
    {"hbm.clock_ps", "", "", "", "", "625"},
    {"hbm.address_map", "", "", "", "", "\"rorabacobgch\""},
    {"load.program_bits_per_unit", "3200", "3200", "3200", "3200", "3200"},
    {"load.program_bytes_per_s", "12800000000", "51200000000", "128000000000", "100000000000",
     "100000000000"},
    {"load.argument_bytes_per_s", "4000000000", "16000000000", "16000000000", "32000000000",
     "32000000000"},
    {"load.argument_cycles", "400", "1000", "1000", "1320", "1200"},
};

std::string figure(const rdu_hw_arch& arch, const Field& field) {
  return is_optional(field) && !has_hbm(arch) ? "" : json_text(field, arch);
}

}  // namespace

TEST_CASE("the presets hold the published figures") {
  rdu_hw_arch edge = chip("edge"), plasticine = chip("plasticine"), sara20 = chip("sara20"),
              sn10 = chip("sn10"), sn40l = chip("sn40l");
  for (const Row& row : kRows) {
    const Field* field = find_field(row.key);
    INFO(row.key);
    REQUIRE(field != nullptr);
    CHECK(figure(edge, *field) == row.edge);
    CHECK(figure(plasticine, *field) == row.plasticine);
    CHECK(figure(sara20, *field) == row.sara20);
    CHECK(figure(sn10, *field) == row.sn10);
    CHECK(figure(sn40l, *field) == row.sn40l);
  }
}

TEST_CASE("control ports and FIFOs are those of the compiler that was measured, on every preset") {
  const std::map<std::string, std::string> expected = {{"control_in", "16"},
                                                       {"control_out", "8"},
                                                       {"scalar_fifo_depth", "16"},
                                                       {"vector_fifo_depth", "16"},
                                                       {"control_fifo_depth", "1000"}};
  for (const std::string& name : kPresetNames) {
    rdu_hw_arch arch = chip(name);
    for (const char* unit : {"pcu", "pmu", "agcu"}) {
      for (const auto& [port, value] : expected) {
        INFO(name << " " << unit << " " << port);
        CHECK(json_text(*find_field(std::string(unit) + ".ports." + port), arch) == value);
      }
    }
  }
}

TEST_CASE("no figure escapes these tables") {
  for (const Field& field : fields()) {
    std::string key(field.key);
    bool listed = std::ranges::any_of(kRows, [&](const Row& row) { return key == row.key; });
    bool elsewhere = key.find(".timing.") != std::string::npos ||
                     key.find(".ports.control_") != std::string::npos ||
                     key.ends_with("_fifo_depth");
    INFO(key);
    CHECK(listed != elsewhere);
  }
}

TEST_CASE("every figure of a shipped preset names its source") {
  for (const std::string& name : kPresetNames) {
    INFO(name);
    std::string text = rdu_hw_arch_preset_json(name.c_str());
    CHECK_NOTHROW(parse_chip(text, {.origin = name, .sources = Sources::kRequired}));
    std::string bare =
        replaced(text, "{\"value\": 16, \"source\": ", "{\"value\": 16, \"sourc\": ");
    CHECK_THROWS(parse_chip(bare, {.origin = "", .sources = Sources::kRequired}));
  }
}

TEST_CASE(
    "a preset without a source, or with an unknown one, is refused when sources are required") {
  std::string text = rdu_hw_arch_preset_json("plasticine");
  const std::string stages = R"("stages": {"value": 6, "source": "PL17 table 3"})";
  for (const char* other : {R"("stages": 6)", R"("stages": {"value": 6})",
                            R"("stages": {"value": 6, "source": "somebody"})",
                            R"("stages": {"value": 6, "source": ""})"}) {
    std::string changed = replaced(text, stages, other);
    INFO(other);
    CHECK(parse_answer(changed) == "0");
    CHECK_THROWS_WITH(parse_chip(changed, {.origin = "", .sources = Sources::kRequired}),
                      Catch::StartsWith("pcu.stages.source: expected one of \"sources\", or "
                                        "\"inferred\", got "));
  }
}
