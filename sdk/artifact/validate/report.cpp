// Builds the errors of the validator.
#include "sdk/artifact/validate/report.hpp"

#include <cstdarg>
#include <cstdio>

namespace rdu::artifact {
namespace {

base::Error make(const char* rule, const std::string& place, const char* pattern,
                 va_list arguments) {
  char what[512];
  std::vsnprintf(what, sizeof what, pattern, arguments);
  return base::fail(base::Code::kCorrupt, "%s%s [%s]", place.c_str(), what, rule);
}

}  // namespace

base::Error broken(const char* rule, const char* pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  base::Error error = make(rule, {}, pattern, arguments);
  va_end(arguments);
  return error;
}

base::Error NodeScope::broken(const char* rule, const char* pattern, ...) const {
  va_list arguments;
  va_start(arguments, pattern);
  base::Error error = make(
      rule, base::format("node %u \"%s\" (%s): ", number, node.name, pattern_name(node.pattern)),
      pattern, arguments);
  va_end(arguments);
  error.node = node.name;
  return error;
}

}  // namespace rdu::artifact
