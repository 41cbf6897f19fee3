// Builds error messages with vsnprintf: no iostream and no formatting library in the runtime.
#include "sdk/base/result.hpp"

#include <cstdarg>
#include <cstdio>

namespace rdu::base {
namespace {

std::string vformat(const char* pattern, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, pattern, arguments);
  std::string text;
  if (length > 0) {
    text.resize(static_cast<std::size_t>(length));
    std::vsnprintf(text.data(), text.size() + 1, pattern, again);
  }
  va_end(again);
  return text;
}

}  // namespace

const char* code_name(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid argument";
    case Code::kNotFound:
      return "not found";
    case Code::kIo:
      return "input/output";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kLimit:
      return "limit";
    case Code::kOutOfMemory:
      return "out of memory";
    case Code::kBusy:
      return "busy";
    case Code::kCancelled:
      return "cancelled";
    case Code::kDeadline:
      return "deadline";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string format(const char* pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  std::string text = vformat(pattern, arguments);
  va_end(arguments);
  return text;
}

Error fail(Code code, const char* pattern, ...) {
  Error error;
  error.code = code;
  va_list arguments;
  va_start(arguments, pattern);
  error.message = vformat(pattern, arguments);
  va_end(arguments);
  return error;
}

Error out_of_memory() {
  Error error;
  error.code = Code::kOutOfMemory;
  error.message = "out of memory";  // short enough to lie within the string itself
  return error;
}

Error in_context(std::string_view context, Error error) {
  error.message.insert(0, ": ");
  error.message.insert(0, context);
  return error;
}

}  // namespace rdu::base
