// The status object behind rdu_status, and the owner that runtime code passes around.
#pragma once

#include <rdu/status.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sdk/base/result.hpp"
#include "sdk/src/runtime/text.hpp"

namespace rdu::runtime {

struct StatusParts {
  rdu_code code = RDU_ERR_INTERNAL;
  std::string_view message;
  std::string_view hint = {};
  std::string_view plugin = {};
  std::uint32_t node = RDU_NO_INDEX;
  std::uint32_t section = RDU_NO_INDEX;
};

// Never NULL: without memory it is the static out-of-memory status.
rdu_status* make_status(const StatusParts& parts) noexcept;
rdu_status* out_of_memory_status() noexcept;

// Owns a status on its way to whoever asked; empty is success. Works with RDU_TRY, also where a base::Result is tried.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(base::Error error);
  explicit Status(rdu_status* adopted) : status_(adopted) {}
  Status(Status&& other) noexcept : status_(std::exchange(other.status_, nullptr)) {}
  Status& operator=(Status&& other) noexcept {
    std::swap(status_, other.status_);
    return *this;
  }
  ~Status() { rdu_status_destroy(status_); }

  bool ok() const { return status_ == nullptr; }
  rdu_code code() const { return rdu_status_code(status_); }
  std::string_view message() const { return rdu_status_message(status_); }
  const rdu_status* get() const { return status_; }
  Status& error() { return *this; }
  rdu_status* release() { return std::exchange(status_, nullptr); }
  Status copy() const { return copy_of(status_); }
  static Status copy_of(const rdu_status* status);

 private:
  rdu_status* status_ = nullptr;
};

// fail(RDU_ERR_NOT_FOUND, "no input is named '", name, "'")
template <typename... Parts>
Status fail(rdu_code code, const Parts&... parts) {
  return Status(make_status({.code = code, .message = cat(parts...)}));
}

template <typename... Parts>
Status fail_with_hint(rdu_code code, std::string_view hint, const Parts&... parts) {
  return Status(make_status({.code = code, .message = cat(parts...), .hint = hint}));
}

// What a plugin said, with its name and the section added where it did not know them.
Status from_plugin(rdu_status* status, std::string_view plugin,
                   std::uint32_t section = RDU_NO_INDEX);

}  // namespace rdu::runtime
