// A bound on the bytes of the tensors that one compilation makes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace rducc::ir {

// Thrown where the bound is passed; no CompileError, for no node is to be reported and passed over.
struct LimitExceeded {
  std::string message;
};

// Holds for the thread that made it until it goes. Of nested ones the innermost counts. It counts
// what is alive: a tensor that is freed, be it later and elsewhere, gives its bytes back.
class ConstantBudget {
 public:
  explicit ConstantBudget(std::uint64_t most_bytes);
  ~ConstantBudget();
  ConstantBudget(const ConstantBudget&) = delete;
  ConstantBudget& operator=(const ConstantBudget&) = delete;

  // What is alive as long as the token is counted; NULL where no budget holds.
  static std::shared_ptr<const void> charge(std::size_t bytes);

 private:
  struct Account {
    std::uint64_t most = 0;
    std::atomic<std::uint64_t> used = 0;
  };

  static thread_local ConstantBudget* innermost_;
  std::shared_ptr<Account> account_;
  ConstantBudget* outer_;
};

}  // namespace rducc::ir
