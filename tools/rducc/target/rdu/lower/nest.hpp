// A node of the graph as a nest of loops and what it touches: how kernels see maps, reductions and contractions.
//
// Loops are variables; their order in the nest is a list of its own, so that a kernel reorders, splits and merges loops without touching
// accesses. A *derived* variable is a quotient of a sum of others: what a flattened pair of loops needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/target/rdu/lower/cell.hpp"
#include "tools/rducc/target/rdu/lower/form.hpp"

namespace rducc::rdu::lower {

namespace artifact = ::rdu::artifact;

struct Variable {
  std::int64_t extent = 1;  // of a loop; of a derived one the values are below it
  bool reduces = false;
  std::uint32_t role = RDU_LOOP_PLAIN;
  bool counted = false;      // a program asks for its value, so that it is not merged
  std::int64_t divisor = 0;  // of a derived variable, else 0
  Form dividend = {};        // never negative
};

// A dimension of a value of the graph, for messages.
struct Bound {
  artifact::ValueId value;
  std::uint32_t dim;
};

// Where an operand is along one dimension: ⌊form / divisor⌋ mod modulus, the form plus an index word where there is one.
struct Position {
  Form form;
  std::int64_t divisor = 1;
  std::int64_t modulus = 0;         // 0: none
  bool exact = false;               // outside unless the divisor divides
  std::int64_t extent = 1;          // of the dimension
  std::int64_t pitch = 1;           // elements from one position to the next
  std::uint32_t index = RDU_NONE;   // of the nest's touches: added to the form
  bool wraps = false;               // negative index words count from the end
  std::optional<Bound> bound = {};  // a run fails where the index word leads outside

  bool is_plain() const { return divisor == 1 && modulus == 0 && !exact && index == RDU_NONE; }
};

// One operand at one access. What lies outside a dimension is the fill.
struct Touch {
  artifact::ValueId value = artifact::kNone;  // whose storage it is
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::uint32_t fill = 0;  // a word
  std::vector<Position> dims;
  Cell cell = Cell::kWord;
  VariableId pair = RDU_NONE;  // of kPair: of two steps, whose elements share a word
};

// A sum that counts only below `high`: what is beyond, lanes of a last tile say, is read and computed but not used.
struct Guard {
  Form form;
  std::int64_t high;
};

struct Nest {
  std::vector<Variable> variables;
  std::vector<VariableId> parallel;   // loops, outermost first
  std::vector<VariableId> reduction;  // loops, outermost first
  std::vector<Touch> reads;           // those of the node, then the index operands of theirs
  std::uint32_t num_reads = 0;        // of the node
  std::vector<Touch> writes;
  std::vector<Form> loop_values;  // of each loop of the node
  std::vector<Guard> guards;      // results beyond them are thrown away

  VariableId add_loop(std::int64_t extent, bool reduces);
  // ⌊dividend / divisor⌋
  VariableId add_derived(const Form& dividend, std::int64_t divisor);
  void substitute(VariableId id, const Form& by);  // everywhere
  Range range(const Form& form) const;
  Range range(const Position& position) const;  // of the rounded value, before bounds
  std::int64_t extent(VariableId id) const { return variables[id].extent; }
  std::int64_t points(const std::vector<VariableId>& loops) const;
};

// Declines what no nest can say.
Nest make_nest(const artifact::Variant& variant, const artifact::Node& node);

// Leaves out loops of one step, and makes one loop of two wherever all that is touched moves on evenly.
void simplify(Nest& nest);

// Makes dimensions of a touch one until the loops y, x move all of them as one loop would: whether that can be.
bool align(const Nest& nest, Touch& touch, VariableId y, VariableId x);

// A loop as tiles of `tile` steps: the new loops' ids, the outer one first. The last tile may reach beyond.
struct Split {
  VariableId outer;
  VariableId inner;
};
Split split(Nest& nest, VariableId loop, std::int64_t tile);

// The owner of a value's storage.
artifact::ValueId storage_of(const artifact::Variant& variant, artifact::ValueId value);

}  // namespace rducc::rdu::lower
