// What all scopes of one import share: the model, its folder, and what was found wrong.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::import_onnx {

struct FunctionCall;

// A node that could not be imported, and why.
struct Problem {
  CompileErrorKind kind = CompileErrorKind::kInvalid;
  std::string node;
  std::string op_type;
  std::string domain;
  std::int64_t opset = 0;
  std::string message;
};

struct ImportState {
  const LoadedModel& model;
  std::map<std::string, std::int64_t> opsets;  // by domain
  std::vector<Problem> problems{};
  // Graph inputs whose value an operator asked for at compile time.
  std::set<std::string> wanted_inputs{};
  // Inputs of sub-graphs that stand for a value of an enclosing graph.
  std::map<ir::ValueId, ir::ValueId> captured{};
  // The most iterations of a Loop that stacks outputs and whose model states no number; 0: none.
  std::int64_t loop_bound = 0;
  std::function<void(std::size_t)> on_node{};  // see ImportRequest
  int depth = 0;                               // of functions and sub-graphs
  std::size_t num_nodes = 0;                   // imported so far, inlined ones counted each time
  // The origin in whose body nodes are being imported, and what their names begin with.
  std::uint32_t parent = RDU_NONE;
  std::string path{};
  const FunctionCall* call = nullptr;  // whose body is being imported
};

// Functions that call functions twice grow exponentially: beyond this a model is refused.
inline constexpr int kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 200'000;

}  // namespace rducc::import_onnx
