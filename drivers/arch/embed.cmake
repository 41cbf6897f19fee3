# Writes the presets into a C++ file:  cmake -DOUT=… -DPRESETS=a.json;b.json -P embed.cmake
set(items "")
foreach(path IN LISTS PRESETS)
  get_filename_component(name "${path}" NAME_WE)
  file(READ "${path}" text)
  string(APPEND items "    {\"${name}\", R\"preset(${text})preset\"},\n")
endforeach()
file(WRITE "${OUT}.new" "// Generated from presets/*.json.
#include \"drivers/arch/chip.hpp\"

namespace rdu_hw::arch {
namespace {
constexpr Preset kPresets[] = {
${items}};
}  // namespace

std::span<const Preset> presets() { return kPresets; }

}  // namespace rdu_hw::arch
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
