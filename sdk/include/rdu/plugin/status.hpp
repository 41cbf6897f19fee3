// Failures inside a plugin as plain values, and the guard that turns them into a status at the border of the ABI.
#pragma once

#include <rdu/host.h>

#include <concepts>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rdu::plugin {

// Success, or a code and a sentence that says what, where and the value seen.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(rdu_code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == RDU_OK; }
  rdu_code code() const { return code_; }
  const std::string& message() const { return message_; }

  // NULL on success; else a status that the host frees.
  rdu_status* release(const rdu_host_api* host) const {
    return ok() ? nullptr : host->make_status(host, code_, message_.c_str());
  }

 private:
  rdu_code code_ = RDU_OK;
  std::string message_;
};

// A value, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {}

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

inline void append_part(std::string& text, std::string_view part) { text += part; }
inline void append_part(std::string& text, char part) { text += part; }
template <class T>
requires(std::is_arithmetic_v<T>) void append_part(std::string& text, T part) {
  text += std::to_string(part);
}

// "node ", name, ": index ", 7, …  as one string.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string text;
  (append_part(text, parts), ...);
  return text;
}

template <class... Parts>
Status fail(rdu_code code, const Parts&... parts) {
  return {code, concat(parts...)};
}

// Runs `body`, which returns a Status, and lets nothing but a status out.
template <class Body>
rdu_status* guard(const rdu_host_api* host, Body&& body) noexcept {
  try {
    return std::forward<Body>(body)().release(host);
  } catch (const std::bad_alloc&) {
    return host->make_status(host, RDU_ERR_OUT_OF_MEMORY, "the plugin ran out of memory");
  } catch (const std::exception& error) {
    return host->make_status(host, RDU_ERR_PLUGIN, error.what());
  } catch (...) {
    return host->make_status(host, RDU_ERR_PLUGIN, "the plugin threw an unknown exception");
  }
}

}  // namespace rdu::plugin
