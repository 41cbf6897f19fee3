// What each device declines, by list; and the check that the lists are true.
#include "tests/conformance/suite.hpp"

#include <rdu/plugin.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/conformance/case.hpp"
#include "tests/conformance/host.hpp"

namespace conformance {
namespace {

// {scheme, case, why, version until which it may be missing or NULL}
constexpr const char* kTwoToAByte =
    "two elements share a byte: tasks that write neighbours would race, and no model stores "
    "activations so";

const std::vector<Exception> kExceptions = {
    {"cpu", "packed: cast to four bits", kTwoToAByte, nullptr},
    {"cpu", "packed: select and const of four bits", kTwoToAByte, nullptr},
    {"cpu", "packed: four-bit elements are copied at odd and even positions", kTwoToAByte, nullptr},
    {"remote", "plugin: declines an operation that it has never heard of",
     "it ships the artifact's bytes, and a view that differs from them has none", nullptr},
};

std::vector<std::string>& names() {
  static std::vector<std::string> all;
  return all;
}

const char* reason_words(std::uint32_t reason) {
  switch (reason) {
#define X(name, number, words) \
  case number:                 \
    return words;
    RDU_REASONS(X)
#undef X
    default:
      return "unknown reason";
  }
}

// Is version `a` (major.minor) before version `b`?
bool before(const char* a, const char* b) {
  int a_major = 0, a_minor = 0, b_major = 0, b_minor = 0;
  REQUIRE(std::sscanf(a, "%d.%d", &a_major, &a_minor) == 2);
  REQUIRE(std::sscanf(b, "%d.%d", &b_major, &b_minor) == 2);
  return a_major != b_major ? a_major < b_major : a_minor < b_minor;
}

}  // namespace

Register::Register(const char* name) { names().push_back(name); }

const Exception* find_exception(const std::string& name) {
  for (const Exception& e : kExceptions) {
    if (Device::scheme() == e.scheme && name == e.name) return &e;
  }
  return nullptr;
}

void run_case(const std::string& name, void (*body)()) {
  const Exception* exception = find_exception(name);
  try {
    body();
  } catch (const Declined& declined) {
    INFO(Device::uri() << " declines: " << reason_words(declined.reason) << ": "
                       << declined.detail);
    CHECK(exception != nullptr);
    return;
  }
  if (exception != nullptr)
    FAIL("stale entry of the exceptions: " << Device::uri() << " takes this case");
}

TEST_CASE("the lists of exceptions are up to date") {
  for (const Exception& e : kExceptions) {
    INFO(e.scheme << ": " << e.name);
    CHECK(std::find(names().begin(), names().end(), e.name) != names().end());
    CHECK(std::strlen(e.because) > 0);
    if (e.not_yet_until != nullptr) CHECK(before(RDU_PROJECT_VERSION, e.not_yet_until));
  }
}

}  // namespace conformance
