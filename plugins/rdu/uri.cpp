// A preset or a file, then the options: the device's own, and figures of the chip.
#include "plugins/rdu/uri.hpp"

#include <vector>

namespace rdu::chip_plugin {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

rdu_code code_of(rdu_hw_arch_code code) {
  switch (code) {
    case RDU_HW_ARCH_ERR_NOT_FOUND:
      return RDU_ERR_NOT_FOUND;
    case RDU_HW_ARCH_ERR_IO:
      return RDU_ERR_IO;
    case RDU_HW_ARCH_ERR_MEMORY:
      return RDU_ERR_OUT_OF_MEMORY;
    default:
      return RDU_ERR_INVALID_ARGUMENT;
  }
}

std::string presets() {
  std::string names;
  for (std::size_t i = 0; rdu_hw_arch_preset_name(i) != nullptr; ++i) {
    names += (i == 0 ? "rdu:" : ", rdu:") + std::string(rdu_hw_arch_preset_name(i));
  }
  return names;
}

Status read_granularity(const std::string& value, Request& request) {
  if (value != "block" && value != "vector") {
    return fail(RDU_ERR_INVALID_ARGUMENT, "option granularity=", value,
                ": expected block or vector");
  }
  request.granularity = value == "block" ? RDU_HW_GRANULARITY_BLOCK : RDU_HW_GRANULARITY_VECTOR;
  return {};
}

}  // namespace

Result<Request> read_request(const plugin::Uri& uri) {
  if (uri.path.empty()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "device 'rdu:' names no chip: ", presets(),
                " or rdu:FILE.json");
  }
  Request request;
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_load(uri.path.c_str(), &request.arch, &error);
  if (code != RDU_HW_ARCH_OK)
    return fail(code_of(code), "device 'rdu:", uri.path, "': ", error.text);
  std::vector<std::string> figures;
  for (const auto& [key, value] : uri.options) {
    if (key == "granularity") {
      if (Status s = read_granularity(value, request); !s.ok()) return s;
    } else if (key == "timing_only") {
      const Result<std::int64_t> flag = plugin::option_integer(key, value, 0, 1);
      if (!flag.ok()) return flag.status();
      request.timing_only = *flag != 0;
    } else if (key == "memory") {
      request.memory_file = value;
    } else {
      figures.push_back(key + '=' + value);
    }
  }
  std::vector<const char*> settings;
  for (const std::string& figure : figures) settings.push_back(figure.c_str());
  code = rdu_hw_arch_override(&request.arch, settings.data(), settings.size(), &error);
  if (code != RDU_HW_ARCH_OK)
    return fail(code_of(code), "device 'rdu:", uri.path, "': ", error.text);
  return request;
}

}  // namespace rdu::chip_plugin
