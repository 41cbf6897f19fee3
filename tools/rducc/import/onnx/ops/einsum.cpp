// Einsum: operands are contracted from left to right, labels that nothing later needs are reduced.
#include <algorithm>
#include <map>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// A label names an extent. Letters are themselves; the dimensions of an ellipsis are the negative
// numbers, -1 the last.
using Labels = std::vector<int>;

struct Term {
  ValueId value;
  Labels labels;  // one per dimension
};

struct Equation {
  std::vector<std::string> operands;
  std::string result;
  bool explicit_result = false;
};

Equation parse(const OpCall& call) {
  std::string text;
  for (const char c : call.attr_s("equation", "")) {
    if (c != ' ') text += c;
  }
  Equation e;
  const std::size_t arrow = text.find("->");
  e.explicit_result = arrow != std::string::npos;
  std::string left = text.substr(0, arrow);
  if (e.explicit_result) e.result = text.substr(arrow + 2);
  for (std::size_t comma; (comma = left.find(',')) != std::string::npos;) {
    e.operands.push_back(left.substr(0, comma));
    left.erase(0, comma + 1);
  }
  e.operands.push_back(left);
  if (e.operands.size() != call.num_inputs()) {
    call.invalid("equation '" + text + "' for " + std::to_string(call.num_inputs()) + " inputs");
  }
  return e;
}

// Letters one by one, "..." as `ellipsis` dimensions.
Labels labels_of(const OpCall& call, const std::string& text, std::int64_t ellipsis) {
  Labels labels;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "...") == 0) {
      for (std::int64_t d = ellipsis; d > 0; --d) labels.push_back(static_cast<int>(-d));
      i += 2;
    } else if ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')) {
      labels.push_back(text[i]);
    } else {
      call.invalid("equation has '" + text.substr(i, 1) + "'");
    }
  }
  return labels;
}

class Contraction {
 public:
  explicit Contraction(OpCall& call) : call_(call) {
    const Equation e = parse(call);
    for (std::size_t i = 0; i < e.operands.size(); ++i) add_operand(e.operands[i], i);
    if (e.explicit_result) {
      result_ = labels_of(call, e.result, widest_);
    } else {
      implicit_result();
    }
    for (const int label : result_) {
      if (!extents_.count(label) || std::count(result_.begin(), result_.end(), label) != 1) {
        call.invalid("equation '" + call.attr_s("equation", "") + "' has a wrong result");
      }
    }
  }

  ValueId run() {
    Term left = terms_[0];
    if (terms_.size() == 1) return combine(left, nullptr, result_).value;
    for (std::size_t i = 1; i < terms_.size(); ++i) {
      left = combine(left, &terms_[i], i + 1 == terms_.size() ? result_ : needed_after(left, i));
    }
    return left.value;
  }

