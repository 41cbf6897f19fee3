// Turns the accesses of a node into their lowered form.
#pragma once

#include <rdu/plugin.hpp>

#include "plugins/cpu/access/access.hpp"

namespace rdu::cpu {

// Finds the place of any value that a node names.
class Places {
 public:
  virtual ~Places() = default;
  virtual Place place_of(std::uint32_t value) const = 0;
  // How many channels does the value's storage have for each image, where it lies in blocks of 16 of them? Else 0.
  virtual std::int64_t block_channels(std::uint32_t value) const = 0;
  bool blocked(std::uint32_t value) const { return block_channels(value) != 0; }
  // Is dimension 1 of the value's storage the one that steps by 1?
  virtual bool channels_last(std::uint32_t value) const = 0;
};

// What a rule yields is replaced where only the question "inside?" matters.
enum class OutsideRule { kAsWritten, kFill };

// What lowering needs to know of the node that it works on.
struct NodeScope {
  plugin::Graph graph;
  const Places& places;
  std::uint32_t num_loops = 0;
  LoopArray extents{};  // bounds
  std::uint32_t split =
      kMaxLoops;  // the graph's loop that is two here: 16 * loop(split) + loop(split + 1)

  bool as_plain = false;  // no value is taken to lie in blocks

  // Adds coef times the graph's loop.
  void add_term(LoopArray& coefs, std::uint32_t loop, std::int64_t coef) const;
};

Access lower_read(const NodeScope& scope, const rdu_read& read,
                  OutsideRule rule = OutsideRule::kAsWritten);
Access lower_write(const NodeScope& scope, const rdu_write& write);

// Reads or writes all of `value` with loop d as dimension first_loop + d.
Access whole_value(const NodeScope& scope, std::uint32_t value, std::uint32_t first_loop);

// The bits of a scalar of `dtype`, low bytes first.
std::uint64_t scalar_bits(rdu_dtype dtype, double f, std::int64_t i);

}  // namespace rdu::cpu
