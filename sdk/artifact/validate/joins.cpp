// W2 to W7: the writes of a value are boxes that are disjoint and cover it.
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/base/checked.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

// Boxes are compared in pairs.
constexpr std::uint32_t kMaxWriters = 1024;

// Positions first, first + stride, …: `count` of them.
struct Progression {
  std::int64_t first = 0;
  std::int64_t stride = 1;
  std::int64_t count = 1;
  std::int64_t last() const { return first + stride * (count - 1); }
};

struct Box {
  Progression dims[RDU_MAX_RANK];
  std::int64_t points = 1;
  std::uint32_t node = 0;
};

// The inverse of a modulo m, where their greatest common divisor is 1 and m > 1.
std::int64_t inverse_modulo(std::int64_t a, std::int64_t m) {
  std::int64_t r0 = m, r1 = a % m, t0 = 0, t1 = 1;
  while (r1 != 0) {
    const std::int64_t quotient = r0 / r1;
    r0 = std::exchange(r1, r0 - quotient * r1);
    t0 = std::exchange(t1, t0 - quotient * t1);
  }
  return base::floor_mod(t0, m);
}

// Is there a position in both? Every position lies within a tensor's dimension, every stride within its extent.
bool meet(const Progression& a, const Progression& b) {
  const std::int64_t low = std::max(a.first, b.first);
  const std::int64_t high = std::min(a.last(), b.last());
  if (low > high) return false;
  const std::int64_t divisor = std::gcd(a.stride, b.stride);
  const std::int64_t apart = b.first - a.first;
  if (apart % divisor != 0) return false;
  // a.first + a.stride · k ≡ b.first modulo b.stride, for the least k ≥ 0; then every lcm of the strides.
  __extension__ using Wide = __int128;
  const std::int64_t modulus = b.stride / divisor;
  const std::int64_t k =
      modulus == 1
          ? 0
          : static_cast<std::int64_t>(static_cast<Wide>(base::floor_mod(apart / divisor, modulus)) *
                                      inverse_modulo(a.stride / divisor, modulus) % modulus);
  const Wide common = static_cast<Wide>(a.first) + static_cast<Wide>(a.stride) * k;
  const Wide step = static_cast<Wide>(a.stride) * modulus;
  const Wide below = common < low ? (low - common + step - 1) / step : 0;
  return common + below * step <= high;
}

bool meet(const Box& a, const Box& b, std::uint32_t rank) {
  if (a.points == 0 || b.points == 0) return false;
  for (std::uint32_t dim = 0; dim < rank; ++dim) {
    if (!meet(a.dims[dim], b.dims[dim])) return false;
  }
  return true;
}

class BoxReader {
 public:
  BoxReader(const NodeScope& scope, const rdu_write& write)
      : scope_(scope), write_(write), value_(scope.value(write.value)) {}

  Result<Box> run() {
    Box box;
    box.node = scope_.number;
    for (std::uint32_t dim = 0; dim < value_.rank; ++dim) RDU_TRY(read_dim(dim, box.dims[dim]));
    for (std::uint32_t i = 0; i < scope_.node.num_parallel; ++i) {
      const std::int64_t extent = scope_.loops()[i].extent;
      if (extent != 1 && (used_ >> i & 1u) == 0) {
        return scope_.broken("W2", "loop %u does not move the write of \"%s\": points would meet",
                             i, value_.name);
      }
      // Extents of a node multiply to less than 2^61.
      box.points *= extent;
    }
    return box;
  }

