// Accumulators: taken through whole iterations where only their ends are looked at, firing by firing elsewhere.
#include <algorithm>
#include <bit>

#include "drivers/emu/units/simd_program.hpp"

namespace rdu_hw::emu {
namespace {

bool reduces(const rdu_hw_instruction& record) {
  return record.kind == RDU_HW_DO_REDUCE || record.kind == RDU_HW_DO_REDUCE_PICK;
}

bool picks(const rdu_hw_instruction& record) {
  return record.kind == RDU_HW_DO_ACCUMULATE_PICK || record.kind == RDU_HW_DO_REDUCE_PICK;
}

}  // namespace

void SimdProgram::accumulate(Stage& stage) {
  const unsigned all = values_.all();
  const auto rows = [&](unsigned i) {
    return stage.operands[i] == SimdValues::kNone ? nullptr
                                                  : values_.rows(stage.operands[i], all, i);
  };
  Block& block = values_.block();
  const bool products = stage.record.kind == RDU_HW_DO_ACCUMULATE_PRODUCT;
  incoming_ = rows(0);
  (picks(stage.record) ? incoming_positions_ : products ? factors_ : initial_) = rows(1);
  if (products) initial_ = rows(2);
  incoming_width_ = values_.width();
  const bool partial = block.has_tails() || context_->view.innermost() == 0 ||
                       values_.width() != context_->view.counters().back().lanes;
  masks_ = partial ? block.masks() : nullptr;
  if (reduces(stage.record)) plant_trees(stage);

  std::int64_t row = 0;
  for (std::int64_t i = 0; i < block.count();) {
    std::int64_t end = i + 1;
    if (stage.domain != all) {
      while (end < block.count() && block.first(end) > stage.record.level) ++end;
    }
    std::int64_t begin = i;
    if (block.first(i) <= stage.record.level) start(stage, begin++);
    if (begin < end) take(stage, begin, end);
    if (stage.domain == all || block.last(end - 1) <= stage.domain) store_state(stage, row++);
    i = end;
  }
}

// The trees of all firings; what they come to goes on as vectors of one lane.
void SimdProgram::plant_trees(Stage& stage) {
  const Block& block = values_.block();
  const auto count = static_cast<std::size_t>(block.count());
  const unsigned width = values_.width();
  const unsigned lanes =
      context_->view.innermost() == 0 ? 1 : context_->view.counters().back().lanes;
  const bool pairs = picks(stage.record);
  const Word* words = incoming_;
  const Word* positions = incoming_positions_;
  if (lanes != width) {  // only the counter's lanes have leaves
    Word* packed[2] = {packed_.data(), packed_.data() + count * lanes};
    for (std::size_t i = 0; i < count; ++i) {
      std::copy_n(words + i * width, lanes, packed[0] + i * lanes);
      if (pairs) std::copy_n(positions + i * width, lanes, packed[1] + i * lanes);
    }
    words = packed[0];
    positions = packed[1];
  }
  const arith::Vectors vectors = {words, block.has_tails() ? block.masks() : nullptr, lanes, count};
  if (pairs) {
    world_->forms.pick_tree[stage.record.code](trees_.data(), tree_positions_.data(), vectors,
                                               positions);
  } else {
    world_->forms.tree[stage.record.code](trees_.data(), vectors);
  }
  incoming_ = trees_.data();
  incoming_positions_ = tree_positions_.data();
  incoming_width_ = 1;
  masks_ = nullptr;
}

// The first firing of an iteration.
void SimdProgram::start(Stage& stage, std::int64_t firing) {
  const unsigned width = incoming_width_;
  if (picks(stage.record)) {
    std::fill_n(stage.state.begin(), width, 0);
    std::fill_n(stage.positions.begin(), width, arith::kNowhere);
    return take(stage, firing, firing + 1);
  }
  const Word* initial = initial_ == nullptr ? nullptr : initial_ + firing * values_.width();
  if (stage.record.kind == RDU_HW_DO_ACCUMULATE_PRODUCT || initial != nullptr) {
    if (initial == nullptr) {
      std::fill_n(stage.state.begin(), width, 0);
    } else {
      std::copy_n(initial, width, stage.state.begin());
    }
    return take(stage, firing, firing + 1);
  }
  const Word* x = incoming_ + firing * width;
  const std::uint64_t mask = masks_ == nullptr ? ~std::uint64_t{0} : masks_[firing];
  const Word identity = arith::identity(static_cast<arith::Fold>(stage.record.code));
  for (unsigned lane = 0; lane < width; ++lane) {
    stage.state[lane] = (mask >> lane & 1) != 0 ? x[lane] : identity;
  }
}

void SimdProgram::take(Stage& stage, std::int64_t begin, std::int64_t end) {
  if (stage.record.kind == RDU_HW_DO_ACCUMULATE_PRODUCT) return take_products(stage, begin, end);
  const std::int64_t at = begin * incoming_width_;
  const arith::Vectors vectors = {incoming_ + at, masks_ == nullptr ? nullptr : masks_ + begin,
                                  incoming_width_, static_cast<std::size_t>(end - begin)};
  if (picks(stage.record)) {
    world_->forms.pick_accumulate[stage.record.code](stage.state.data(), stage.positions.data(),
                                                     vectors, incoming_positions_ + at);
  } else {
    world_->forms.accumulate[stage.record.code](stage.state.data(), vectors);
  }
}

void SimdProgram::take_products(Stage& stage, std::int64_t begin, std::int64_t end) {
  const arith::Op op =
      stage.record.code == RDU_HW_FOLD_ADD_F32 ? arith::Op::fma_f32 : arith::Op::mad_i32;
  const auto form = world_->forms[op];
  const unsigned width = values_.width();
  Word* state = stage.state.data();
  for (std::int64_t i = begin; i < end; ++i) {
    const unsigned lanes =
        masks_ == nullptr ? width : static_cast<unsigned>(std::popcount(masks_[i]));
    form(state, incoming_ + i * width, factors_ + i * width, state, lanes);
  }
}

void SimdProgram::store_state(Stage& stage, std::int64_t row) {
  const unsigned width = values_.width();
  const auto store = [&](SimdValues::Id id, const std::vector<Word>& state) {
    Word* to = values_.result(id) + row * width;
    if (incoming_width_ == width) {
      std::copy_n(state.begin(), width, to);
    } else {
      std::fill_n(to, width, state.front());
    }
  };
  store(stage.result, stage.state);
  if (picks(stage.record)) store(stage.position, stage.positions);
}

}  // namespace rdu_hw::emu
