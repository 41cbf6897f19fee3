// Reads key=value words: what was expected, what is allowed, and what was seen, when they are wrong.
#include "tests/bench/chip_apps/values.hpp"

#include <algorithm>
#include <charconv>

namespace chip_apps {
namespace {

using base::Code;
using base::fail;
using base::Result;

const Setting* find(const std::vector<Setting>& settings, std::string_view key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<Setting>> read_settings(const std::vector<std::string>& words) {
  std::vector<Setting> settings;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::kInvalidArgument, "expected key=value, got \"%s\"", word.c_str());
    }
    Setting setting = {word.substr(0, equals), word.substr(equals + 1)};
    if (find(settings, setting.key) != nullptr) {
      return fail(Code::kInvalidArgument, "%s is given twice", setting.key.c_str());
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

Result<std::int64_t> read_number(const Setting& setting, std::int64_t least, std::int64_t most) {
  const std::string& text = setting.value;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < least || value > most) {
    return fail(Code::kInvalidArgument, "%s: expected a number from %lld to %lld, got \"%s\"",
                setting.key.c_str(), static_cast<long long>(least), static_cast<long long>(most),
                text.c_str());
  }
  return value;
}

Result<std::size_t> read_choice(const Setting& setting, const std::vector<std::string>& choices) {
  const auto found = std::ranges::find(choices, setting.value);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string allowed;
  for (const std::string& choice : choices) allowed += (allowed.empty() ? "" : ", ") + choice;
  return fail(Code::kInvalidArgument, "%s: expected one of %s, got \"%s\"", setting.key.c_str(),
              allowed.c_str(), setting.value.c_str());
}

Result<Values> take_values(const std::vector<Parameter>& parameters,
                           std::vector<Setting>& settings) {
  Values values;
  for (const Parameter& parameter : parameters) {
    std::int64_t value = parameter.standard;
    if (const Setting* setting = find(settings, parameter.name)) {
      const Result<std::int64_t> read = read_number(*setting, parameter.least, parameter.most);
      if (!read) return read.error();
      value = *read;
    }
    values.set(parameter.name, value);
  }
  std::erase_if(settings, [&](const Setting& setting) {
    return std::ranges::any_of(
        parameters, [&](const Parameter& parameter) { return setting.key == parameter.name; });
  });
  return values;
}

}  // namespace chip_apps
