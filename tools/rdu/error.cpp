// Turns a status of the runtime into the tool's own error.
#include "tools/rdu/error.hpp"

namespace rdu::tool {

void check(rdu_status* status) {
  if (status == nullptr) return;
  std::string text = rdu_status_message(status);
  text += " (";
  text += rdu_code_name(rdu_status_code(status));
  text += ")";
  if (const char* hint = rdu_status_hint(status)) {
    text += "\nhint: ";
    text += hint;
  }
  rdu_status_destroy(status);
  throw ToolError(text);
}

}  // namespace rdu::tool
