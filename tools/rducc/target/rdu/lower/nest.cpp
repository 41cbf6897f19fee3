// From a node's loops and accesses to a nest; ranges of sums; splitting of loops.
#include "tools/rducc/target/rdu/lower/nest.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

Form make_form(const artifact::Index& index) {
  Form form;
  form.offset = index.offset;
  for (const artifact::Term& term : index.terms) form.add(term.loop, term.coef);
  return form;
}

// Whether index words are known, and none of them leads outside.
bool stays_inside(const artifact::Value& source, const Position& position) {
  if (source.role != RDU_ROLE_CONSTANT || source.storage != artifact::kNone) return false;
  const auto inside = [&](auto type) {
    const std::span<const std::byte> bytes = source.data.bytes;
    for (std::size_t at = 0; at < bytes.size(); at += sizeof type) {
      std::memcpy(&type, bytes.data() + at, sizeof type);
      const std::int64_t low = position.wraps ? -position.extent : 0;
      if (type < low || type >= position.extent) return false;
    }
    return true;
  };
  if (source.dtype == RDU_DTYPE_I64) return inside(std::int64_t{});
  return source.dtype == RDU_DTYPE_I32 && inside(std::int32_t{});
}

class NestBuilder {
 public:
  NestBuilder(const artifact::Variant& variant, const artifact::Node& node)
      : variant_(variant), node_(node) {}

  Nest run() {
    for (std::size_t i = 0; i < node_.loops.size(); ++i) add_loop(i);
    for (const artifact::Program* program : {&node_.body, &node_.epilogue}) {
      for (const artifact::Instr& instr : program->code) {
        if (instr.op == RDU_OP_INDEX) nest_.variables[instr.a].counted = true;
      }
    }
    nest_.num_reads = static_cast<std::uint32_t>(node_.reads.size());
    nest_.reads.resize(node_.reads.size());
    for (std::size_t i = 0; i < node_.reads.size(); ++i) {
      const artifact::Read& read = node_.reads[i];
      if (read.fill_value != artifact::kNone) decline(RDU_REASON_ACCESS, "a fill that a run knows");
      Touch touch = make_touch(read.value, read.access);
      touch.fill = word_of(touch.dtype, read.fill);
      nest_.reads[i] = std::move(touch);
    }
    for (const artifact::Write& write : node_.writes) {
      nest_.writes.push_back(make_touch(write.value, write.access));
    }
    return std::move(nest_);
  }

 private:
  void add_loop(std::size_t i) {
    const artifact::Loop& loop = node_.loops[i];
    if (loop.extent_value != artifact::kNone) {
      decline(RDU_REASON_BOUNDED_EXTENT, "a loop whose extent a run decides");
    }
    if (loop.extent < 1 || loop.extent > std::numeric_limits<std::int32_t>::max()) {
      decline(RDU_REASON_CAPACITY, "a loop of " + std::to_string(loop.extent) + " steps");
    }
    const bool reduces = i >= node_.num_parallel;
    const VariableId id = nest_.add_loop(loop.extent, reduces);
    nest_.variables[id].role = loop.role;
    (reduces ? nest_.reduction : nest_.parallel).push_back(id);
    Form value;
    value.add(id, 1);
    nest_.loop_values.push_back(value);
  }

  Touch make_touch(artifact::ValueId id, const artifact::Access& access) {
    const artifact::Value& value = variant_.values[id];
    require_dense(value);
    Touch touch;
    touch.value = storage_of(variant_, id);
    touch.dtype = value.dtype;
    touch.cell = value.dtype == RDU_DTYPE_BF16 ? Cell::kHalf : Cell::kWord;
    std::int64_t pitch = 1;
    touch.dims.resize(access.size());
    for (std::size_t d = access.size(); d-- > 0;) {
      touch.dims[d] = make_position(access[d], {id, static_cast<std::uint32_t>(d)}, pitch);
      pitch *= value.dims[d];
    }
    return touch;
  }

  void require_dense(const artifact::Value& value) const {
    if (value.encoding != RDU_NONE)
      decline(RDU_REASON_ENCODING, "'" + value.name + "' is not dense");
    const bool bounded = std::any_of(value.dim_values.begin(), value.dim_values.end(),
                                     [](artifact::ValueId v) { return v != artifact::kNone; });
    if (bounded) decline(RDU_REASON_BOUNDED_EXTENT, "'" + value.name + "' has a bounded extent");
    require_dtype(value.dtype);
  }

  Position make_position(const artifact::Index& index, const Bound& bound, std::int64_t pitch) {
    const std::int64_t extent = variant_.values[bound.value].dims[bound.dim];
    Position position;
    position.form = make_form(index);
    position.divisor = index.div;
    position.modulus = index.mod;
    position.exact = index.exact && index.div != 1;
    position.extent = extent;
    position.pitch = pitch;
    if (index.source != artifact::kNone) {
      add_index_words(index, bound, position);
    } else if (index.outside == RDU_OUTSIDE_CLAMP || index.outside == RDU_OUTSIDE_REFLECT ||
               index.outside == RDU_OUTSIDE_WRAP || index.outside == RDU_OUTSIDE_ERROR) {
      const Range range = nest_.range(position);
      if (range.low < 0 || range.high >= extent) {
        decline(RDU_REASON_ACCESS, "positions outside that are no fill");
      }
    }
    return position;
  }

