// Scratchpad contents that outlive a section: which PMUs are theirs, from the first section that has them to the last.
//
// Sections are not built in their order: what finds its place keeps away from what has one already in any section of its life.
// What a setup section writes lives in all sections, and one PMU may keep several such stores that no section uses together. The section
// with most of them is built first: its PMUs are where the others' go as well. Then come those with stores that live over other sections,
// which find them closed; then the rest.
#pragma once

#include "tools/rducc/target/rdu/place.hpp"
#include "tools/rducc/target/rdu/slots.hpp"

namespace rducc::rdu {

class Stores {
 public:
  // kInvalidArgument when buffers of one store differ.
  static base::Result<Stores> find(const Flow& flow, const rdu_hw_arch& arch);

  // Numbers of all sections as they are to be built; enter() each before anything below is asked.
  const std::vector<std::size_t>& order() const { return order_; }
  void enter(std::size_t section);

  // PMUs that the present section must leave alone: of stores that it has no buffer of.
  std::uint32_t reserved(const Parts& parts) const;
  // Where its units with stores must go, and where no other may.
  Pins pins(const Parts& parts, const std::vector<Unit>& units) const;
  // Remembers where the section's units went; where in their scratchpads their buffers begin.
  std::vector<std::uint64_t> settle(const Parts& parts, const std::vector<Unit>& units,
                                    const std::vector<Site>& sites);

 private:
  struct Life {
    std::size_t first = 0;
    std::size_t last = 0;
    bool used = false;
    bool stays = false;  // written by a setup section
    Buffer shape;
    std::optional<Site> site;
    std::uint64_t base = 0;
  };
  explicit Stores(const rdu_hw_arch& arch) : arch_(&arch) {}
  base::Result<void> note(const Flow& flow, const Buffer& buffer, std::size_t section);
  std::vector<Site> taken_within(const Life& life) const;
  void find_order(const Flow& flow);
  void plan_slots(const Flow& flow);
  bool is_alive(const Life& life) const {
    return life.used && life.first <= last_ && first_ <= life.last && life.site;
  }
  std::vector<Site> closed() const;
  std::uint64_t& left_on(const Site& site);
  void reserve_slots();

  const rdu_hw_arch* arch_;
  std::vector<Life> lives_;
  std::vector<std::size_t> order_;
  std::vector<Pins::Room> rooms_;  // of PMUs that anything was put on
  std::optional<Slots> slots_;
  std::vector<std::vector<Site>> built_;  // PMUs of sections that have their places
  // The section, and those in which stores live that it is to find places for: not built in their order.
  std::size_t present_ = 0, first_ = 0, last_ = 0;
};

}  // namespace rducc::rdu
