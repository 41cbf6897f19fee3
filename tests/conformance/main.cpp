// The suite's main: Catch2's, with --device URI before it.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "tests/conformance/host.hpp"

int main(int argc, char** argv) {
  Catch::Session session;
  std::string uri = conformance::Device::uri();
  session.cli(session.cli() |
              Catch::clara::Opt(uri, "URI")["--device"]("device under test, such as cpu:"));
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  conformance::Device::choose(uri);
  return session.run();
}
