// Reads a target's URI.
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

#include <charconv>

namespace rducc::chip {
namespace {

constexpr std::string_view kScheme = "rdu:";

rdu::base::Error wrong(std::string_view uri, const std::string& why) {
  return rdu::base::fail(rdu::base::Code::kInvalidArgument, "target '%.*s': %s",
                         static_cast<int>(uri.size()), uri.data(), why.c_str());
}

rdu::base::Result<Schedule> parse_schedule(std::string_view uri, std::string_view text) {
  if (text == "kernel") return Schedule::kKernel;
  if (text == "kernel-sram") return Schedule::kKernelSram;
  if (text == "spatial") return Schedule::kSpatial;
  return wrong(uri, "there is no schedule '" + std::string(text) + "'");
}

class UriReader {
 public:
  explicit UriReader(std::string_view uri) : uri_(uri) {}

  rdu::base::Result<TargetOptions> run() {
    options_.uri = uri_;
    std::string_view rest = uri_.substr(kScheme.size());
    const std::size_t question = rest.find('?');
    const std::string chip(rest.substr(0, question));
    rdu_hw_arch_error error;
    if (rdu_hw_arch_load(chip.c_str(), &options_.arch, &error) != RDU_HW_ARCH_OK) {
      return wrong(uri_, error.text);
    }
    rest = question == rest.npos ? std::string_view() : rest.substr(question + 1);
    while (!rest.empty()) {
      const std::size_t end = rest.find('&');
      RDU_TRY(read_setting(rest.substr(0, end)));
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    }
    return change_figures();
  }

 private:
  rdu::base::Result<void> read_setting(std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == setting.npos) return wrong(uri_, "'" + std::string(setting) + "' has no value");
    const std::string_view key = setting.substr(0, equals), value = setting.substr(equals + 1);
    if (key == "schedule") {
      RDU_ASSIGN(options_.schedule, parse_schedule(uri_, value));
    } else if (key == "seed") {
      const auto [end, code] =
          std::from_chars(value.data(), value.data() + value.size(), options_.seed);
      if (code != std::errc() || end != value.data() + value.size()) {
        return wrong(uri_, "'" + std::string(value) + "' is no seed");
      }
    } else {
      figures_.emplace_back(setting);
    }
    return {};
  }

  rdu::base::Result<TargetOptions> change_figures() {
    std::vector<const char*> settings;
    for (const std::string& figure : figures_) settings.push_back(figure.c_str());
    rdu_hw_arch_error error;
    const rdu_hw_arch_code code =
        rdu_hw_arch_override(&options_.arch, settings.data(), settings.size(), &error);
    if (code != RDU_HW_ARCH_OK) return wrong(uri_, error.text);
    return std::move(options_);
  }

  std::string_view uri_;
  TargetOptions options_;
  std::vector<std::string> figures_;
};

}  // namespace

bool is_chip_uri(std::string_view uri) { return uri.starts_with(kScheme); }

rdu::base::Result<TargetOptions> parse_target(std::string_view uri) { return UriReader(uri).run(); }

}  // namespace rducc::chip
