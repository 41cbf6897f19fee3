// Scratchpad contents that outlive a section: which PMUs are theirs, from the first section that has them to the last.
#pragma once

#include "tools/rducc/target/rdu/place.hpp"

namespace rducc::rdu {

class Stores {
 public:
  // kInvalidArgument when buffers of one store differ.
  static base::Result<Stores> find(const Flow& flow);

  // PMUs that the present section must leave alone: of stores that it has no buffer of.
  std::uint32_t reserved(const Parts& parts) const;
  // Where its units with stores must go, and where no other may.
  Pins pins(const Parts& parts, const std::vector<Unit>& units) const;
  // Remembers where the section's stores went.
  void settle(const Parts& parts, const std::vector<Unit>& units, const std::vector<Site>& sites);
  void next() { ++section_; }

 private:
  struct Life {
    std::size_t first = 0;
    std::size_t last = 0;
    bool used = false;
    Buffer shape;
    std::optional<Site> site;
  };
  bool is_alive(const Life& life) const {
    return life.used && life.first <= section_ && section_ <= life.last && life.site;
  }

  std::vector<Life> lives_;
  std::size_t section_ = 0;
};

}  // namespace rducc::rdu
