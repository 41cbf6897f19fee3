// Numbers and shapes as text.
#include "sdk/src/runtime/text.hpp"

namespace rdu::runtime {
namespace {

template <typename Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end.ptr);
}

}  // namespace

void append(std::string& out, long long number) { append_number(out, number); }
void append(std::string& out, unsigned long long number) { append_number(out, number); }

void append(std::string& out, std::span<const std::int64_t> shape) {
  out += '[';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, shape[i]);
  }
  out += ']';
}

}  // namespace rdu::runtime
