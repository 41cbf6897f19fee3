// Finds operations by the register that they compute.
#include "plugins/cpu/body/operation_finder.hpp"

#include <algorithm>
#include <bit>

namespace rdu::cpu {

const Operation* OperationFinder::only(std::uint32_t reg, std::uint32_t op) const {
  const Operation* found = nullptr;
  auto uses = std::count(body_.results.begin(), body_.results.end(), reg);
  for (const Operation& o : body_.operations) {
    if (o.reg == reg) found = &o;
    uses += o.a == reg || o.b == reg || o.c == reg;
  }
  return found != nullptr && uses == 1 && is(*found, op) ? found : nullptr;
}

std::optional<float> OperationFinder::constant(std::uint32_t reg) const {
  for (const Constant& c : body_.constants) {
    if (c.reg == reg && c.bytes == 4) {
      return std::bit_cast<float>(static_cast<std::uint32_t>(c.bits));
    }
  }
  return {};
}

void replace_operations(Body& body, std::size_t index, const Operation& activation,
                        const std::vector<std::uint32_t>& parts) {
  body.operations[index] = activation;
  std::erase_if(body.operations, [&](const Operation& o) {
    return std::find(parts.begin(), parts.end(), o.reg) != parts.end();
  });
}

std::uint32_t add_constant(Body& body, float value) {
  body.constants.push_back({body.num_registers, 4, std::bit_cast<std::uint32_t>(value)});
  return body.num_registers++;
}

}  // namespace rdu::cpu
