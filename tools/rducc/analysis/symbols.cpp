// Walks from a value to the nodes that define it, remembers every answer.
#include "tools/rducc/analysis/symbols.hpp"

#include <algorithm>

#include "tools/rducc/analysis/symbolic_node.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::analysis {
namespace {

using ir::Affine;
using ir::Interval;
using rdu::artifact::kNone;
using rdu::artifact::Value;
using rdu::artifact::ValueId;

constexpr std::size_t kMostElements = 128;
constexpr int kMostDepth = 256;

bool is_integer(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_I64 || dtype == RDU_DTYPE_I32 || dtype == RDU_DTYPE_BOOL;
}

Interval range_of(rdu_dtype dtype) {
  if (dtype == RDU_DTYPE_BOOL) return {0, 1};
  if (dtype == RDU_DTYPE_I32) return {-(std::int64_t{1} << 31), (std::int64_t{1} << 31) - 1};
  return {};
}

// a + factor · b; an end that is not known, or would leave 64 bits, stays unknown.
std::int64_t end_of(std::int64_t a, std::int64_t factor, std::int64_t b, std::int64_t unknown) {
  const auto open = [](std::int64_t end) {
    return end == Interval::kLowest || end == Interval::kHighest;
  };
  std::int64_t product = 0, result = 0;
  const bool lost = open(a) || open(b) || __builtin_mul_overflow(factor, b, &product) ||
                    __builtin_add_overflow(a, product, &result);
  return lost ? unknown : result;
}

void narrow(Interval& known, const Interval& more) {
  known.low = std::max(known.low, more.low);
  known.high = std::min(known.high, more.high);
}

}  // namespace

void Symbols::limit(ValueId scalar, Interval interval) {
  const ValueId storage = variant_.values[scalar].storage;
  narrow(limits_[{storage == kNone ? scalar : storage, 0}], interval);
}

Interval Symbols::range(const Affine& sum) const {
  Interval total{sum.constant, sum.constant};
  for (const auto& [symbol, factor] : sum.terms) {
    Interval each = range_of(variant_.values[symbol.value].dtype);
    if (const auto known = limits_.find(symbol); known != limits_.end()) {
      each = {std::max(each.low, known->second.low), std::min(each.high, known->second.high)};
    }
    if (factor < 0) std::swap(each.low, each.high);
    total.low = end_of(total.low, factor, each.low, Interval::kLowest);
    total.high = end_of(total.high, factor, each.high, Interval::kHighest);
  }
  return total;
}

void Symbols::index_new_nodes() {
  num_indexed_.resize(variant_.graphs.size(), 0);
  for (std::uint32_t g = 0; g < variant_.graphs.size(); ++g) {
    const auto& nodes = variant_.graphs[g].nodes;
    for (std::size_t& n = num_indexed_[g]; n < nodes.size(); ++n) {
      for (std::uint32_t w = 0; w < nodes[n].writes.size(); ++w) {
        writers_.emplace(nodes[n].writes[w].value, Writer{g, static_cast<std::uint32_t>(n), w});
      }
    }
  }
}

void Symbols::forget(ValueId first) {
  known_.erase(known_.lower_bound(first), known_.end());
  writers_.erase(writers_.lower_bound(first), writers_.end());
  limits_.erase(limits_.lower_bound({first, 0}), limits_.end());
  num_indexed_.resize(std::min(num_indexed_.size(), variant_.graphs.size()));
  for (std::size_t g = 0; g < num_indexed_.size(); ++g) {
    num_indexed_[g] = std::min(num_indexed_[g], variant_.graphs[g].nodes.size());
  }
}

std::optional<std::vector<Affine>> Symbols::elements(ValueId id) {
  const Value& value = variant_.values[id];
  const bool bounded = std::any_of(value.dim_values.begin(), value.dim_values.end(),
                                   [](ValueId extent) { return extent != kNone; });
  if (!is_integer(value.dtype) || bounded || value.encoding != RDU_NONE) return std::nullopt;
  const auto count = static_cast<std::size_t>(ir::num_elements(value.dims));
  if (count > kMostElements) return std::nullopt;
  const ValueId owner = value.storage == kNone ? id : value.storage;
  if (const auto found = known_.find(owner); found != known_.end()) return found->second;
  ++depth_;
  index_new_nodes();
  auto result = evaluate(owner, count);
  --depth_;
  return known_[owner] = std::move(result);
}

std::vector<Affine> Symbols::evaluate(ValueId owner, std::size_t count) {
  const Value& value = variant_.values[owner];
  std::vector<Told> told(count);
  if (value.data.owner) {
    for (std::size_t i = 0; i < count; ++i) {
      told[i].sum = Affine::of(ir::load_element(value.data.bytes, value.dtype, i).i);
    }
  } else if (depth_ <= kMostDepth) {
    const SymbolicContext context{
        variant_,
        [this](ValueId id, std::int64_t element) -> std::optional<Affine> {
          const auto known = elements(id);
          return known ? std::optional((*known)[static_cast<std::size_t>(element)]) : std::nullopt;
        },
        [this](const Affine& sum) { return range(sum); }};
    const auto [first, last] = writers_.equal_range(owner);
    const std::vector<std::pair<ValueId, Writer>> writers(first, last);
    for (const auto& [written, writer] : writers) {
      evaluate_symbolically(context, variant_.graphs[writer.graph].nodes[writer.node], writer.write,
                            told);
    }
  }
  std::vector<Affine> result;
  for (std::size_t i = 0; i < count; ++i) {
    if (told[i].sum) {
      result.push_back(*std::move(told[i].sum));
    } else {
      const ir::Symbol symbol{owner, static_cast<std::int64_t>(i)};
      narrow(limits_[symbol], told[i].range);
      result.push_back(Affine::of(symbol));
    }
  }
  return result;
}

}  // namespace rducc::analysis
