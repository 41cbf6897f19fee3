// Inlining: compose the producer's accesses with the consumer's, splice the programs.
#include "tools/rducc/ir/inline_map.hpp"

#include <algorithm>

#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::ir {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Read;
using rdu::artifact::ValueId;

ValueId extent_of(const Variant& variant, ValueId id, std::size_t dim) {
  const auto& extents = variant.values[id].dim_values;
  return extents.empty() ? kNone : extents[dim];
}

// A scatter must not come to read what it may update in place.
bool reads_base(const Node& producer, const Node& consumer) {
  return consumer.base != kNone &&
         std::any_of(producer.reads.begin(), producer.reads.end(),
                     [&](const Read& read) { return read.value == consumer.base; });
}

bool writes_identity(const Node& node) {
  const auto& access = node.writes[0].access;
  if (access.size() != node.num_parallel) return false;
  for (std::uint32_t i = 0; i < access.size(); ++i) {
    const auto loop = as_single_loop(access[i]);
    if (!loop || *loop != i) return false;
  }
  return true;
}

bool covers_value(const Variant& variant, const Node& node) {
  const auto& dims = variant.values[node.writes[0].value].dims;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (node.loops[i].extent != dims[i]) return false;
  }
  return true;
}

bool can_fill(const Index& index) { return index.exact || index.outside == RDU_OUTSIDE_FILL; }

bool same_fill(const Read& a, const Read& b) {
  return a.fill == b.fill && a.fill_value == b.fill_value;
}

// The rule for what is outside the producer's result holds for the producer's operand too where a
// loop runs over exactly one dimension of it and nothing else depends on that loop.
bool rule_carries_over(const Variant& variant, const Node& producer, std::uint32_t loop) {
  if (!is_copy(producer.body)) return false;
  const Read& read = producer.reads[0];
  const auto& dims = variant.values[read.value].dims;
  std::size_t mentions = 0;
  bool straight = false;
  for (std::size_t i = 0; i < read.access.size(); ++i) {
    for (const auto& term : read.access[i].terms) mentions += term.loop == loop;
    straight = straight || (as_single_loop(read.access[i]) == loop &&
                            read.access[i].outside == RDU_OUTSIDE_NEVER &&
                            dims[i] == producer.loops[loop].extent &&
                            extent_of(variant, read.value, i) == producer.loops[loop].extent_value);
    for (const Index& source : read.access[i].source_access) {
      for (const auto& term : source.terms) mentions += term.loop == loop;
    }
  }
  return straight && mentions == 1;
}

bool rules_carry_over(const Variant& variant, const Node& producer, const Access& loops) {
  for (std::uint32_t i = 0; i < loops.size(); ++i) {
    const bool plain = loops[i].outside == RDU_OUTSIDE_NEVER && !loops[i].exact;
    if (!plain && !rule_carries_over(variant, producer, i)) return false;
  }
  return true;
}

std::optional<Read> compose(const Read& inner, const Read& outer, const Access& loops,
                            std::span<const std::int64_t> extents) {
  Read result = inner;
  const bool inner_fills = std::any_of(inner.access.begin(), inner.access.end(), can_fill);
  const bool outer_fills = std::any_of(loops.begin(), loops.end(), can_fill);
  if (inner_fills && outer_fills && !same_fill(inner, outer)) return std::nullopt;
  if (outer_fills) {
    result.fill = outer.fill;
    result.fill_value = outer.fill_value;
  }
  for (Index& index : result.access) {
    auto composed = substitute(index, loops, extents);
    if (!composed) return std::nullopt;
    index = *std::move(composed);
  }
  return result;
}

// The position of a producer's loop, computed in the consumer's program.
Expand expand_index(const Index& index) {
  return [index](std::vector<Instr>& code) {
    const auto append = [&](rdu_body_op op, std::uint32_t a, std::uint32_t b, std::int64_t imm) {
      code.push_back({op, RDU_DTYPE_I64, a, b, 0, {0, imm}});
      return static_cast<std::uint32_t>(code.size() - 1);
    };
    std::optional<std::uint32_t> sum;
    if (index.offset != 0 || index.terms.empty()) sum = append(RDU_OP_CONST, 0, 0, index.offset);
    for (const auto& term : index.terms) {
      std::uint32_t part = append(RDU_OP_INDEX, term.loop, 0, 0);
      if (term.coef != 1) {
        const std::uint32_t coef = append(RDU_OP_CONST, 0, 0, term.coef);
        part = append(RDU_OP_MUL, part, coef, 0);
      }
      sum = sum ? append(RDU_OP_ADD, *sum, part, 0) : part;
    }
    return *sum;
  };
}

// `numbers`: the producer's reads as reads of the consumer.
Program splice(const Program& outer, std::uint32_t read, const Program& inner,
               const std::vector<std::uint32_t>& numbers, const Access& loops) {
  const auto adapt = [&](Instr& instr) -> Expand {
    if (uses_read(instr)) instr.a = numbers[instr.a];
    if (instr.op == RDU_OP_INDEX) return expand_index(loops[instr.a]);
    return {};
  };
  return rewrite(outer, [&](const Instr& instr) -> Expand {
    if (instr.op != RDU_OP_LOAD || instr.a != read) return {};
    return [&](std::vector<Instr>& code) { return append_program(code, inner, 0, adapt); };
  });
}

bool tests_inside(const Program& program, std::uint32_t read) {
  return std::any_of(program.code.begin(), program.code.end(), [read](const Instr& instr) {
    return instr.op == RDU_OP_INSIDE && instr.a == read;
  });
}

