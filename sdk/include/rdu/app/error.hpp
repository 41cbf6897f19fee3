// Statuses as exceptions, handles as owners.
#pragma once

#include <rdu/rdu.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace rdu {

// What a failed call throws: the status, with its message as what().
class Error : public std::exception {
 public:
  explicit Error(rdu_status* adopted) noexcept : status_(adopted, rdu_status_destroy) {}

  const char* what() const noexcept override { return rdu_status_message(status_.get()); }
  rdu_code code() const noexcept { return rdu_status_code(status_.get()); }
  const char* code_name() const noexcept { return rdu_code_name(code()); }
  std::string_view hint() const noexcept { return text(rdu_status_hint(status_.get())); }
  std::string_view plugin() const noexcept { return text(rdu_status_plugin(status_.get())); }
  std::optional<std::uint32_t> section() const noexcept {
    const std::uint32_t section = rdu_status_section(status_.get());
    return section == RDU_NO_INDEX ? std::nullopt : std::optional(section);
  }

 private:
  static std::string_view text(const char* words) { return words ? words : std::string_view(); }

  std::shared_ptr<rdu_status> status_;
};

inline void check(rdu_status* status) {
  if (status) throw Error(status);
}

namespace detail {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;

// A zeroed struct that says how large it is.
template <class T>
T sized() {
  T value{};
  value.header = RDU_HEADER(T);
  return value;
}

}  // namespace detail

}  // namespace rdu
