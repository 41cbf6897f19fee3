// Models of the runtime's tests with a cut for a chip, compiled by hand.
#pragma once

#include <functional>

#include "sdk/artifact/model.hpp"
#include "tests/plugins/rdu/images.hpp"
#include "tests/sdk/src/support/models.hpp"

namespace chip_test {

// Sections of a cut, as node ranges with payloads.
void add_cut(rdu::artifact::Variant& variant, std::uint64_t arch_hash,
             std::vector<rdu::artifact::Section> sections);
rdu::artifact::Section section(std::uint32_t first_node, std::uint32_t end_node,
                               std::vector<std::byte> payload);

// Of chain_model (y = (2x + w)(2x + w + 1), z = 2x + w, four nodes over `count` floats): the package of each node alone, and one
// of all. Constants come from the graph, or are packed into the data.
enum class Weights { kFromGraph, kPacked };
rdu_hw::image::Package chain_node(std::uint64_t arch_hash, std::uint32_t node, std::uint32_t count,
                                  Weights weights = Weights::kFromGraph);
rdu_hw::image::Package whole_chain(std::uint64_t arch_hash, std::uint32_t count);

// chain_model with a package for each node, but for those that `change` makes something else of.
using Change = std::function<void(std::uint32_t node, std::vector<std::byte>& payload)>;
rdu::artifact::Model chain_on_chip(std::uint64_t arch_hash,
                                   const std::vector<std::int64_t>& batches,
                                   const Change& change = {});

}  // namespace chip_test
