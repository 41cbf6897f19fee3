// Numbers the storages of an executable and gives the inner ones a place in the run's scratch.
#pragma once

#include <rdu/plugin.hpp>
#include <span>
#include <vector>

#include "plugins/cpu/access/lower.hpp"

namespace rdu::cpu {

struct Slot {
  // Lent: a sub-graph's name for an outer value; its node fills in the address.
  enum class Kind : std::uint8_t { kConstant, kBound, kScratch, kLent };
  Kind kind = Kind::kScratch;
  std::uint32_t value = RDU_NONE;  // the storage's owner
  const void* data = nullptr;      // constant
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;         // scratch
  std::int64_t block_channels = 0;  // of each image, where it lies in blocks of 16
  bool channels_last = false;
  std::uint32_t first = ~0u, last = 0;  // steps between which it lives
};

// Memory with a life, to be placed so that what lives at once does not overlap.
struct Lease {
  std::uint64_t bytes = 0;
  std::uint32_t first = 0, last = 0;
  std::uint64_t offset = 0;
};

// Places leases, the largest first, each as low as it fits; returns the bytes that all need.
std::uint64_t place_leases(std::vector<Lease>& leases);

// The storages that sections touch: bound by the host, or scratch. A node of a sub-graph lives in the step of its
// outermost node.
class StoragePlan : public Places {
 public:
  StoragePlan(plugin::Graph graph, std::uint32_t first_section, std::uint32_t end_section);

  Place place_of(std::uint32_t value) const override;
  std::int64_t block_channels(std::uint32_t value) const override;
  bool channels_last(std::uint32_t value) const override;
  // Those of the storages that have a slot live until then, or longer.
  void keep_until(std::span<const std::uint32_t> storages, std::uint32_t step);
  std::vector<Slot>& slots() { return slots_; }
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  std::vector<bool> find_bound(std::uint32_t first_node, std::uint32_t end_node) const;
  void touch_node(const rdu_node& outer, std::uint32_t step);
  void touch(std::uint32_t value, std::uint32_t step);

  plugin::Graph graph_;
  std::vector<std::uint32_t> slot_of_;  // by value: of storage owners
  std::vector<Slot> slots_;
};

}  // namespace rdu::cpu
