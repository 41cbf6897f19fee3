// Lines for the application's log callback.
#pragma once

#include <rdu/context.h>

#include <string_view>

#include "sdk/src/runtime/text.hpp"

namespace rdu::runtime {

class Logger {
 public:
  Logger() = default;
  Logger(rdu_log_fn fn, void* user, rdu_log_level level) : fn_(fn), user_(user), level_(level) {}

  bool wants(rdu_log_level level) const { return fn_ && level <= level_; }
  void line(rdu_log_level level, const char* text) const {
    if (wants(level)) fn_(user_, level, text);
  }
  template <typename... Parts>
  void write(rdu_log_level level, const Parts&... parts) const {
    if (wants(level)) line(level, cat(parts...).c_str());
  }

 private:
  rdu_log_fn fn_ = nullptr;
  void* user_ = nullptr;
  rdu_log_level level_ = RDU_LOG_ERROR;
};

}  // namespace rdu::runtime