 private:
  void add_operand(const std::string& text, std::size_t i) {
    const auto letters = static_cast<std::int64_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c != '.'; }));
    const Dims dims = call_.dims(i);
    const std::int64_t ellipsis = call_.rank(i) - letters;
    Labels labels = labels_of(call_, text, ellipsis);
    if (labels.size() != dims.size()) {
      call_.invalid("'" + text + "' for an input of shape " + to_text(dims));
    }
    widest_ = std::max(widest_, text.find('.') == std::string::npos ? 0 : ellipsis);
    for (std::size_t d = 0; d < dims.size(); ++d) {
      std::int64_t& extent = extents_.try_emplace(labels[d], dims[d]).first->second;
      if (extent == 1) extent = dims[d];
      if (dims[d] != 1 && dims[d] != extent) {
        call_.invalid("a label of extent " + std::to_string(extent) + " and " +
                      std::to_string(dims[d]));
      }
    }
    terms_.push_back({call_.input(i), std::move(labels)});
  }

  // Without an arrow: the ellipsis, then the letters that appear once, in alphabetical order.
  void implicit_result() {
    std::map<int, int> seen;
    for (const Term& term : terms_) {
      for (const int label : term.labels) ++seen[label];
    }
    for (const auto& [label, count] : seen) {
      if (label < 0 || count == 1) result_.push_back(label);
    }
  }

  // What the product of `left` and term i must keep for the terms after it and for the result.
  Labels needed_after(const Term& left, std::size_t i) const {
    Labels all = left.labels, kept;
    all.insert(all.end(), terms_[i].labels.begin(), terms_[i].labels.end());
    for (const int label : all) {
      bool needed = std::count(result_.begin(), result_.end(), label) > 0;
      for (std::size_t j = i + 1; j < terms_.size(); ++j) {
        const Labels& later = terms_[j].labels;
        needed = needed || std::count(later.begin(), later.end(), label) > 0;
      }
      if (needed && std::count(kept.begin(), kept.end(), label) == 0) kept.push_back(label);
    }
    return kept;
  }

  // A label that both operands have is BATCH or K, one that a single operand has is its M or N.
  static std::uint32_t role(bool left, bool right, bool reduced) {
    if (left && right) return reduced ? RDU_LOOP_K : RDU_LOOP_BATCH;
    if (reduced) return RDU_LOOP_K;
    return left ? RDU_LOOP_M : RDU_LOOP_N;
  }

  ir::Read read(const Term& term, const std::map<int, std::uint32_t>& loop_of) {
    ir::Access access;
    const Dims dims = call_.b().dims(term.value);
    for (std::size_t d = 0; d < dims.size(); ++d) {
      const bool broadcast = dims[d] == 1 && extents_.at(term.labels[d]) != 1;
      access.push_back(broadcast ? ir::at(0) : ir::along(loop_of.at(term.labels[d])));
    }
    return call_.b().read(term.value, access);
  }

  Term combine(const Term& left, const Term* right, const Labels& kept) {
    const auto has = [](const Labels& labels, int label) {
      return std::count(labels.begin(), labels.end(), label) > 0;
    };
    std::vector<int> order = kept;
    for (const Term* term : {&left, right}) {
      if (!term) continue;
      for (const int label : term->labels) {
        if (!has(order, label)) order.push_back(label);
      }
    }
    ir::ReduceSpec spec;
    std::map<int, std::uint32_t> loop_of;
    for (const int label : order) {
      loop_of[label] = static_cast<std::uint32_t>(spec.loops.size());
      const std::uint32_t plain = RDU_LOOP_PLAIN;
      spec.loops.push_back(
          {extents_.at(label), ir::kNone,
           right ? role(has(left.labels, label), has(right->labels, label), !has(kept, label))
                 : plain});
    }
    if (spec.loops.size() > RDU_MAX_LOOPS) {
      call_.unsupported("a product of " + std::to_string(spec.loops.size()) + " labels");
    }
    for (const int label : kept) spec.dims.push_back(extents_.at(label));
    spec.num_parallel = static_cast<std::uint32_t>(kept.size());
    const rdu_dtype dtype = call_.dtype(0), acc = wide(dtype);
    spec.dtype = dtype;
    spec.acc_dtype = acc;
    spec.reads.push_back(read(left, loop_of));
    if (right) spec.reads.push_back(read(*right, loop_of));
    spec.body = product_in(acc);
    spec.epilogue = [dtype](Body& b, Reg sum, std::span<const Reg>) {
      b.result(b.cast(sum, dtype));
    };
    return {emit(std::move(spec), right != nullptr), kept};
  }

  ValueId emit(ir::ReduceSpec spec, bool product) {
    if (product) return call_.b().contract(std::move(spec));
    if (spec.num_parallel < spec.loops.size()) return call_.b().reduce(std::move(spec));
    return call_.b().map(spec.dtype, spec.dims, spec.reads,
                         [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
  }

  OpCall& call_;
  std::vector<Term> terms_;
  Labels result_;
  std::map<int, std::int64_t> extents_;
  std::int64_t widest_ = 0;
};

void import_einsum(OpCall& call) {
  require_same_dtype(call, 0, call.num_inputs());
  if (call.num_inputs() == 0) call.invalid("has no input");
  Contraction contraction(call);
  call.set_output(0, contraction.run());
}

constexpr OpEntry kOps[] = {{"", "Einsum", 12, import_einsum}};

}  // namespace

std::span<const OpEntry> einsum_ops() { return kOps; }

}  // namespace rducc::import_onnx
