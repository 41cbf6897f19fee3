// A WRITE: from a port into a buffer, over what is there or folded with it.
#pragma once

#include <array>

#include "drivers/emu/units/access.hpp"

namespace rdu_hw::emu {

class Write : public Access {
 public:
  Write(const Context& context, World& world);

 private:
  void begin(std::int64_t count) override;
  void move(const Lines& lines) override;
  void move(const Addresses& addresses, std::int64_t firing, std::uint32_t valid) override;

  // The words of a firing, one for each lane.
  const Word* row(std::int64_t firing);
  // A vector whose lanes lie apart from each other.
  void fold_line(std::byte* to, std::int64_t stride, const Word* words, std::uint32_t valid);
  void fold_lane(std::byte* to, Word word);

  const Input& data_;
  bool folds_;
  std::array<Word, arith::kMaxLanes> row_, there_;
};

}  // namespace rdu_hw::emu
