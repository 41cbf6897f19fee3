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
  // The last step, `offset` bytes further.
  void finish(const Touch& touch, std::int64_t offset = 0, const Wrap& wrap = {});

 private:
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
