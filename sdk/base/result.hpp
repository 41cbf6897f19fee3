// Result<T>: a value, or an Error that says what failed, where, and the value seen. Nothing here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace rdu::base {

// Why something failed. The runtime maps each to one status code of the application ABI.
enum class Code : std::uint32_t {
  kInvalidArgument,  // the caller passed something that can never work
  kNotFound,         // a file, plugin, signature, variant … that does not exist
  kIo,               // the operating system refused
  kCorrupt,          // a file or message that breaks the rules of its format
  kUnsupported,      // well-formed, but made for another version or another device
  kLimit,            // larger than a stated limit
  kOutOfMemory,
  kBusy,
  kCancelled,
  kDeadline,
  kInternal,  // a mistake of ours
};

const char* code_name(Code code);

// printf-style, into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...);

// `node`, `section`, `plugin` and `hint` are empty where they are not known.
struct Error {
  Code code = Code::kInternal;
  std::string message;
  std::string node;
  std::string section;
  std::string plugin;
  std::string hint;
};

[[nodiscard, gnu::format(printf, 2, 3)]] Error fail(Code code, const char* pattern, ...);

// kOutOfMemory, made without allocating: what a handler of std::bad_alloc returns.
[[nodiscard]] Error out_of_memory();

// The same error with `context: ` before its message: how a caller adds where it happened.
[[nodiscard]] Error in_context(std::string_view context, Error error);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only where ok().
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Only where not ok().
  Error& error() { return *std::get_if<1>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() { return *error_; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace rdu::base

#define RDU_CONCAT_INNER(a, b) a##b
#define RDU_CONCAT(a, b) RDU_CONCAT_INNER(a, b)

// Returns the error of a Result from the enclosing function; the value, if any, is dropped.
#define RDU_TRY(...)                                         \
  do {                                                       \
    if (auto rdu_result = (__VA_ARGS__); !rdu_result.ok()) { \
      return std::move(rdu_result.error());                  \
    }                                                        \
  } while (false)

// RDU_ASSIGN(auto map, FileMap::open(path)): declares or assigns the value, or returns the error.
#define RDU_ASSIGN(target, ...) \
  RDU_ASSIGN_INNER(RDU_CONCAT(rdu_result_, __COUNTER__), target, __VA_ARGS__)
#define RDU_ASSIGN_INNER(result, target, ...)         \
  auto result = (__VA_ARGS__);                        \
  if (!result.ok()) return std::move(result.error()); \
  target = *std::move(result)
