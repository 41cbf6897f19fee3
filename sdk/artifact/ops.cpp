// The X-macro lists as tables.
#include "sdk/artifact/ops.hpp"

namespace rdu::artifact {
namespace {

#define NAME(name, ...) #name,
#define OPERANDS(name, number, operands) operands,
constexpr const char* kOps[RDU_NUM_BODY_OPS] = {RDU_BODY_OPS(NAME)};
constexpr std::uint8_t kOperands[RDU_NUM_BODY_OPS] = {RDU_BODY_OPS(OPERANDS)};
constexpr const char* kCombines[RDU_NUM_COMBINE_OPS] = {RDU_COMBINE_OPS(NAME)};
#undef NAME
#undef OPERANDS

constexpr const char* kPatterns[RDU_NUM_PATTERNS] = {
    "map", "reduce", "contract", "gather", "scatter", "scan", "filter", "sort", "control"};

}  // namespace

const char* op_name(std::uint32_t op) { return op < RDU_NUM_BODY_OPS ? kOps[op] : "?"; }

const char* combine_name(std::uint32_t combine) {
  return combine < RDU_NUM_COMBINE_OPS ? kCombines[combine] : "?";
}

const char* pattern_name(std::uint32_t pattern) {
  return pattern < RDU_NUM_PATTERNS ? kPatterns[pattern] : "?";
}

std::uint32_t op_operands(std::uint32_t op) { return kOperands[op]; }

}  // namespace rdu::artifact
