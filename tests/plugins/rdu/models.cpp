// What a compiler would write for the chain.
#include "tests/plugins/rdu/models.hpp"

#include <cstring>

namespace chip_test {

using namespace rdu_hw::image;
using rdu::artifact::Model;
using rdu::artifact::Variant;

namespace {

// The values of chain_model, in the order in which it makes them.
enum Value : std::uint32_t { kX, kDoubled, kW, kZ, kPlus, kY };

constexpr std::uint32_t kIn = RDU_HW_ACCESS_READ, kOut = RDU_HW_ACCESS_WRITE;
constexpr std::uint32_t kOne = 0x3f800000;

}  // namespace

void add_cut(Variant& variant, std::uint64_t arch_hash,
             std::vector<rdu::artifact::Section> sections) {
  variant.cuts.push_back({.target = "rdu",
                          .format = "rdu.chip",
                          .target_hash = arch_hash,
                          .sections = std::move(sections)});
}

rdu::artifact::Section section(std::uint32_t first_node, std::uint32_t end_node,
                               std::vector<std::byte> payload) {
  return {.first_node = first_node,
          .end_node = end_node,
          .block_loops = {},
          .payload = std::move(payload)};
}

Package chain_node(std::uint64_t arch_hash, std::uint32_t node, std::uint32_t count,
                   Weights weights) {
  const std::uint64_t bytes = 4 * std::uint64_t{count};
  const Argument in = region_argument(kIn, bytes), out = region_argument(kOut, bytes);
  const auto read = [&](Value value) { return bind_value(value, RDU_HW_MOVE_IN, bytes); };
  const auto written = [&](Value value) { return bind_value(value, RDU_HW_MOVE_OUT, bytes); };
  Package package;
  switch (node) {
    case 0:
      package.image = elementwise_image(arch_hash, count, {in, out},
                                        {{RDU_HW_OP_ADD_F32, region(0), region(0), 1, "doubled"}});
      package.bindings = {read(kX), written(kDoubled)};
      break;
    case 1: {
      package.image = elementwise_image(arch_hash, count, {in, in, out},
                                        {{RDU_HW_OP_ADD_F32, region(0), region(1), 2, "z"}});
      package.bindings = {read(kDoubled), bind_constant(kW, bytes), written(kZ)};
      if (weights == Weights::kFromGraph) break;
      std::vector<std::uint8_t> packed(bytes);
      for (std::uint32_t i = 0; i < count; ++i) {
        const float w = rdu::test::chain_w(i % 5);
        std::memcpy(packed.data() + 4 * std::size_t{i}, &w, sizeof w);
      }
      package.bindings[1] = bind_data(add_data(package, packed), bytes);
      break;
    }
    case 2:
      package.image = elementwise_image(arch_hash, count, {in, scalar_argument(kIn), out},
                                        {{RDU_HW_OP_ADD_F32, region(0), scalar(1), 2, "plus"}});
      package.bindings = {read(kZ), bind_word(kOne), written(kPlus)};
      break;
    default:
      package.image = elementwise_image(arch_hash, count, {in, in, out},
                                        {{RDU_HW_OP_MUL_F32, region(0), region(1), 2, "y"}});
      package.bindings = {read(kZ), read(kPlus), written(kY)};
  }
  return package;
}

Package whole_chain(std::uint64_t arch_hash, std::uint32_t count) {
  const std::uint64_t bytes = 4 * std::uint64_t{count};
  const Argument between = region_argument(kIn | kOut, bytes);
  Package package;
  package.image =
      elementwise_image(arch_hash, count,
                        {region_argument(kIn, bytes), between, region_argument(kIn, bytes), between,
                         between, region_argument(kOut, bytes)},
                        {{RDU_HW_OP_ADD_F32, region(0), region(0), 1, "doubled"},
                         {RDU_HW_OP_ADD_F32, region(1), region(2), 3, "z"},
                         {RDU_HW_OP_ADD_F32, region(3), word(kOne), 4, "plus"},
                         {RDU_HW_OP_MUL_F32, region(3), region(4), 5, "y"}});
  const std::uint64_t doubled = add_scratch(package, RDU_HW_TIER_DRAM, bytes, 64);
  const std::uint64_t plus = add_scratch(package, RDU_HW_TIER_DRAM, bytes, 64);
  package.bindings = {bind_value(kX, RDU_HW_MOVE_IN, bytes),
                      bind_scratch(doubled),
                      bind_constant(kW, bytes),
                      bind_value(kZ, RDU_HW_MOVE_OUT, bytes),
                      bind_scratch(plus),
                      bind_value(kY, RDU_HW_MOVE_OUT, bytes)};
  package.estimated_cycles = 4321;
  return package;
}

Model chain_on_chip(std::uint64_t arch_hash, const std::vector<std::int64_t>& batches,
                    const Change& change) {
  Model model = rdu::test::chain_model(batches);
  for (std::size_t v = 0; v < batches.size(); ++v) {
    std::vector<rdu::artifact::Section> sections;
    for (std::uint32_t node = 0; node < 4; ++node) {
      std::vector<std::byte> bytes =
          payload(chain_node(arch_hash, node, static_cast<std::uint32_t>(batches[v] * 5)));
      if (change) change(node, bytes);
      sections.push_back(section(node, node + 1, std::move(bytes)));
    }
    add_cut(model.signatures[0].variants[v], arch_hash, std::move(sections));
  }
  return model;
}

}  // namespace chip_test
