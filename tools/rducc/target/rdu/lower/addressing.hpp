// Address programs of accesses: what is affine is one step, bounds and divisions take one each.
#pragma once

#include <map>
#include <vector>

#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

class Addressing {
 public:
  // Of a context whose counters are the loops of `order`.
  Addressing(const Nest& nest, Memory memory, Order order)
      : nest_(nest), memory_(memory), order_(order) {}

  // Index words that the context receives, by the number of their touch.
  void bring(std::uint32_t touch, const Affine& word) { words_.emplace(touch, word); }
  void guard(const Guard& guard);
  // The last step, `offset` bytes further; the touch's pitches are of elements of so many bytes.
  void finish(const Touch& touch, std::int64_t element_bytes, std::int64_t offset = 0,
              const Wrap& wrap = {});
  // Of a writer of a band that lies by itself.
  void finish_band(const BandPlace& place, const Band& band, std::int64_t element_bytes);
  // Of an element of a buffer of pairs (pairs.hpp), whose first is element `first` of the touch.
  void finish_pairs(const Touch& touch, const Pairing& pairing, std::int64_t first = 0);

 private:
  Affine halves(const Form& place, std::int64_t stride);
  Affine sum(const Form& form);
  Affine variable(VariableId id);
  Affine position(const Position& position);

  const Nest& nest_;
  Memory memory_;
  Order order_;
  std::map<VariableId, Affine> derived_;
  std::map<std::uint32_t, Affine> words_;
};

}  // namespace rducc::rdu::lower
