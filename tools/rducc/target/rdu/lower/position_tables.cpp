// Positions that come back into a dimension, clamped or reflected: address programs cannot bend, so a table says where they are.
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/expand.hpp"
#include "tools/rducc/target/rdu/lower/form.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Access;
using artifact::Index;
using artifact::kNone;
using artifact::Loop;
using artifact::Node;
using artifact::Term;
using artifact::ValueId;

constexpr std::int64_t kMostEntries = 1 << 16;

std::int64_t come_back(std::int64_t position, std::int64_t extent, std::uint32_t outside) {
  if (outside == RDU_OUTSIDE_CLAMP) return std::clamp<std::int64_t>(position, 0, extent - 1);
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t phase = position - floor_div(position, period) * period;
  return std::min(phase, period - phase);
}

Range range_of(const Index& index, const std::vector<Loop>& loops) {
  Range range{index.offset, index.offset};
  for (const Term& term : index.terms) {
    const std::int64_t reach = term.coef * (loops[term.loop].extent - 1);
    (reach < 0 ? range.low : range.high) += reach;
  }
  range = {floor_div(range.low, index.div), floor_div(range.high, index.div)};
  const bool wraps = index.mod != 0 && (range.low < 0 || range.high >= index.mod);
  return wraps ? Range{0, index.mod - 1} : range;
}

Index along(std::uint32_t loop) {
  Index index;
  index.terms = {{loop, 1}};
  return index;
}

class Tables {
 public:
  Tables(artifact::Variant& variant, Node node) : variant_(variant), node_(std::move(node)) {}

  std::vector<Node> run() {
    for (std::size_t r = 0; r < node_.reads.size(); ++r) {
      if (!comes_back(r)) continue;
      if (node_.pattern == RDU_PATTERN_CONTRACT) copy_operand(r);
      for (std::size_t d = 0; d < node_.reads[r].access.size(); ++d) tabulate(node_, r, d);
    }
    nodes_.push_back(std::move(node_));
    return std::move(nodes_);
  }

 private:
  std::int64_t extent(ValueId value, std::size_t d) const { return variant_.values[value].dims[d]; }

  static bool bends(const Index& index) {
    return index.outside == RDU_OUTSIDE_CLAMP || index.outside == RDU_OUTSIDE_REFLECT;
  }

  bool leaves(const Node& node, std::size_t r, std::size_t d) const {
    const artifact::Read& read = node.reads[r];
    const Range range = range_of(read.access[d], node.loops);
    return range.low < 0 || range.high >= extent(read.value, d);
  }

  bool comes_back(std::size_t r) const {
    const Access& access = node_.reads[r].access;
    for (std::size_t d = 0; d < access.size(); ++d) {
      if (bends(access[d]) && (access[d].source != kNone || leaves(node_, r, d))) return true;
    }
    return false;
  }

  // A sum of loops has a table over its own values; a constant index and more, one over the loops that both move with.
  void tabulate(Node& node, std::size_t r, std::size_t d) {
    Index& index = node.reads[r].access[d];
    if (!bends(index)) return;
    const std::int64_t limit = extent(node.reads[r].value, d);
    if (index.source != kNone) {
      index = of_words(node, index, limit);
    } else if (leaves(node, r, d)) {
      index = of_sum(node, index, limit);
    }
  }

  Index of_sum(const Node& node, Index index, std::int64_t limit) {
    const Range range = range_of(index, node.loops);
    const std::int64_t first = index.mod != 0 ? 0 : range.low;
    std::vector<std::int32_t> entries;
    require_few(range.high - first + 1);
    for (std::int64_t at = first; at <= range.high; ++at) {
      entries.push_back(static_cast<std::int32_t>(come_back(at, limit, index.outside)));
    }
    const auto size = static_cast<std::int64_t>(entries.size());
    index.offset -= first * index.div;
    index.outside = RDU_OUTSIDE_NEVER;
    return looked_up(table(node, {size}, entries), {std::move(index)});
  }

