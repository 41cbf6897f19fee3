// The account outlives the budget: tensors of a finished compilation still give back to it.
#include "tools/rducc/ir/constant_budget.hpp"

namespace rducc::ir {

thread_local ConstantBudget* ConstantBudget::innermost_ = nullptr;

ConstantBudget::ConstantBudget(std::uint64_t most_bytes)
    : account_(std::make_shared<Account>()), outer_(innermost_) {
  account_->most = most_bytes;
  innermost_ = this;
}

ConstantBudget::~ConstantBudget() { innermost_ = outer_; }

std::shared_ptr<const void> ConstantBudget::charge(std::size_t bytes) {
  if (innermost_ == nullptr || bytes == 0) return nullptr;
  const auto account = innermost_->account_;
  if (account->used.fetch_add(bytes) + bytes > account->most) {
    account->used.fetch_sub(bytes);
    throw LimitExceeded{
        "the constants that the model has computed at compile time are over the limit of " +
        std::to_string(account->most) + " bytes"};
  }
  return std::shared_ptr<const void>(
      account.get(), [account, bytes](const void*) { account->used.fetch_sub(bytes); });
}

}  // namespace rducc::ir
