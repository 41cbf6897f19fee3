// From the result back to the accumulator: every operation must be met on the way.
#include "plugins/cpu/contract/bf16/activated_sum.hpp"

#include <algorithm>

namespace rdu::cpu {
namespace {

class Matcher {
 public:
  Matcher(const Kernels& kernels, const Body& body) : kernels_(kernels), body_(body) {}

  std::optional<ActivatedSum> match() {
    if (body_.results.size() != 1) return {};
    std::uint32_t reg = body_.results[0];
    take(kernels_.wrap[RDU_DTYPE_BF16], reg);
    take(kernels_.cast[RDU_DTYPE_F32][RDU_DTYPE_BF16], reg);
    const Operation* last = operation(reg);
    if (last == nullptr) return {};
    const auto activation = row_activation(kernels_, body_, *last);
    if (!activation) return {};
    found_.activation = *activation;
    ++met_;
    for (reg = last->a; !feeds(reg, Feed::Kind::kAccumulator);) {
      const Operation* sum = operation(reg);
      if (sum == nullptr || sum->fn != kernels_.op[RDU_OP_ADD][RDU_DTYPE_F32]) return {};
      ++met_;
      if (take_addend(sum->a)) {
        reg = sum->b;
      } else if (take_addend(sum->b)) {
        reg = sum->a;
      } else {
        return {};
      }
    }
    if (met_ != body_.operations.size()) return {};
    return found_;
  }

 private:
  const Operation* operation(std::uint32_t reg) const {
    for (const Operation& op : body_.operations) {
      if (op.reg == reg) return &op;
    }
    return nullptr;
  }
  const Feed* feeds(std::uint32_t reg, Feed::Kind kind) const {
    const auto feed = std::find_if(body_.feeds.begin(), body_.feeds.end(),
                                   [&](const Feed& f) { return f.reg == reg && f.kind == kind; });
    return feed == body_.feeds.end() ? nullptr : &*feed;
  }

  // Goes from what `fn` makes to what it makes it of.
  void take(VectorFn fn, std::uint32_t& reg) {
    const Operation* op = operation(reg);
    if (fn == nullptr || op == nullptr || op->fn != fn) return;
    ++met_;
    reg = op->a;
  }

  bool take_addend(std::uint32_t reg) {
    const std::size_t met = met_;
    take(kernels_.cast[RDU_DTYPE_BF16][RDU_DTYPE_F32], reg);
    if (const Feed* read = feeds(reg, Feed::Kind::kRead)) {
      found_.addends.push_back(read->access);
      return true;
    }
    met_ = met;
    return false;
  }

  const Kernels& kernels_;
  const Body& body_;
  ActivatedSum found_;
  std::size_t met_ = 0;  // operations
};

}  // namespace

std::optional<ActivatedSum> match_activated_sum(const Kernels& kernels, const Body& body) {
  return Matcher(kernels, body).match();
}

}  // namespace rdu::cpu