  Index of_words(const Node& node, const Index& index, std::int64_t limit) {
    const artifact::Value& source = variant_.values[index.source];
    const bool known = source.role == RDU_ROLE_CONSTANT && source.storage == kNone &&
                       index.source_access.size() == 1 && index.div == 1 && index.mod == 0;
    const Index word = known ? index.source_access[0] : Index{};
    if (!known || word.div != 1 || word.mod != 0 || word.source != kNone) {
      decline(RDU_REASON_ACCESS, "index words of a run that are clamped or reflected");
    }
    std::vector<Term> terms = word.terms;
    terms.insert(terms.end(), index.terms.begin(), index.terms.end());
    std::vector<std::int64_t> dims;
    Access access;
    std::int64_t size = 1;
    for (const Term& term : terms) {
      dims.push_back(node.loops[term.loop].extent);
      access.push_back(along(term.loop));
      size *= dims.back();
    }
    require_few(size);
    std::vector<std::int32_t> entries;
    for (std::int64_t n = 0; n < size; ++n) {
      std::int64_t at = word.offset, more = index.offset, rest = n;
      for (std::size_t t = terms.size(); t-- > 0;) {
        (t < word.terms.size() ? at : more) += terms[t].coef * (rest % dims[t]);
        rest /= dims[t];
      }
      const std::int64_t position = word_at(source, at) + more;
      entries.push_back(static_cast<std::int32_t>(come_back(position, limit, index.outside)));
    }
    return looked_up(table(node, std::move(dims), entries), std::move(access));
  }

  static std::int64_t word_at(const artifact::Value& source, std::int64_t at) {
    const std::size_t bytes = source.dtype == RDU_DTYPE_I32 ? 4 : 8;
    const auto first = static_cast<std::size_t>(at) * bytes;
    if (at < 0 || first + bytes > source.data.bytes.size()) {
      decline(RDU_REASON_ACCESS, "index words that may not be there");
    }
    std::int32_t narrow = 0;
    std::int64_t wide = 0;
    if (bytes == 8) {
      std::memcpy(&wide, source.data.bytes.data() + first, bytes);
      return wide;
    }
    std::memcpy(&narrow, source.data.bytes.data() + first, bytes);
    return narrow;
  }

  static Index looked_up(ValueId table, Access access) {
    Index index;
    index.source = table;
    index.source_access = std::move(access);
    return index;
  }

  static void require_few(std::int64_t entries) {
    if (entries > kMostEntries) {
      decline(RDU_REASON_ACCESS,
              "a table of " + std::to_string(entries) + " positions that are clamped or reflected");
    }
  }

  ValueId table(const Node& node, std::vector<std::int64_t> dims,
                const std::vector<std::int32_t>& entries) {
    const auto held = std::make_shared<const std::vector<std::int32_t>>(entries);
    artifact::Value value;
    value.name = node.name + "/positions";
    value.dtype = RDU_DTYPE_I32;
    value.role = RDU_ROLE_CONSTANT;
    value.dims = std::move(dims);
    value.data = {std::as_bytes(std::span(*held)), held};
    return add(std::move(value));
  }

  ValueId add(artifact::Value value) {
    variant_.values.push_back(std::move(value));
    return static_cast<ValueId>(variant_.values.size() - 1);
  }

  // Arrays want operands whose places are sums: what lies around the operand is written out once.
  void copy_operand(std::size_t r) {
    Node copy;
    copy.name = node_.name + "/around";
    copy.origins = node_.origins;
    copy.reads = {node_.reads[r]};
    artifact::Read& read = node_.reads[r];
    artifact::Value around = variant_.values[read.value];
    around.name = copy.name;
    around.role = RDU_ROLE_INTERMEDIATE;
    around.storage = kNone;
    around.data = {};
    artifact::Write write;
    for (std::size_t d = 0; d < read.access.size(); ++d) {
      const auto loop = static_cast<std::uint32_t>(d);
      Index& index = read.access[d];
      Index& from = copy.reads[0].access[d];
      write.access.push_back(along(loop));
      from = along(loop);
      if (bends(index) && index.source == kNone && leaves(node_, r, d)) {
        const Range range = range_of(index, node_.loops);
        const std::int64_t first = index.mod != 0 ? 0 : range.low;
        around.dims[d] = range.high - first + 1;
        from.offset = first;
        from.outside = std::exchange(index.outside, RDU_OUTSIDE_NEVER);
        index.offset -= first * index.div;
      }
      copy.loops.push_back({around.dims[d], kNone, RDU_LOOP_PLAIN});
    }
    copy.num_parallel = static_cast<std::uint32_t>(copy.loops.size());
    artifact::Instr load;
    load.op = RDU_OP_LOAD;
    load.dtype = around.dtype;
    copy.body.code = {load};
    copy.body.results = {0};
    read.value = write.value = add(std::move(around));
    copy.writes = {std::move(write)};
    for (std::size_t d = 0; d < copy.loops.size(); ++d) tabulate(copy, 0, d);
    nodes_.push_back(std::move(copy));
  }

  artifact::Variant& variant_;
  Node node_;
  std::vector<Node> nodes_;
};

}  // namespace

std::vector<Node> tabulate_positions(artifact::Variant& variant, const Node& node) {
  return Tables(variant, node).run();
}

}  // namespace rducc::rdu::lower
