// Chains of quantised convolutions and pooling of random shapes: cpu computes the bits of the reference, on any threads and
// instruction set. Sums are whole and everything after them is one rounded operation after the other.
#include "tests/plugins/cpu/byte_chain.hpp"

namespace cpu_test {

TEST_CASE("chains of quantised convolutions have the bits of the reference") {
  static Device devices[] = {Device("cpu:?threads=1"), Device("cpu:?threads=2"),
                             Device("cpu:?threads=1&isa=baseline")};
  check_chains(devices, std::size(devices), 80);
}

}  // namespace cpu_test
