// The table of figures: key, type, range, unit and meaning.
#include "drivers/arch/fields.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace rdu_hw::arch {
namespace {

constexpr Word kPatterns[] = {{"checkerboard", RDU_HW_PATTERN_CHECKERBOARD}};
constexpr Word kNetworks[] = {{"ideal", RDU_HW_NETWORK_IDEAL}, {"routed", RDU_HW_NETWORK_ROUTED}};
constexpr Word kEdges[] = {{"west", RDU_HW_EDGE_WEST},
                           {"east", RDU_HW_EDGE_EAST},
                           {"north", RDU_HW_EDGE_NORTH},
                           {"south", RDU_HW_EDGE_SOUTH}};
constexpr Word kDtypes[] = {{"fp32", RDU_HW_DTYPE_FP32},
                            {"bf16", RDU_HW_DTYPE_BF16},
                            {"int32", RDU_HW_DTYPE_INT32},
                            {"int16", RDU_HW_DTYPE_INT16},
                            {"int8", RDU_HW_DTYPE_INT8}};
constexpr Word kFunctions[] = {
    {"div", RDU_HW_FN_DIV},   {"rcp", RDU_HW_FN_RCP},
    {"sqrt", RDU_HW_FN_SQRT}, {"rsqrt", RDU_HW_FN_RSQRT},
    {"exp", RDU_HW_FN_EXP},   {"log", RDU_HW_FN_LOG},
    {"tanh", RDU_HW_FN_TANH}, {"sigmoid", RDU_HW_FN_SIGMOID},
    {"erf", RDU_HW_FN_ERF},   {"sin", RDU_HW_FN_SIN},
    {"cos", RDU_HW_FN_COS},   {"cast", RDU_HW_FN_CAST},
    {"rng", RDU_HW_FN_RNG},   {"stochastic_round", RDU_HW_FN_STOCHASTIC_ROUND}};
constexpr Word kMapDigits[] = {{"ro", RDU_HW_MAP_ROW},    {"ra", RDU_HW_MAP_RANK},
                               {"ba", RDU_HW_MAP_BANK},   {"bg", RDU_HW_MAP_BANK_GROUP},
                               {"co", RDU_HW_MAP_COLUMN}, {"ch", RDU_HW_MAP_CHANNEL}};

constexpr uint64_t kTera = 1'000'000'000'000;
constexpr uint64_t kMaxRate = 1000 * kTera;
constexpr uint64_t kMaxMemory = uint64_t{1} << 50;

// The member's last name is the last part of the key; `group` is the JSON object and the struct that it lies in.
#define RDU_HW_AT(group, member) offsetof(rdu_hw_arch, group.member)
#define COUNT(group, member, low, high, unit, meaning)                                       \
  {                                                                                          \
#group "." #member, Kind::kCount, RDU_HW_AT(group, member), low, high, unit, meaning, {} \
  }
#define SIZE(group, member, low, high, unit, meaning)                                       \
  {                                                                                         \
#group "." #member, Kind::kSize, RDU_HW_AT(group, member), low, high, unit, meaning, {} \
  }
#define WORDS(kind, group, member, words, meaning) \
  { #group "." #member, kind, RDU_HW_AT(group, member), 0, 0, "", meaning, words }

#define PORTS(unit)                                                                           \
  COUNT(unit.ports, scalar_in, 0, 64, "", "scalar inputs"),                                   \
      COUNT(unit.ports, scalar_out, 0, 64, "", "scalar outputs"),                             \
      COUNT(unit.ports, vector_in, 1, 64, "", "vector inputs"),                               \
      COUNT(unit.ports, vector_out, 1, 64, "", "vector outputs"),                             \
      COUNT(unit.ports, control_in, 1, 64, "", "inputs for tokens and credits"),              \
      COUNT(unit.ports, control_out, 1, 64, "", "outputs for tokens and credits"),            \
      COUNT(unit.ports, scalar_fifo_depth, 1, 65536, "words", "FIFO of each scalar input"),   \
      COUNT(unit.ports, vector_fifo_depth, 1, 65536, "vectors", "FIFO of each vector input"), \
      COUNT(unit.ports, control_fifo_depth, 1, 65536, "tokens", "counter of each control input")

#define CLOCKS(tier, member, low, meaning) COUNT(tier.timing, member, low, 65535, "clocks", meaning)

#define DRAM(tier)                                                                                 \
  WORDS(Kind::kText, tier, standard, {}, "name of the standard and speed, for people"),            \
      SIZE(tier, capacity_bytes, 1 << 20, kMaxMemory, "B", "all channels together"),               \
      COUNT(tier, channels, 1, 256, "", "independent channels"),                                   \
      COUNT(tier, ranks, 1, 64, "", "ranks of a channel"),                                         \
      COUNT(tier, bank_groups, 1, 16, "", "bank groups of a rank"),                                \
      COUNT(tier, banks, 1, 64, "", "banks of a bank group"),                                      \
      COUNT(tier, row_bytes, 64, 1 << 20, "B", "row of a bank, over all devices of a rank"),       \
      COUNT(tier, bus_bits, 8, 4096, "bit", "data bus of a channel"),                              \
      COUNT(tier, burst_length, 1, 64, "", "transfers of one READ or WRITE, two per clock"),       \
      COUNT(tier, queue_depth, 1, 4096, "",                                                        \
            "requests in each of a channel's two queues, of reads and of writes"),                 \
      {#tier ".clock_ps",                                                                          \
       Kind::kRatio,                                                                               \
       RDU_HW_AT(tier, clock_ps_num),                                                              \
       1,                                                                                          \
       1'000'000,                                                                                  \
       "ps",                                                                                       \
       "period of the DRAM's clock, an integer or a fraction such as 2500/3",                      \
       {}},                                                                                        \
      WORDS(Kind::kMap, tier, address_map, kMapDigits,                                             \
            "digits of a burst's address, most significant first"),                                \
      CLOCKS(tier, cl, 1, "READ to its first data"),                                               \
      CLOCKS(tier, cwl, 1, "WRITE to its first data"),                                             \
      CLOCKS(tier, rcd, 1, "ACTIVATE to READ or WRITE"),                                           \
      CLOCKS(tier, rp, 1, "PRECHARGE to ACTIVATE"), CLOCKS(tier, ras, 1, "ACTIVATE to PRECHARGE"), \
      CLOCKS(tier, rc, 1, "ACTIVATE to ACTIVATE of the same bank"),                                \
      CLOCKS(tier, rrd_s, 1, "ACTIVATE to ACTIVATE, other bank group"),                            \
      CLOCKS(tier, rrd_l, 1, "ACTIVATE to ACTIVATE, same bank group"),                             \
      CLOCKS(tier, ccd_s, 1, "READ to READ or WRITE to WRITE, other bank group"),                  \
      CLOCKS(tier, ccd_l, 1, "READ to READ or WRITE to WRITE, same bank group"),                   \
      CLOCKS(tier, faw, 1, "window that holds at most four ACTIVATEs of a rank"),                  \
      CLOCKS(tier, wr, 1, "end of write data to PRECHARGE"),                                       \
      CLOCKS(tier, wtr_s, 1, "end of write data to READ, other bank group"),                       \
      CLOCKS(tier, wtr_l, 1, "end of write data to READ, same bank group"),                        \
      CLOCKS(tier, rtp, 1, "READ to PRECHARGE"),                                                   \
      CLOCKS(tier, rtw, 1, "READ to WRITE of a channel: the bus turns around"),                    \
      CLOCKS(tier, rtrs, 0, "idle data bus between bursts of two ranks"),                          \
      CLOCKS(tier, rfc, 1, "REFRESH of a rank to its next command"),                               \
      COUNT(tier.timing, refi, 1, 1 << 20, "clocks", "from one REFRESH of a rank to the next")

constexpr Field kFields[] = {
    {"clock_hz",
     Kind::kSize,
     offsetof(rdu_hw_arch, clock_hz),
     1'000'000,
     10'000'000'000,
     "Hz",
     "clock of the chip",
     {}},

    COUNT(grid, tile_rows, 1, 16, "", "tiles from north to south"),
    COUNT(grid, tile_columns, 1, 16, "", "tiles from west to east"),
    COUNT(grid, rows, 1, 128, "", "units of a tile from north to south"),
    COUNT(grid, columns, 1, 128, "", "units of a tile from west to east"),
    WORDS(Kind::kChoice, grid, pattern, kPatterns, "where PCUs and PMUs stand"),
    COUNT(grid, word_bits, 32, 32, "bit", "word of a lane, a bank and a scalar link"),

    COUNT(pcu, lanes, 1, 64, "", "SIMD width, a power of two"),
    COUNT(pcu, stages, 1, 64, "", "operations of the pipeline"),
    COUNT(pcu, registers, 1, 256, "words", "registers per stage and lane"),
    COUNT(pcu, contexts, 1, 64, "", "programs that share the unit"),
    COUNT(pcu, counters, 1, 256, "", "counters of all its chains"),
    COUNT(pcu, reduce_cycles, 0, 64, "cycles",
          "a reduction over the lanes takes log2(lanes) stages and these"),
    COUNT(pcu, systolic_rows, 0, 128, "", "rows of the systolic array, 0: none"),
    COUNT(pcu, systolic_columns, 0, 128, "", "columns of the systolic array, 0: none"),
    COUNT(pcu, bf16_per_word, 1, 2, "", "bf16 operations of a lane per cycle"),
    WORDS(Kind::kSet, pcu, dtypes, kDtypes, "number formats"),
    WORDS(Kind::kSet, pcu, stage_functions, kFunctions, "functions that every stage has"),
    WORDS(Kind::kSet, pcu, tail_functions, kFunctions, "functions after the last stage"),
    PORTS(pcu),

    SIZE(pmu, bytes, 1024, 1 << 30, "B", "scratchpad of one unit"),
    COUNT(pmu, banks, 1, 256, "", "banks, a power of two"),
    COUNT(pmu, vector_reads, 1, 16, "", "vectors read per cycle"),
    COUNT(pmu, vector_writes, 1, 16, "", "vectors written per cycle"),
    COUNT(pmu, counters, 1, 256, "", "counters of all its chains"),
    COUNT(pmu, address_stages, 1, 64, "", "scalar operations of an address"),
    COUNT(pmu, address_registers, 1, 256, "words", "registers per address stage"),
    COUNT(pmu, address_cycles, 1, 256, "cycles", "from the counters' step to the banks"),
    PORTS(pmu),

    WORDS(Kind::kChoice, network, kind, kNetworks, "ideal: every route is one hop"),
    COUNT(network, vector_links, 1, 64, "", "vector links to each neighbour, each way"),
    COUNT(network, scalar_links, 1, 64, "", "scalar links to each neighbour, each way"),
    COUNT(network, control_links, 1, 64, "", "control links to each neighbour, each way"),
    COUNT(network, buffers_per_hop, 1, 64, "", "elements that wait at the end of a link"),
    COUNT(network, cycles_per_hop, 1, 64, "cycles", "from switch to switch"),

    SIZE(agcu, host_dma_bytes_per_s, 1, kMaxRate, "B/s", "between host and DRAM, all together"),
    COUNT(agcu, count, 1, 1024, "", "AGCUs of the chip"),
    WORDS(Kind::kSet, agcu, edges, kEdges, "sides of the mesh that they stand on"),
    COUNT(agcu, outstanding, 1, 65536, "", "requests of an AGCU under way"),
    COUNT(agcu, coalescing_entries, 1, 65536, "", "bursts that sparse requests merge into"),
    COUNT(agcu, counters, 1, 256, "", "counters of all its chains"),
    COUNT(agcu, address_stages, 1, 64, "", "scalar operations of an address"),
    COUNT(agcu, dram_cycles, 1, 1024, "cycles", "to a memory controller, and the same back"),
    PORTS(agcu),

    DRAM(dram),
    DRAM(hbm),

    SIZE(load, program_bits_per_unit, 1, 1 << 30, "bit",
         "program of each PCU, PMU, switch and AGCU"),
    SIZE(load, program_bytes_per_s, 1, kMaxRate, "B/s", "rate of loading programs"),
    SIZE(load, argument_bytes_per_s, 1, kMaxRate, "B/s", "rate of loading arguments"),
    SIZE(load, argument_cycles, 0, 1 << 30, "cycles", "before the first argument"),
};

}  // namespace

std::span<const Field> fields() { return kFields; }

const Field* find_field(std::string_view key) {
  const Field* field = std::ranges::find(kFields, key, &Field::key);
  return field == std::end(kFields) ? nullptr : field;
}

bool is_group(std::string_view key) {
  return std::ranges::any_of(kFields, [&](const Field& field) {
    return field.key.starts_with(key) && field.key.substr(key.size()).starts_with('.');
  });
}

bool is_optional(const Field& field) {
  return field.key.starts_with(kOptionalGroup) &&
         field.key.substr(kOptionalGroup.size()).starts_with('.');
}

void* place_of(const Field& field, rdu_hw_arch& arch) {
  return reinterpret_cast<std::byte*>(&arch) + field.offset;
}

const void* place_of(const Field& field, const rdu_hw_arch& arch) {
  return reinterpret_cast<const std::byte*>(&arch) + field.offset;
}

uint64_t number_of(const Field& field, const rdu_hw_arch& arch) {
  if (field.kind == Kind::kSize) {
    uint64_t number = 0;
    std::memcpy(&number, place_of(field, arch), sizeof number);
    return number;
  }
  uint32_t number = 0;
  std::memcpy(&number, place_of(field, arch), sizeof number);
  return number;
}

}  // namespace rdu_hw::arch
