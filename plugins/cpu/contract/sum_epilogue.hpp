// Epilogues that only add to a sum and clamp it: the store of a tile does it all.
#pragma once

#include "plugins/cpu/contract/epilogue.hpp"

namespace rdu::cpu {

// clamp(acc + the reads), at most two of them.
struct SumEpilogue {
  std::uint32_t reads[2] = {RDU_NONE, RDU_NONE};
  std::uint32_t num_reads = 0;
  PostOp post;
};

// Nothing where the epilogue has another form. An absent epilogue adds nothing.
std::optional<SumEpilogue> match_sum_epilogue(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