  void add_index_words(const artifact::Index& index, const Bound& bound, Position& position) {
    if (index.div != 1 || index.mod != 0) decline(RDU_REASON_ACCESS, "a divided index word");
    if (index.outside == RDU_OUTSIDE_CLAMP || index.outside == RDU_OUTSIDE_REFLECT) {
      decline(RDU_REASON_ACCESS, "index words outside that are no fill");
    }
    const Touch words = make_touch(index.source, index.source_access);
    for (const Position& dim : words.dims) {
      const Range range = nest_.range(dim);
      const bool known = dim.index == RDU_NONE && !dim.exact;
      if (!known || range.low < 0 || range.high >= dim.extent) {
        decline(RDU_REASON_ACCESS, "index words that may not be there");
      }
    }
    position.index = static_cast<std::uint32_t>(nest_.reads.size());
    nest_.reads.push_back(words);
    position.wraps = index.outside == RDU_OUTSIDE_WRAP;
    if (index.outside == RDU_OUTSIDE_FILL) return;
    // What is added in one word must not turn what is outside into what is inside.
    const bool moved = !position.form.is_constant() || position.form.offset != 0;
    if (moved) decline(RDU_REASON_ACCESS, "an index word and more, which may not lead outside");
    if (!stays_inside(variant_.values[index.source], position)) position.bound = bound;
  }

  const artifact::Variant& variant_;
  const artifact::Node& node_;
  Nest nest_;
};

}  // namespace

artifact::ValueId storage_of(const artifact::Variant& variant, artifact::ValueId value) {
  const artifact::ValueId owner = variant.values[value].storage;
  return owner == artifact::kNone ? value : owner;
}

Nest make_nest(const artifact::Variant& variant, const artifact::Node& node) {
  return NestBuilder(variant, node).run();
}

VariableId Nest::add_loop(std::int64_t extent, bool reduces) {
  variables.push_back({extent, reduces, RDU_LOOP_PLAIN, false, 0, {}});
  return static_cast<VariableId>(variables.size() - 1);
}

VariableId Nest::add_derived(const Form& dividend, std::int64_t divisor) {
  const std::int64_t extent = range(dividend).high / divisor + 1;
  variables.push_back({extent, false, RDU_LOOP_PLAIN, false, divisor, dividend});
  return static_cast<VariableId>(variables.size() - 1);
}

void Nest::substitute(VariableId id, const Form& by) {
  for (std::vector<Touch>* touches : {&reads, &writes}) {
    for (Touch& touch : *touches) {
      for (Position& position : touch.dims) position.form.substitute(id, by);
    }
  }
  for (Form& value : loop_values) value.substitute(id, by);
  for (Guard& guard : guards) guard.form.substitute(id, by);
  for (Variable& variable : variables) variable.dividend.substitute(id, by);
}

Range Nest::range(const Form& form) const {
  Range range{form.offset, form.offset};
  for (VariableId id = 0; id < form.end(); ++id) {
    const std::int64_t reach = form.coef(id) * (variables[id].extent - 1);
    (reach < 0 ? range.low : range.high) += reach;
  }
  return range;
}

Range Nest::range(const Position& position) const {
  Range range = this->range(position.form);
  if (position.index != RDU_NONE) {
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
  range = {floor_div(range.low, position.divisor), floor_div(range.high, position.divisor)};
  if (position.modulus != 0 && (range.low < 0 || range.high >= position.modulus)) {
    return {0, position.modulus - 1};
  }
  return range;
}

std::int64_t Nest::points(const std::vector<VariableId>& loops) const {
  std::int64_t points = 1;
  for (const VariableId id : loops) points *= extent(id);
  return points;
}

Split split(Nest& nest, VariableId loop, std::int64_t tile) {
  const Variable old = nest.variables[loop];
  const Split split{nest.add_loop(ceil_div(old.extent, tile), old.reduces),
                    nest.add_loop(std::min(tile, old.extent), old.reduces)};
  nest.variables[split.outer].role = nest.variables[split.inner].role = old.role;
  Form by;
  by.add(split.outer, tile);
  by.add(split.inner, 1);
  nest.substitute(loop, by);
  for (std::vector<VariableId>* order : {&nest.parallel, &nest.reduction}) {
    const auto at = std::find(order->begin(), order->end(), loop);
    if (at == order->end()) continue;
    *at = split.inner;
    order->insert(at, split.outer);
    break;
  }
  return split;
}

}  // namespace rducc::rdu::lower
