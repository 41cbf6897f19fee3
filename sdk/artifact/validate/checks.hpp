// The parts of the validator, in the order in which they run: each relies on those before it.
#pragma once

#include "sdk/artifact/artifact.hpp"
#include "sdk/artifact/validate/flow.hpp"
#include "sdk/artifact/validate/report.hpp"

namespace rdu::artifact {

// Ranges of arrays, and every number that refers to a value, a graph, a loop or an index.
base::Result<void> check_structure(const rdu_graph& graph);                     // G1 to G4
base::Result<void> check_values(const rdu_graph& graph, const Limits& limits);  // V, E
base::Result<void> check_origins(const rdu_graph& graph);                       // N
// One node on its own.
base::Result<void> check_loops(const NodeScope& scope);             // L
base::Result<void> check_accesses(const NodeScope& scope);          // A
base::Result<void> check_programs(const NodeScope& scope);          // B
base::Result<void> check_pattern(const NodeScope& scope);           // M, R, C, H, X
base::Result<void> check_ordering_pattern(const NodeScope& scope);  // F, O
base::Result<void> check_scan(const NodeScope& scope);              // K
base::Result<void> check_control(const NodeScope& scope);           // I

// A bit for each loop that moves the access, sources included.
std::uint32_t loops_of_access(const NodeScope& scope, std::uint32_t id, std::uint32_t first_index);
// Does it read through another value?
bool is_indirect(const NodeScope& scope, std::uint32_t id, std::uint32_t first_index);

// Nodes together.
base::Result<Flow> check_flow(const rdu_graph& graph);                         // G5 to G9, W1
base::Result<void> check_joins(const rdu_graph& graph, const Flow& flow);      // W2 to W6
base::Result<void> check_sections(const rdu_graph& graph, const Flow& flow);   // S
base::Result<void> check_variables(const rdu_graph& graph, const Flow& flow);  // T1 to T4
base::Result<void> check_growth(const rdu_graph& graph, const Flow& flow);     // T5

}  // namespace rdu::artifact