 private:
  Result<void> read_dim(std::uint32_t dim, Progression& progression) {
    const auto& index = at<rdu_index>(scope_.graph.indices, write_.first_index + dim);
    if (index.num_terms > 1 || index.div != 1 || index.mod != 0 || index.source != RDU_NONE) {
      return scope_.broken("W2", "dimension %u of \"%s\" is not written at offset + stride * loop",
                           dim, value_.name);
    }
    progression.first = index.offset;
    if (index.num_terms == 0) return {};
    const auto& term = at<rdu_term>(scope_.graph.terms, index.first_term);
    const rdu_loop& loop = scope_.loops()[term.loop];
    if ((used_ >> term.loop & 1u) != 0 || term.coef < 1) {
      return scope_.broken("W2", "loop %u moves \"%s\" twice or backwards", term.loop, value_.name);
    }
    used_ |= 1u << term.loop;
    if (loop.extent_value != RDU_NONE && value_.dim_values[dim] != loop.extent_value) {
      return scope_.broken("W6", "dimension %u of \"%s\" has not the bounded extent of loop %u",
                           dim, value_.name, term.loop);
    }
    progression.count = loop.extent;
    if (loop.extent > 1) progression.stride = term.coef;
    return {};
  }

  const NodeScope& scope_;
  const rdu_write& write_;
  const rdu_value& value_;
  std::uint32_t used_ = 0;
};

bool writes_alone(const rdu_node& node) {
  return writes_whole_values(node) || node.pattern == RDU_PATTERN_SCATTER;
}

class JoinCheck {
 public:
  JoinCheck(const rdu_graph& graph, const Flow& flow, const Flow::Storage& storage)
      : graph_(graph),
        flow_(flow),
        storage_(storage),
        value_(at<rdu_value>(graph.values, storage.written_as)) {}

  Result<void> run() {
    if (storage_.num_writers > kMaxWriters) {
      return broken("W7", "value %u \"%s\" is joined from %u writes, the limit is %u",
                    storage_.written_as, value_.name, storage_.num_writers, kMaxWriters);
    }
    for (std::uint32_t i = 0; i < storage_.num_writers; ++i) {
      const NodeScope scope = scope_of(writer(i).node);
      if (writes_alone(scope.node)) {
        if (storage_.num_writers == 1) return {};
        return scope.broken("W4", "value \"%s\" has another writer", value_.name);
      }
      BoxReader reader(scope, at<rdu_write>(graph_.writes, writer(i).write));
      RDU_ASSIGN(const Box box, reader.run());
      boxes_.push_back(box);
    }
    RDU_TRY(check_disjoint());
    return check_cover();
  }

 private:
  const Flow::Writer& writer(std::uint32_t i) const {
    return flow_.writers[storage_.first_writer + i];
  }
  NodeScope scope_of(std::uint32_t n) const { return {graph_, n, at<rdu_node>(graph_.nodes, n)}; }

  Result<void> check_disjoint() const {
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (!meet(boxes_[i], boxes_[k], value_.rank)) continue;
        return scope_of(boxes_[i].node)
            .broken("W3", "it writes elements of \"%s\" that node \"%s\" writes too", value_.name,
                    scope_of(boxes_[k].node).node.name);
      }
    }
    return {};
  }

  // Disjoint boxes inside the value (A4) cover it when their points are as many as its elements.
  Result<void> check_cover() const {
    const std::int64_t elements = *base::checked_product({value_.dims, value_.rank});
    std::int64_t points = 0;
    for (const Box& box : boxes_) points += box.points;
    if (points == elements) return {};
    return scope_of(boxes_.back().node)
        .broken("W4", "%lld of %lld elements of \"%s\" are written", static_cast<long long>(points),
                static_cast<long long>(elements), value_.name);
  }

  const rdu_graph& graph_;
  const Flow& flow_;
  const Flow::Storage& storage_;
  const rdu_value& value_;
  std::vector<Box> boxes_;
};

}  // namespace

base::Result<void> check_joins(const rdu_graph& graph, const Flow& flow) {
  for (const Flow::Storage& storage : flow.storages) {
    if (storage.num_writers > 0) RDU_TRY(JoinCheck(graph, flow, storage).run());
  }
  return {};
}

}  // namespace rdu::artifact
