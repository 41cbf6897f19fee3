// One select in front of the first shifted use of a value, or one copy where all lanes are valid but the value has no register.
// Beside the only lane there is nothing but zeros.
#include "tools/rducc/target/rdu/mask_shifts.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

class Masker {
 public:
  Masker(Context& context, const rdu_hw_arch& arch)
      : context_(context), full_(is_full(context, arch.pcu.lanes)) {}

  void run() {
    const std::vector<Operation> operations = std::move(context_.operations);
    context_.operations.clear();
    for (Operation operation : operations) {
      for (Value& operand : operation.operands) operand = rewrite(operand);
      renumbered_.push_back(append(operation));
    }
    for (Output& output : context_.outputs) output.value = rewrite(output.value);
  }

 private:
  std::uint32_t append(const Operation& operation) {
    context_.operations.push_back(operation);
    return static_cast<std::uint32_t>(context_.operations.size() - 1);
  }

  Value rewrite(Value value) {
    if (is_computed(value)) value.index = renumbered_[value.index];
    if (value.shift == 0 || (full_ && is_computed(value))) return value;
    if (width(context_) == 1) return {Value::Kind::kConstant, 0, 0};
    Value base = value;
    base.shift = 0;
    const auto known =
        std::ranges::find_if(masked_, [&](const Masked& it) { return it.base == base; });
    const std::uint32_t result = known == masked_.end() ? mask(base) : known->result;
    return {Value::Kind::kOperation, value.shift, result};
  }

  std::uint32_t mask(const Value& base) {
    const Value zero = {Value::Kind::kConstant, 0, 0};
    const Value valid = {Value::Kind::kValid, 0, 0};
    const std::uint32_t result =
        full_
            ? append({RDU_HW_DO_COMPUTE, RDU_HW_OP_OR_WORD, RDU_HW_NONE, {base, zero, {}}})
            : append({RDU_HW_DO_COMPUTE, RDU_HW_OP_SELECT_WORD, RDU_HW_NONE, {valid, base, zero}});
    masked_.push_back({base, result});
    return result;
  }

  struct Masked {
    Value base;
    std::uint32_t result;
  };

  Context& context_;
  bool full_;
  std::vector<std::uint32_t> renumbered_;
  std::vector<Masked> masked_;
};

}  // namespace

void mask_shifts(Context& context, const rdu_hw_arch& arch) {
  const auto is_shifted = [](const Value& value) { return value.shift != 0; };
  const bool any = std::ranges::any_of(context.outputs, is_shifted, &Output::value) ||
                   std::ranges::any_of(context.operations, [&](const Operation& operation) {
                     return std::ranges::any_of(operation.operands, is_shifted);
                   });
  if (any) Masker(context, arch).run();
}

}  // namespace rducc::rdu
