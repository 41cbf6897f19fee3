// Names, numbers of operands and identities, from the lists.
#include "drivers/emu/arith/ops.hpp"

#include <iterator>

namespace rdu_hw::arith {
namespace {

struct OpEntry {
  const char* name;
  unsigned operands;
};

constexpr OpEntry kOps[] = {
#define X(name, number, operands) {#name, operands},
    RDU_HW_ARITH_OPS(X)
#undef X
};
static_assert(std::size(kOps) == kNumOps);

constexpr Word kIdentities[] = {
#define X(name, number, identity) identity,
    RDU_HW_ARITH_FOLDS(X)
#undef X
};
static_assert(std::size(kIdentities) == kNumFolds);

}  // namespace

const char* op_name(std::size_t op) { return op < kNumOps ? kOps[op].name : nullptr; }
unsigned num_operands(std::size_t op) { return op < kNumOps ? kOps[op].operands : 0; }
Word identity(Fold fold) { return kIdentities[static_cast<std::size_t>(fold)]; }

}  // namespace rdu_hw::arith
