// Diagnostics as the sentence that the program prints.
#include "tools/rducc/diagnostic.hpp"

namespace rducc {
namespace {

using rdu::base::Code;

std::string describe(const Diagnostic& diagnostic) {
  std::string text = "  " + diagnostic.op_type + " '" + diagnostic.node + "'";
  if (!diagnostic.domain.empty()) text += " of domain '" + diagnostic.domain + "'";
  if (diagnostic.opset != 0) text += " (opset " + std::to_string(diagnostic.opset) + ")";
  return text + ": " + diagnostic.message;
}

}  // namespace

rdu::base::Error to_error(const std::string& model, const std::vector<Diagnostic>& diagnostics) {
  std::string invalid, unsupported;
  for (const Diagnostic& diagnostic : diagnostics) {
    auto& lines = diagnostic.kind == DiagnosticKind::kUnsupported ? unsupported : invalid;
    lines += "\n" + describe(diagnostic);
  }
  rdu::base::Error error;
  error.code = invalid.empty() ? Code::kUnsupported : Code::kCorrupt;
  error.message = model + ":";
  if (!invalid.empty()) error.message += "\nnot valid:" + invalid;
  if (!unsupported.empty()) error.message += "\nnot supported:" + unsupported;
  return error;
}

}  // namespace rducc
