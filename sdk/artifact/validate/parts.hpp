// What the checks of the patterns share.
#pragma once

#include "sdk/artifact/validate/report.hpp"

namespace rdu::artifact {

// Parts that a node may have to be without.
inline constexpr std::uint32_t kBody = 1;
inline constexpr std::uint32_t kEpilogue = 2;
inline constexpr std::uint32_t kScatterBase = 4;
inline constexpr std::uint32_t kCondition = 8;
inline constexpr std::uint32_t kSubgraphs = 16;  // with their ports
inline constexpr std::uint32_t kControlFlow = kCondition | kSubgraphs;
inline constexpr std::uint32_t kCombine = 32;  // with its dtype
inline constexpr std::uint32_t kReads = 64;

base::Result<void> require_absent(const NodeScope& scope, const char* rule, std::uint32_t parts);

// A result for each write, of the value's dtype; at least one.
base::Result<void> check_results(const NodeScope& scope, const char* rule,
                                 const rdu_program_code& code);

rdu_dtype result_dtype(const NodeScope& scope, const rdu_program_code& code, std::uint32_t result);

// dtype, extents, and which of them are bounded.
bool same_type(const rdu_value& a, const rdu_value& b);

base::Result<void> check_contract(const NodeScope& scope);  // C

}  // namespace rdu::artifact
