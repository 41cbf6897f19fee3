// CONFORMANCE_CASE("name") { … }: a test case that a device may decline only where the lists say so.
#pragma once

#include <catch2/catch.hpp>
#include <string>

namespace conformance {

// A device (by scheme) declines a case. "never": it is not meant to, and why. "not yet": until this version of the SDK.
struct Exception {
  const char* scheme;
  const char* name;
  const char* because;
  const char* not_yet_until;  // NULL: never
};

// The one for this case on the device under test, or NULL.
const Exception* find_exception(const std::string& name);

// Runs the case. It fails where the device declines without being listed, and where a listed case is not declined any
// more or the time of a "not yet" is over.
void run_case(const std::string& name, void (*body)());

// Every case there is; an exception that names another is stale, too.
struct Register {
  explicit Register(const char* name);
};

}  // namespace conformance

#define CONFORMANCE_CASE_OF(function, name)                     \
  static void function();                                       \
  static const conformance::Register function##_register(name); \
  TEST_CASE(name) { conformance::run_case(name, &function); }   \
  static void function()
#define CONFORMANCE_CASE_AT(counter, name) CONFORMANCE_CASE_OF(conformance_case_##counter, name)
#define CONFORMANCE_CASE_EXPANDED(counter, name) CONFORMANCE_CASE_AT(counter, name)
#define CONFORMANCE_CASE(name) CONFORMANCE_CASE_EXPANDED(__LINE__, name)
