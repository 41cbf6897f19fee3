// Operands are drawn from what there is, recent results most often.
#include "tests/tools/rducc/target/rdu/random_flow.hpp"

#include <rdu_hw/arch.h>

#include "drivers/emu/arith/ops.hpp"
#include "tools/rducc/target/rdu/pcu_program.hpp"

namespace rdu_test {

using namespace rducc::rdu;

namespace {

class Writer {
 public:
  Writer(Flow& flow, const rdu_hw_arch& arch, Random& random)
      : flow_(flow), arch_(arch), random_(random), section_(flow.section("expression")) {}

  void run(std::uint32_t operations) {
    make_chain();
    Simd simd = section_.simd("body", chain_);
    add_inputs(simd);
    for (std::uint32_t i = 0; i < operations; ++i) add_operation(simd);
    const std::uint32_t outputs = 1 + random_.below(3);
    for (std::uint32_t i = 0; i < outputs; ++i) add_output(simd);
  }

 private:
  bool chance(std::uint32_t percent) { return random_.below(100) < percent; }
  std::uint32_t levels() const { return static_cast<std::uint32_t>(chain_.size()); }
  std::uint32_t any_level() { return chance(50) ? levels() : random_.below(levels() + 1); }

  void make_chain() {
    if (chance(5)) return;
    const std::uint32_t outer = random_.below(3);
    for (std::uint32_t i = 0; i < outer; ++i) chain_.push_back(loop(1 + random_.below(4), 3, -2));
    const std::uint32_t widths[3] = {arch_.pcu.lanes, arch_.pcu.lanes, 1 + random_.below(16)};
    const std::uint32_t width = chance(15) ? 1 : widths[random_.below(3)];
    chain_.push_back(chance(40) ? lanes(width * (1 + random_.below(3)), width)
                                : lanes(1 + random_.below(40), width, 2, 5));
  }

  // What has one element per iteration at `level`.
  Chain chain_to(std::uint32_t level, bool vector) const {
    Chain chain(chain_.begin(), chain_.begin() + level);
    for (Counter& counter : chain) counter.start = 0, counter.step = 1;
    if (level == levels() && !chain.empty()) return chain;
    if (vector) chain.push_back(lanes(arch_.pcu.lanes, arch_.pcu.lanes));
    return chain;
  }

  static std::uint64_t bytes(const Chain& chain) {
    std::uint64_t count = 4;
    for (const Counter& counter : chain) count *= counter.extent;
    return count;
  }
  static Affine linear(const Chain& chain) {
    Affine sum;
    std::int64_t step = 4;
    for (std::size_t i = chain.size(); i-- > 0;) {
      sum = at(static_cast<std::uint32_t>(i), step) + sum;
      step *= chain[i].extent;
    }
    return sum;
  }

  void add_inputs(Simd& simd) {
    const std::uint32_t count = 1 + random_.below(3);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t level = any_level();
      const std::uint32_t kind = chance(70) ? RDU_HW_VECTOR : RDU_HW_SCALAR;
      const Chain chain = chain_to(level, kind == RDU_HW_VECTOR);
      const Region region = flow_.region("in", bytes(chain), RDU_HW_ACCESS_READ);
      const Memory load = section_.load("load", chain, region, linear(chain), {.kind = kind});
      values_.push_back(simd.input(load.data(), level));
    }
  }

  Value operand() {
    Value value = leaf();
    const auto count = static_cast<std::uint32_t>(values_.size());
    if (chance(80)) {
      const std::uint32_t recent = std::min(count, 6u);
      value =
          chance(70) ? values_[count - 1 - random_.below(recent)] : values_[random_.below(count)];
    }
    return chance(6) ? Simd::shifted(value, static_cast<int>(random_.below(7)) - 3) : value;
  }

  Value leaf() {
    switch (random_.below(7)) {
      case 0:
        return chain_.empty() ? Simd::integer(7) : Simd::counter(random_.below(levels()));
      case 1:
        return Simd::lane();
      case 2:
        return Simd::valid();
      case 3:
        return Simd::first(random_.below(levels() + 1));
      case 4:
        return Simd::last(random_.below(levels() + 1));
      default:
        return Simd::integer(static_cast<std::int32_t>(random_.below(1000)) - 500);
    }
  }

  void add_operation(Simd& simd) {
    const std::uint32_t level = random_.below(levels() + 1);
    switch (random_.below(14)) {
      case 0:
        return keep(simd.accumulate(RDU_HW_FOLD_ADD_I32, level, operand(), maybe()));
      case 1:
        return keep(
            simd.accumulate_product(RDU_HW_FOLD_ADD_I32, level, operand(), operand(), maybe()));
      case 2:
        return keep(simd.reduce(RDU_HW_FOLD_MIN_I32, level, operand(), maybe()));
      case 3: {
        const Picked picked =
            chance(50)
                ? simd.reduce_pick(RDU_HW_PICK_MIN_FIRST_I32, level, operand(), operand())
                : simd.accumulate_pick(RDU_HW_PICK_MAX_LAST_I32, level, operand(), operand());
        keep(picked.value);
        return keep(picked.position);
      }
      default:
        return keep(add_computation(simd));
    }
  }
  void keep(const Value& value) { values_.push_back(value); }
  Value maybe() { return chance(30) ? operand() : Value{}; }

  Value add_computation(Simd& simd) {
    Operation operation;
    do {
      operation.code = static_cast<std::uint16_t>(random_.below(rdu_hw::arith::kNumOps));
    } while (seat_of(operation, arch_) == Seat::kNowhere);
    const unsigned count = rdu_hw::arith::num_operands(operation.code);
    return simd.compute(static_cast<rdu_hw_op>(operation.code), operand(),
                        count > 1 ? operand() : Value{}, count > 2 ? operand() : Value{});
  }

  void add_output(Simd& simd) {
    const std::uint32_t level = any_level();
    const bool vector = chance(60);
    const Value value = values_[values_.size() - 1 -
                                random_.below(std::min<std::uint32_t>(
                                    8, static_cast<std::uint32_t>(values_.size())))];
    const Stream stream = vector ? simd.vector(value, level) : simd.scalar(value, level);
    Chain chain = chain_to(level, vector);
    if (!vector && level == levels() && !chain.empty()) {
      // One word a firing.
      chain.back() = loop((chain.back().extent + chain.back().lanes - 1) / chain.back().lanes);
    }
    const Region region = flow_.region("out", bytes(chain), RDU_HW_ACCESS_WRITE);
    section_.store("store", chain, region, stream, linear(chain));
  }

  Flow& flow_;
  const rdu_hw_arch& arch_;
  Random& random_;
  Section& section_;
  Chain chain_;
  std::vector<Value> values_;
};

}  // namespace

void add_random_expression(Flow& flow, const rdu_hw_arch& arch, Random& random,
                           std::uint32_t operations) {
  Writer(flow, arch, random).run(operations);
}

}  // namespace rdu_test
