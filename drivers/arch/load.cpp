// Finds a chip by name or path, names it, and changes it by "key=value".
#include <cstring>
#include <filesystem>
#include <vector>

#include "drivers/arch/chip.hpp"
#include "drivers/arch/document.hpp"
#include "drivers/arch/fault.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"
#include "drivers/arch/words.hpp"

namespace rdu_hw::arch {
namespace {

constexpr int kMaxExtends = 8;

std::string preset_list() {
  std::string list;
  for (const Preset& preset : presets())
    list += (list.empty() ? "" : ", ") + std::string(preset.name);
  return list;
}

rdu_hw_arch load_preset(const std::string& name, const ParseOptions& options) {
  if (const Preset* preset = find_preset(name)) {
    return parse_chip(preset->json, {.origin = name, .depth = options.depth + 1});
  }
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  std::string hint = did_you_mean(name, names);
  throw Fault(RDU_HW_ARCH_ERR_NOT_FOUND,
              place_in(options.origin, "no preset " + in_quotes(name) +
                                           (hint.empty() ? "; there are " : hint + " There are ") +
                                           preset_list() + ", or give the path of a .json file"));
}

void apply(rdu_hw_arch& arch, std::string_view setting) {
  size_t equals = setting.find('=');
  if (equals == std::string_view::npos) {
    throw Fault(RDU_HW_ARCH_ERR_ARGUMENT,
                "expected key=value such as pcu.lanes=8, got \"" + shown(setting) + "\"");
  }
  std::string key(setting.substr(0, equals));
  std::string_view value = setting.substr(equals + 1);
  if (key == "name") return set_chip_name(arch, value, key);
  const Field* field = find_field(key);
  if (field == nullptr) {
    std::vector<std::string_view> keys = {"name"};
    for (const Field& known : fields()) keys.push_back(known.key);
    throw Fault(RDU_HW_ARCH_ERR_KEY,
                "unknown key \"" + shown(key) + "\"" + did_you_mean(key, keys));
  }
  if (is_optional(*field) && !has_hbm(arch)) {
    throw Fault(RDU_HW_ARCH_ERR_KEY, key + ": this chip has no such memory tier to change");
  }
  set_from_text(*field, value, key, arch);
}

}  // namespace

bool is_path(std::string_view name_or_path) {
  return name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(".json");
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (name == preset.name) return &preset;
  }
  return nullptr;
}

rdu_hw_arch load_chip(const std::string& name_or_path, const ParseOptions& options) {
  if (options.depth > kMaxExtends) {
    throw Fault(RDU_HW_ARCH_ERR_CONFLICT,
                place_in(options.origin, "\"extends\" does not end after " +
                                             std::to_string(kMaxExtends) + " files"));
  }
  if (!is_path(name_or_path)) return load_preset(name_or_path, options);
  // A relative path in a file is relative to that file.
  std::filesystem::path folder = std::filesystem::path(options.origin).parent_path();
  std::string path = (folder / name_or_path).lexically_normal().string();
  return parse_chip(read_file(path),
                    {.origin = path, .files = Files::kAllowed, .depth = options.depth + 1});
}

void override_chip(rdu_hw_arch& arch, std::span<const char* const> settings) {
  rdu_hw_arch changed = arch;
  for (const char* setting : settings) {
    if (setting == nullptr) throw Fault(RDU_HW_ARCH_ERR_ARGUMENT, "a setting is NULL");
    apply(changed, setting);
  }
  bool renamed = std::memcmp(changed.name, arch.name, sizeof arch.name) != 0;
  if (!renamed && std::memcmp(&changed, &arch, sizeof arch) != 0) mark_changed(changed);
  validate_chip(changed, "");
  arch = changed;
}

void set_chip_name(rdu_hw_arch& arch, std::string_view name, const std::string& place) {
  if (!is_name(name)) {
    throw bad_value(place, "1 to 31 letters, digits or ._+-", in_quotes(name));
  }
  std::memset(arch.name, 0, sizeof arch.name);
  name.copy(arch.name, sizeof arch.name - 1);
}

void mark_changed(rdu_hw_arch& arch) {
  std::string name(arch.name, strnlen(arch.name, sizeof arch.name));
  if (name.ends_with('+')) return;
  set_chip_name(arch, name.substr(0, sizeof arch.name - 2) + "+", "name");
}

}  // namespace rdu_hw::arch