bool reads_indirectly(const Node& node) {
  return std::any_of(node.reads.begin(), node.reads.end(), [](const Read& read) {
    return std::any_of(read.access.begin(), read.access.end(),
                       [](const Index& index) { return index.source != kNone; });
  });
}

bool same_read(const Read& a, const Read& b) {
  return a.value == b.value && a.access == b.access && same_fill(a, b);
}

void mark_used(const Program& program, std::vector<bool>& used) {
  for (const Instr& instr : program.code) {
    if (uses_read(instr)) used[instr.a] = true;
  }
}

void renumber_reads(Program& program, const std::vector<std::uint32_t>& numbers) {
  for (Instr& instr : program.code) {
    if (uses_read(instr)) instr.a = numbers[instr.a];
  }
  program = simplify(program);
}

// Which of the producer's reads takes the number of the read that goes: a view's only one, and of what
// computes an operand of a contract the largest, for operands are reads 0 and 1.
std::optional<std::size_t> read_in_place(const Variant& variant, const Node& producer,
                                         const Node& consumer, std::uint32_t read) {
  if (is_copy(producer.body)) return 0;
  const bool is_operand = consumer.pattern == RDU_PATTERN_CONTRACT && read < 2;
  if (!is_operand || producer.reads.empty()) return std::nullopt;
  const auto elements = [&](const Read& a) { return num_elements(variant.values[a.value].dims); };
  const auto largest =
      std::max_element(producer.reads.begin(), producer.reads.end(),
                       [&](const Read& a, const Read& b) { return elements(a) < elements(b); });
  return static_cast<std::size_t>(largest - producer.reads.begin());
}

}  // namespace

bool is_pointwise(const Variant& variant, const Node& node) {
  const bool pattern = node.pattern == RDU_PATTERN_MAP || node.pattern == RDU_PATTERN_GATHER;
  return pattern && node.combine == RDU_COMBINE_NONE && node.writes.size() == 1 &&
         node.num_parallel == node.loops.size() && writes_identity(node) &&
         covers_value(variant, node);
}

bool is_view(const Variant& variant, const Node& node) {
  return is_pointwise(variant, node) && is_copy(node.body);
}

std::optional<Node> inline_map(const Variant& variant, const Node& producer, const Node& consumer,
                               std::uint32_t read) {
  if (reads_base(producer, consumer)) return std::nullopt;
  if (has_op(producer.body, RDU_OP_RNG)) return std::nullopt;
  const Read& from = consumer.reads[read];
  const auto extents = loop_extents(consumer);
  const auto loops = reshape_access(from.access, variant.values[from.value].dims,
                                    variant.values[producer.writes[0].value].dims, extents);
  if (!loops || !rules_carry_over(variant, producer, *loops)) return std::nullopt;
  if (tests_inside(consumer.body, read) || tests_inside(consumer.epilogue, read)) {
    return std::nullopt;
  }
  if (has_op(producer.body, RDU_OP_INDEX) && !is_affine(*loops)) return std::nullopt;
  Node fused = consumer;
  unite_origins(fused, producer);
  const auto successor = read_in_place(variant, producer, consumer, read);
  std::vector<std::uint32_t> numbers;
  for (const Read& inner : producer.reads) {
    auto composed = compose(inner, from, *loops, extents);
    if (!composed) return std::nullopt;
    if (numbers.size() == successor) {
      numbers.push_back(read);
      fused.reads[read] = *std::move(composed);
    } else {
      numbers.push_back(static_cast<std::uint32_t>(fused.reads.size()));
      fused.reads.push_back(*std::move(composed));
    }
  }
  fused.body = splice(fused.body, read, producer.body, numbers, *loops);
  fused.epilogue = splice(fused.epilogue, read, producer.body, numbers, *loops);
  compact_reads(fused);
  const bool may_gather = fused.pattern == RDU_PATTERN_MAP || fused.pattern == RDU_PATTERN_REDUCE;
  if (may_gather && reads_indirectly(fused)) fused.pattern = RDU_PATTERN_GATHER;
  return fused;
}

void compact_reads(Node& node) {
  std::vector<bool> used(node.reads.size(), false);
  mark_used(node.body, used);
  mark_used(node.epilogue, used);
  const std::size_t fixed = node.pattern == RDU_PATTERN_CONTRACT ? 2 : 0;
  std::vector<Read> kept;
  std::vector<std::uint32_t> numbers(node.reads.size(), 0);
  for (std::size_t i = 0; i < node.reads.size(); ++i) {
    if (!used[i] && i >= fixed) continue;
    const auto equal = std::find_if(kept.begin(), kept.end(), [&](const Read& read) {
      return i >= fixed && same_read(read, node.reads[i]);
    });
    numbers[i] = static_cast<std::uint32_t>(equal - kept.begin());
    if (equal == kept.end()) kept.push_back(node.reads[i]);
  }
  node.reads = std::move(kept);
  renumber_reads(node.body, numbers);
  renumber_reads(node.epilogue, numbers);
}

std::vector<std::int64_t> loop_extents(const Node& node) {
  std::vector<std::int64_t> extents;
  for (const auto& loop : node.loops) extents.push_back(loop.extent);
  return extents;
}

double num_points(const Node& node) {
  double points = 1;
  for (const auto& loop : node.loops) points *= static_cast<double>(loop.extent);
  return points;
}

}  // namespace rducc::ir
