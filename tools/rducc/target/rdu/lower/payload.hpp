// Runs of nodes as packages for the chip.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "tools/rducc/target/rdu/build.hpp"
#include "tools/rducc/target/rdu/lower/regions.hpp"
#include "tools/rducc/target/rdu/lower/target.hpp"

namespace rducc::rdu::lower {

// The nodes [first_node, end_node) of graph 0. Throws Decline for what no kernel does.
Work make_work(const artifact::Variant& variant, std::uint32_t first_node, std::uint32_t end_node);

struct Payload {
  std::vector<std::byte> bytes;
  std::size_t num_sections = 0;
  std::uint64_t estimated_cycles = 0;  // of a run
};

std::vector<std::byte> to_bytes(const std::vector<std::uint8_t>& bytes);

// How much of the chip each node of graph 0 may take; 1 where it is not listed.
using Budgets = std::map<std::uint32_t, double>;

// kLimit where the chip has not what it takes.
base::Result<Payload> make_payload(const Work& work, const chip::TargetOptions& options,
                                   const Budgets& budgets);

}  // namespace rducc::rdu::lower
