// Recognises what nodes in a row do to the rows of one value: softmax and normalisation.
#pragma once

#include <optional>

#include "plugins/cpu/body/body.hpp"
#include "plugins/cpu/plan/storage_plan.hpp"
#include "plugins/cpu/steps/step.hpp"

namespace rdu::cpu {

struct BuildContext;

// Softmax: a statistic (the maximum) and another (of the exponentials' sum) of each row, then the row by the second.
// Norm: a statistic (the mean; not always), another (of the squares' sum), then the row by both.
struct RowChain {
  enum class Kind : std::uint8_t { kSoftmax, kNorm };
  Kind kind = Kind::kSoftmax;
  std::uint32_t first_node = 0, end_node = 0;
  const rdu_node* first_statistic = nullptr;  // null: none
  const rdu_node* second_statistic = nullptr;
  std::uint32_t source = 0, result = 0;                 // values
  bool narrow_source = false, narrow_result = false;    // BF16, or F32; all between is F32
  std::uint32_t weights = RDU_NONE, biases = RDU_NONE;  // values, one for a column
  std::int64_t rows = 1, columns = 1;
  bool divides = false;
};

// The chain that starts with node `first`, all of it before node `end`; `storage`, whose steps count from node
// `plan_first`, says that nobody else needs what lies between.
std::optional<RowChain> match_row_chain(const BuildContext& context, const StoragePlan& storage,
                                        std::uint32_t first, std::uint32_t end,
                                        std::uint32_t plan_first);

std::unique_ptr<Step> make_row_chain_step(const BuildContext& context, const RowChain& chain);
// For the chain's other nodes.
std::unique_ptr<Step> make_no_step();

}  // namespace rdu::cpu
