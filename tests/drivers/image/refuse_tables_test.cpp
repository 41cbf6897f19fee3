// Each rule on arguments, buffers, counters and ports: the program that breaks it, and the sentence.
#include <cstdint>

#include "tests/drivers/image/operands.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

TEST_CASE("arguments and buffers that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.kind = 2; }) ==
        "4 argument 0: kind: expected 0 to 1, got 2");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.access = 0; }) ==
        "4 argument 0: access: expected 1 to 3, got 0");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.tier = 2; }) ==
        "4 argument 0: tier: expected 0 to 1, got 2");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.alignment = 48; }) ==
        "4 argument 0: alignment: expected a power of two from 4 to 2^30, got 48");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.bytes = 0; }) ==
        "4 argument 0: bytes: expected 1 to 1152921504606846976, got 0");
  CHECK(refused([](Program& p, Section&) { p.arguments[2].record.access = 3; }) ==
        "4 argument 2: access: expected 1 to 2, got 3");
  CHECK(refused([](Program& p, Section&) { p.arguments[2].record.tier = 1; }) ==
        "4 argument 2: tier: expected 0, got 1");
  CHECK(refused([](Program& p, Section&) { p.arguments[2].record.alignment = 8; }) ==
        "4 argument 2: alignment: expected 4, got 8");
  CHECK(refused([](Program& p, Section&) { p.arguments[2].record.bytes = 8; }) ==
        "4 argument 2: bytes: expected 4, got 8");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.copies = 0; }) ==
        "4 section 0, buffer 0: copies: expected 1 to 1048576, got 0");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.bank_mode = 3; }) ==
        "4 section 0, buffer 0: bank_mode: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.base = std::uint64_t{1} << 40; }) ==
        "4 section 0, buffer 0: base: expected 0 to 1073741824, got 1099511627776");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.bytes = 0; }) ==
        "4 section 0, buffer 0: bytes: expected 1 to 1073741824, got 0");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.bank_stride = 0; }) ==
        "4 section 0, buffer 0: bank_stride: expected 1 to 1073741824, got 0");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.reserved = 1; }) ==
        "4 section 0, buffer 0: reserved: expected 0, got 1");
}

TEST_CASE("counters and ports that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) { s.contexts[6].program = 7; }) ==
        "4 section 0, context 6: program: expected 0 to 6, got 7");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[1].extent = 0; }) ==
        "4 section 0, context 6, counter 1: extent: expected 1 to 2147483647, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[1].extent = 0x80000000u; }) ==
        "4 section 0, context 6, counter 1: extent: expected 1 to 2147483647, got 2147483648");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[0].start = 2147483647; }) ==
        "4 section 0, context 6, counter 0: last value: expected -2147483648 to 2147483647, got "
        "2147483678");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[0].lanes = 2; }) ==
        "4 section 0, context 6, counter 0: lanes: expected 1 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[1].lanes = 65; }) ==
        "4 section 0, context 6, counter 1: lanes: expected 1 to 64, got 65");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[1].lanes = 0; }) ==
        "4 section 0, context 6, counter 1: lanes: expected 1 to 64, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[0].extent_from = 3; }) ==
        "4 section 0, context 6, counter 0: extent_from: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[0].source = 0; }) ==
        "4 section 0, context 6, counter 0: source: expected none, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_ARGUMENT;
          s.contexts[6].counters[0].source = 9;
        }) == "4 section 0, context 6, counter 0: source: expected a number below 3, got 9");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_ARGUMENT;
          s.contexts[6].counters[0].source = 2;
        }) ==
        "5 section 0, context 6, counter 0: source: expected a scalar argument that the chip "
        "reads, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_PORT;
          s.contexts[6].counters[0].source = 3;
        }) == "4 section 0, context 6, counter 0: source: expected a number below 3, got 3");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_PORT;
          s.contexts[6].counters[0].source = 2;
        }) ==
        "5 section 0, context 6, counter 0: source: expected a vector or scalar input, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_PORT;
          s.contexts[6].counters[0].source = 0;
        }) == "5 section 0, context 6, counter 0: source: expected a scalar input, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].ports[0].kind = RDU_HW_SCALAR;
          s.contexts[6].counters[0].extent_from = RDU_HW_EXTENT_PORT;
          s.contexts[6].counters[0].source = 0;
        }) == "5 section 0, context 6, counter 0: level of source: expected 0 to 0, got 2");
  CHECK(refused(
            [](Program&, Section& s) { s.contexts[6].counters.assign(3, counter(0x7fffffffu)); }) ==
        "4 section 0, context 6, counter 0: extent: expected at most 2^62 firings of the chain, "
        "got 2147483647");
  CHECK(refused(
            [](Program&, Section& s) { s.contexts[7].counters.assign(2, counter(0x7fffffffu)); }) ==
        "4 section 0, context 7, port 0: firings per element: expected 1 to 2147483648, got "
        "4611686014132420609");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].direction = 2; }) ==
        "4 section 0, context 6, port 0: direction: expected 0 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].kind = 3; }) ==
        "4 section 0, context 6, port 0: kind: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[2].room = 2; }) ==
        "4 section 0, context 6, port 2: room: expected 0 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].room = 1; }) ==
        "4 section 0, context 6, port 0: room: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          std::swap(s.contexts[6].ports[1], s.contexts[6].ports[2]);
        }) == "5 section 0, context 6, port 2: direction: expected inputs before outputs, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].level = 3; }) ==
        "4 section 0, context 6, port 0: level: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.links.pop_back(); }) ==
        "4 section 0, context 6, port 2: link: expected a number below 6, got none");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[2].value = {}; }) ==
        "5 section 0, context 6, port 2: value: expected what is sent, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].value = reg(0); }) ==
        "5 section 0, context 6, port 0: value: expected none, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].value.value = 1; }) ==
        "4 section 0, context 6, port 0: value: expected zeros, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[1].number = 0; }) ==
        "5 section 0, context 6, port 1: number: expected a port of the unit that is not used by "
        "section 0, context 6, port 0, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[3].ports[0].number = 0;
          s.contexts[2].ports.insert(s.contexts[2].ports.begin(), s.contexts[3].ports[0]);
        }) == "4 section 0, context 2, port 2: link: expected a number below 7, got none");
}
