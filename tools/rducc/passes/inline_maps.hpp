// The walk that fusion passes share: maps into their readers, in topological order.
#pragma once

#include <functional>

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A map about to be put into a node that reads it.
struct Candidate {
  const rdu::artifact::Variant& variant;
  const rdu::artifact::Node& producer;
  const rdu::artifact::Node& consumer;
  std::uint32_t read;                // of the consumer
  std::size_t num_uses;              // of the producer's result; an output counts as one more
  const rdu::artifact::Node& fused;  // what the consumer would become
};

// Every sole writer that `wanted` accepts is put into each reader for which `accept` says yes. What
// is not read any more stays for eliminate_dead.
void inline_maps(rdu::artifact::Variant& variant,
                 const std::function<bool(const rdu::artifact::Node& producer)>& wanted,
                 const std::function<bool(const Candidate&)>& accept);

}  // namespace rducc::passes
