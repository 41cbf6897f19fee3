// Completion of rducc's flags in a shell.
#pragma once

#include <string>

namespace rducc {

// "bash", "zsh" or "fish"; empty for another.
std::string completion_script(const std::string& shell);

}  // namespace rducc
