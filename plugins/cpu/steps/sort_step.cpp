// Sort: keys become unsigned integers that compare the same way, then a stable merge sort orders positions. A task sorts
// one row.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
constexpr std::int64_t kRun = 16;  // sorted by insertion before merging

// Ascends as the doubles do; -0 equals 0, every NaN is the same and the largest.
std::uint64_t ordered(double value) {
  if (std::isnan(value)) return ~std::uint64_t{0};
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

// Orders positions by their keys, keys[k * length + position], the first key first.
struct KeyOrder {
  const std::uint64_t* keys;
  std::size_t num_keys;
  std::int64_t length;

  bool before(std::int64_t a, std::int64_t b) const {
    for (std::size_t k = 0; k < num_keys; ++k) {
      const std::uint64_t* key = keys + k * static_cast<std::size_t>(length);
      if (key[a] != key[b]) return key[a] < key[b];
    }
    return false;
  }
};

void insertion_sort(const KeyOrder& by, std::int64_t* first, std::int64_t* last) {
  for (std::int64_t* next = first + 1; next < last; ++next) {
    const std::int64_t position = *next;
    std::int64_t* hole = next;
    for (; hole > first && by.before(position, hole[-1]); --hole) *hole = hole[-1];
    *hole = position;
  }
}

// Returns whichever of the two buffers holds the result.
std::int64_t* merge_sort(const KeyOrder& by, std::int64_t* from, std::int64_t* to) {
  const std::int64_t n = by.length;
  for (std::int64_t i = 0; i < n; i += kRun) {
    insertion_sort(by, from + i, from + std::min(n, i + kRun));
  }
  for (std::int64_t width = kRun; width < n; width *= 2) {
    for (std::int64_t i = 0; i < n; i += 2 * width) {
      const std::int64_t middle = std::min(n, i + width), end = std::min(n, i + 2 * width);
      std::merge(from + i, from + middle, from + middle, from + end, to + i,
                 [&](std::int64_t a, std::int64_t b) { return by.before(a, b); });
    }
    std::swap(from, to);
  }
  return from;
}

class SortStep : public Step {
 public:
  SortStep(const BuildContext& context, const rdu_node& node)
      : kernels_(context.kernels), descending_(node.descending) {
    const NodeScope scope = scope_of(context, node);
    nest_ = nest_of(context, node);
    write_ = lower_write(scope, context.graph.writes(node)[0]);
    body_ = compile_body({scope, kernels_, node, node.body}, {});
    last_ = nest_.num_loops - 1;
    length_ = nest_.extents[last_].bound;
    capacity_ = register_capacity(body_);
  }

  plugin::Status run(const Run& run) const override {
    const LoopArray extents = nest_.resolve(run);
    LoopArray size;
    size.fill(1);
    size[last_] = std::max<std::int64_t>(extents[last_], 1);
    const Grid rows(nest_.num_loops, extents, size);
    for_each_task(run, rows.num_boxes(), [&](std::int64_t task, std::byte* workspace) {
      sort_row(run, rows.box(task), workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    const auto length = static_cast<std::uint64_t>(length_);
    return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_) +
           align_up((body_.results.size() + 2) * length * sizeof(std::int64_t), 64);
  }
  bool parallel() const override { return length_ > 1024; }

 private:
  void sort_row(const Run& run, const Box& row, std::byte* workspace) const {
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(body_, capacity_, kernels_, workspace);
    auto* keys = reinterpret_cast<std::uint64_t*>(workspace);
    const std::int64_t length = row.count[last_];
    const std::size_t num_keys = body_.results.size();
    auto* order =
        reinterpret_cast<std::int64_t*>(keys + num_keys * static_cast<std::size_t>(length));
    for (std::int64_t first = 0; first < length; first += capacity_) {
      Box box = row;
      box.start[last_] = first;
      box.count[last_] = std::min(capacity_, length - first);
      evaluate(context, body_, box, registers, nullptr, nullptr);
      for (std::size_t k = 0; k < num_keys; ++k) {
        convert_keys(k, registers.pointers[body_.results[k]], box.count[last_],
                     keys + k * static_cast<std::size_t>(length) + first);
      }
    }
    for (std::int64_t i = 0; i < length; ++i) order[i] = i;
    const std::int64_t* sorted = merge_sort({keys, num_keys, length}, order, order + length);
    auto* out = reinterpret_cast<std::int64_t*>(run.at(write_.place)) + write_.base;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) out += write_.stride[l] * row.start[l];
    for (std::int64_t i = 0; i < length; ++i) out[i * write_.stride[last_]] = sorted[i];
  }

  void convert_keys(std::size_t k, const void* values, std::int64_t count,
                    std::uint64_t* keys) const {
    const rdu_dtype dtype = body_.result_dtypes[k];
    const auto n = static_cast<std::size_t>(count);
    const rdu_dtype wide = plugin::is_float(dtype)  ? RDU_DTYPE_F64
                           : dtype == RDU_DTYPE_U64 ? RDU_DTYPE_U64
                                                    : RDU_DTYPE_I64;
    if (wide == dtype)
      std::memcpy(keys, values, n * sizeof(*keys));
    else
      kernels_.cast[dtype][wide](keys, values, nullptr, nullptr, n);
    const bool descends = (descending_ >> k & 1) != 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (wide == RDU_DTYPE_F64) keys[i] = ordered(std::bit_cast<double>(keys[i]));
      if (wide == RDU_DTYPE_I64) keys[i] ^= kSign;
      if (descends) keys[i] = ~keys[i];
    }
  }

  const Kernels& kernels_;
  const std::uint32_t descending_;
  Nest nest_;
  Body body_;
  Access write_;
  std::uint32_t last_ = 0;
  std::int64_t length_ = 0;
  std::int64_t capacity_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_sort_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<SortStep>(context, node);
}

}  // namespace rdu::cpu
