// Walks the operations of a program backwards, for those that put several into one.
#pragma once

#include <optional>

#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

// Operations on floats, known by their kernels. Slots are not assigned yet.
class OperationFinder {
 public:
  OperationFinder(const Body& body, const Kernels& kernels) : body_(body), kernels_(kernels) {}

  bool is(const Operation& operation, std::uint32_t op) const {
    return operation.fn == kernels_.op[op][RDU_DTYPE_F32];
  }
  // The operation that computes a register, if it is this one and only one other operation needs it.
  const Operation* only(std::uint32_t reg, std::uint32_t op) const;
  std::optional<float> constant(std::uint32_t reg) const;
  bool is_constant(std::uint32_t reg, float value) const { return constant(reg) == value; }

 private:
  const Body& body_;
  const Kernels& kernels_;
};

// Operation `index` becomes an activation of x; those that compute `parts` go.
void replace_operations(Body& body, std::size_t index, const Operation& activation,
                        const std::vector<std::uint32_t>& parts);

// A new register that holds the number.
std::uint32_t add_constant(Body& body, float value);

}  // namespace rdu::cpu
