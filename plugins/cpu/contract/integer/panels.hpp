// Packs boxes of an operand for the integer kernels.
#pragma once

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/access/move_box.hpp"
#include "plugins/cpu/contract/integer/operands.hpp"

namespace rdu::cpu {

// One operand: where it is read, and what is subtracted from it.
struct PanelOperand {
  Access values;
  Access zeros;  // where `reads_zeros`
  bool reads_zeros = false;
  std::int32_t zero = 0;
  bool is_signed = false;
  const void* data = nullptr;        // of the values, where they are constant
  const void* zeros_data = nullptr;  // likewise

  bool constant() const {
    return data != nullptr && values.fill_place.none() && (!reads_zeros || zeros_data != nullptr);
  }
};

PanelOperand panel_operand(const BuildContext& context, const rdu_node& node,
                           const IntegerOperand& operand);

// A packed box of the rows: words, the sum of each row's, and each row's zero point as the words have it.
struct PackedRows {
  std::byte* words = nullptr;
  std::int32_t* sums = nullptr;
  std::int32_t* zeros = nullptr;
};

// Likewise of the lanes. `sums` are made only where a row's zero point is not 0.
struct PackedLanes {
  std::byte* words = nullptr;
  std::int32_t* sums = nullptr;
  std::int32_t* zeros = nullptr;
};

class IntegerPanels {
 public:
  IntegerPanels() = default;
  // Boxes have all steps of the reduction and at most so many rows and lanes.
  IntegerPanels(const Nest& nest, const IntegerKernels& kernels, std::int64_t most_rows,
                std::int64_t most_lanes);

  std::int64_t steps() const { return steps_; }
  std::size_t groups() const { return groups_; }
  std::int64_t panel_lanes(std::int64_t lanes) const;
  std::uint64_t rows_bytes(std::int64_t rows) const;
  std::uint64_t lanes_bytes(std::int64_t lanes) const;
  PackedRows rows_at(std::byte* memory, std::int64_t rows) const;
  PackedLanes lanes_at(std::byte* memory, std::int64_t lanes) const;

  // `box` has the rows or lanes and all else at one point; `scratch` is for the bytes before they are packed.
  void pack_rows(const MoveContext& context, const PanelOperand& operand, Box box,
                 const PackedRows& to, std::byte* scratch) const;
  void pack_lanes(const MoveContext& context, const PanelOperand& operand, Box box,
                  const PackedLanes& to, bool with_sums, std::byte* scratch) const;
  std::uint64_t scratch_bytes() const;

  static constexpr std::int64_t kLoad = 4096;  // elements at a time

 private:
  void gather(const MoveContext& context, const Access& access, Box box, std::byte* bytes) const;
  void load_zeros(const MoveContext& context, const PanelOperand& operand, const Box& box,
                  std::int32_t shift, std::int32_t* zeros) const;

  Nest nest_;
  const IntegerKernels* kernels_ = nullptr;
  std::int64_t steps_ = 1, most_rows_ = 1, most_lanes_ = 1;
  std::size_t groups_ = 1;
};

}  // namespace rdu::cpu
