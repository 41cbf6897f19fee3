// Contexts of a scratchpad.
#pragma once

#include "tests/drivers/emu/naive/addresses.hpp"
#include "tests/drivers/emu/naive/side.hpp"

namespace naive {

// WRITE or READ.
class Access : public Side {
 public:
  Access(const Context& context, Time start, std::vector<std::uint8_t>& scratchpad);

 private:
  Time act(Time now) override;
  Words sent(std::uint32_t port) override;

  Time bank_cycles(const Addresses& at) const;
  bool is_fresh() const;
  void write(const Addresses& at, std::uint8_t* copy);
  void read(const Addresses& at, const std::uint8_t* copy);

  const rdu_hw_access& record_;
  const rdu_hw_buffer& buffer_;
  std::vector<std::uint8_t>& scratchpad_;
  Words read_;
};

}  // namespace naive
