// Each rule on addresses, links and labels: the program that breaks it, and the sentence.
#include <cstdint>

#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

TEST_CASE("addresses that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps.clear(); }) ==
        "5 section 0, context 2: steps: expected at least one, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].divisor = 0; }) ==
        "4 section 0, context 2, step 0: divisor: expected 1 to 4611686018427387904, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].divisor = 4; }) ==
        "5 section 0, context 2, step 0: divisor: expected 1, got 4");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].modulus = -1; }) ==
        "4 section 0, context 2, step 0: modulus: expected 0 to 4611686018427387904, got -1");
  CHECK(
      refused([](Program&, Section& s) { s.contexts[2].steps[0].modulus = 6; }) ==
      "5 section 0, context 2, step 0: modulus: expected a multiple of an element's bytes, got 6");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].offset = 2; }) ==
        "5 section 0, context 2, step 0: offset: expected a multiple of an element's bytes, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].offset = INT64_MIN; }) ==
        "4 section 0, context 2, step 0: offset: expected -4611686018427387904 to "
        "4611686018427387904, got -9223372036854775808");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].low = 8;
          s.contexts[2].steps[0].high = 8;
        }) == "4 section 0, context 2, step 0: high: expected more than low, got 8");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].low = 128;
          s.contexts[2].steps[0].high = 256;
        }) == "0");  // a copy without work: no lane is ever on
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].offset = 4; }) ==
        "5 section 0, context 2, step 0: greatest address: expected 0 to 124, got 128");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].offset = -4; }) ==
        "5 section 0, context 2, step 0: least address: expected 0 to 124, got -4");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].terms[0].source = 3; }) ==
        "4 section 0, context 2, step 0, term 0: source: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].terms[0].index = 2; }) ==
        "4 section 0, context 2, step 0, term 0: index: expected a number below 2, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].terms[0].source = RDU_HW_TERM_STEP;
        }) == "4 section 0, context 2, step 0, term 0: index: expected a number below 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].terms[0].source = RDU_HW_TERM_PORT;
          s.contexts[2].steps[0].terms[0].index = 1;
        }) ==
        "5 section 0, context 2, step 0, term 0: index: expected a vector or scalar input, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].terms[0].source = RDU_HW_TERM_PORT;
          s.contexts[2].steps[0].terms[0].index = 0;
        }) == "5 section 0, context 2, step 0: least address: expected 0 to 124, got -8589934592");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps[0].terms[0].coefficient = 6; }) ==
        "5 section 0, context 2, step 0, term 0: coefficient: expected a multiple of an element's "
        "bytes, got 6");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].terms[0].coefficient = std::int64_t{1} << 60;
        }) ==
        "4 section 0, context 2, step 0, term 0: coefficient: expected products within 2^62, got "
        "1152921504606846976");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].steps[0].terms.assign(3, counter_term(1, std::int64_t{1} << 57));
        }) ==
        "4 section 0, context 2, step 0, term 1: coefficient: expected sums within 2^62, got "
        "4467570830351532032");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].steps[0].terms[1].coefficient = 0; }) ==
        "5 section 0, context 0, step 0: bytes from lane to lane: expected those of an element, as "
        "a dense transfer is, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[0].steps[0].modulus = 4;
          s.contexts[0].transfer.fill = 0;
        }) ==
        "5 section 0, context 0, step 0: bytes from lane to lane: expected those of an element, as "
        "a dense transfer is, got 0");
}

TEST_CASE("links and labels that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) { s.links[0].kind = 3; }) ==
        "4 section 0, link 0: kind: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.links[0].source.context = 8; }) ==
        "4 section 0, context 0, port 0: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) { s.links[0].source.port = 1; }) ==
        "4 section 0, context 0, port 0: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].source = {3, 0};
        }) == "4 section 0, context 0, port 0: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) { s.links[0].source = s.links[1].source; }) ==
        "4 section 0, context 0, port 0: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) { s.links[0].sinks.push_back(s.links[1].sinks[0]); }) ==
        "5 section 0, link 0, sink 1: link of the port: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.links[0].kind = RDU_HW_SCALAR; }) ==
        "5 section 0, link 0: kind of the port: expected 1, got 0");
  CHECK(refused([](Program&, Section& s) { s.links[0].sinks.clear(); }) ==
        "4 section 0, context 2, port 0: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) { s.links[2].sinks.push_back(s.links[2].sinks[0]); }) ==
        "5 section 0, link 2, sink 1: port: expected one that nothing else is linked to, got 0");
  CHECK(refused([](Program&, Section& s) { s.links[0].sinks[0].depth = 0; }) ==
        "4 section 0, link 0, sink 0: depth: expected 1 to 2147483648, got 0");
  CHECK(refused([](Program&, Section& s) { s.links[0].initial = 17; }) ==
        "5 section 0, link 0, sink 0: initial: expected 0 to 16, got 17");
  CHECK(refused([](Program&, Section& s) { s.links[0].sinks[0].hop = 0; }) ==
        "4 section 0, link 0, sink 0: hop: expected a number below 0, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].ports.push_back(output(RDU_HW_CONTROL, 0, 0));
        }) == "4 section 0, context 6, port 3: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 4, 0, RDU_HW_NONE}};
        }) == "4 section 0, link 0, hop 0: side: expected 0 to 3, got 4");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 1, 0, 0}};
        }) == "4 section 0, link 0, hop 0: parent: expected a number below 0, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{1, 0, 1, 0, RDU_HW_NONE}};
        }) == "5 section 0, link 0, hop 0: row: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 1, 0, RDU_HW_NONE}, {0, 2, 1, 0, 0}};
        }) == "5 section 0, link 0, hop 1: column: expected 1, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 1, 0, RDU_HW_NONE}};
        }) == "5 section 0, link 0, hop 0: end: expected a sink or another hop, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 1, 0, RDU_HW_NONE}};
          s.links[0].sinks[0].hop = 0;
          s.links[1].hops = s.links[0].hops;
          s.links[1].sinks[0].hop = 0;
        }) ==
        "5 section 0, link 1, hop 0: number: expected a wire that is not used by section 0, link "
        "0, hop 0, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].label.name = "caf\xe9"; }) ==
        "4 label 9: text: expected printable ASCII, got -23");
}
