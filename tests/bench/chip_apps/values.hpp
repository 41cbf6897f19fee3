// What a kernel is asked for, key=value by key=value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/result.hpp"

namespace chip_apps {

namespace base = ::rdu::base;

struct Parameter {
  const char* name;
  std::int64_t standard;  // of the published base row
  std::int64_t least;
  std::int64_t most;
  const char* meaning;
};

// Every parameter of a kernel, given or standard.
class Values {
 public:
  void set(const std::string& name, std::int64_t value) { values_[name] = value; }
  // Of a name that the kernel has.
  std::uint32_t operator[](const std::string& name) const {
    return static_cast<std::uint32_t>(values_.at(name));
  }
  const std::map<std::string, std::int64_t>& all() const { return values_; }

 private:
  std::map<std::string, std::int64_t> values_;
};

struct Setting {
  std::string key;
  std::string value;
};

// "key=value"; refuses anything else, and a key that comes twice.
base::Result<std::vector<Setting>> read_settings(const std::vector<std::string>& words);

// Takes the settings that are parameters out of `settings`, checks each against its range, and adds standards for the others.
base::Result<Values> take_values(const std::vector<Parameter>& parameters,
                                 std::vector<Setting>& settings);

base::Result<std::int64_t> read_number(const Setting& setting, std::int64_t least,
                                       std::int64_t most);
// The number of the choice that was made.
base::Result<std::size_t> read_choice(const Setting& setting,
                                      const std::vector<std::string>& choices);

}  // namespace chip_apps
