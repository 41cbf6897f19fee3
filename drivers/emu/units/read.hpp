// A READ: from a buffer to a port.
#pragma once

#include "drivers/emu/units/access.hpp"
#include "drivers/emu/units/storage.hpp"

namespace rdu_hw::emu {

class Read : public Access {
 public:
  Read(const Context& context, World& world);

 private:
  void begin(std::int64_t count) override;
  void move(const Lines& lines) override;
  void load(const std::byte* from, const Rows& rows, Word* to);
  void move(const Addresses& addresses, std::int64_t firing, std::uint32_t valid) override;

  Output output_;
  std::uint32_t words_;  // of an element that is sent
  Word* to_ = nullptr;
};

}  // namespace rdu_hw::emu
