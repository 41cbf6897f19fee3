// Each rule on what a chip has: the program that asks for more, and the sentence.
#include <cstdint>

#include "tests/drivers/image/operands.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

TEST_CASE("transfers that an AGCU has too few slots for") {
  const auto refused = [](std::vector<const char*> settings, auto change) {
    settings.push_back("name=few");
    const rdu_hw_arch arch = chip("sara20", settings);
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p.sections[0]);
    return answer(p, arch);
  };
  const auto nothing = [](Section&) {};
  const auto sparse = [](Section& s) { s.contexts[0].transfer.mode = RDU_HW_TRANSFER_SPARSE; };
  const auto together = [](Section& s) {
    s.contexts[1].row = 0;
    s.contexts[1].ports[0].number = 1;
  };
  CHECK(refused({"agcu.outstanding=2"}, nothing) == "0");
  CHECK(refused({"agcu.outstanding=1"}, nothing) ==
        "7 section 0, context 0: bursts of a firing: expected 1 to 1, got 2");
  CHECK(refused({"agcu.outstanding=4"}, together) == "0");
  CHECK(refused({"agcu.outstanding=3"}, together) ==
        "7 section 0, context 0: bursts of a firing: expected 1 to 1, got 2");
  CHECK(refused({"agcu.outstanding=16", "agcu.coalescing_entries=16"}, sparse) == "0");
  CHECK(refused({"agcu.outstanding=15"}, sparse) ==
        "7 section 0, context 0: bursts of a firing: expected 1 to 15, got 16");
  CHECK(refused({"agcu.coalescing_entries=15"}, sparse) ==
        "7 section 0, context 0: bursts of a firing to be coalesced: expected 1 to 15, got 16");
}

TEST_CASE("programs that an ideal chip refuses") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program& p, Section&) { p.arch_hash = 1; }) ==
        "6 arch_hash: expected c48543c5440e4e3d, which is chip sara20, got 0000000000000001");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.tier = RDU_HW_TIER_HBM; }) ==
        "7 argument 0: tier: expected one that the chip has, got 1");
  CHECK(refused([](Program& p, Section&) {
          p.arguments[0].record.bytes = std::uint64_t{1} << 50;
        }) == "7 argument 0: bytes: expected 1 to 51539607552, got 1125899906842624");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].row = 40; }) ==
        "7 section 0, context 0: row: expected 0 to 39, got 40");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].row = 20; }) ==
        "7 section 0, context 6: row: expected 0 to 19, got 20");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].column = 20; }) ==
        "7 section 0, context 6: column: expected 0 to 19, got 20");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].column = 1; }) ==
        "7 section 0, context 6: column: expected a PCU's place, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].row = 1;
          s.contexts[3].row = 1;
          s.buffers[0].record.row = 1;
        }) == "7 section 0, context 2: column: expected a PMU's place, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].ports[0].number = 8; }) ==
        "7 section 0, context 6, port 0: number: expected one of the unit's 8 ports of this kind, "
        "got 8");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].ports[0].number = 6; }) ==
        "7 section 0, context 7, port 0: number: expected one of the unit's 6 ports of this kind, "
        "got 6");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].counters[1].lanes = 32; }) ==
        "7 section 0, context 6, counter 1: lanes: expected 1 to 16, got 32");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].result = 16;
          s.contexts[6].instructions[1].operands[0] = reg(16);
        }) == "7 section 0, context 6, instruction 0: result: expected 0 to 15, got 16");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] =
              accumulate(RDU_HW_DO_REDUCE_PICK, 4, 1, 1, 0, reg(0), reg(0));
          s.contexts[6].instructions[1].position = 16;
        }) == "7 section 0, context 6, instruction 1: position: expected 0 to 15, got 16");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[1].stage = 2; }) ==
        "7 section 0, context 6, instruction 1: end of its stages: expected 1 to 6, got 7");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] = compute(RDU_HW_OP_ERF_F32, 1, 1, reg(0));
        }) ==
        "7 section 0, context 6, instruction 1: code: expected a function of the stages, got 27");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] = compute(RDU_HW_OP_BF16_OF_F32, 1, 1, reg(0));
        }) ==
        "7 section 0, context 6, instruction 1: code: expected number formats that the PCU has, "
        "got 72");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] = compute(RDU_HW_OP_EXP_F32, 6, 1, reg(0));
        }) ==
        "7 section 0, context 6, instruction 1: code: expected a function of the tail, got 17");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1].stage = 0;
          s.contexts[6].instructions.erase(s.contexts[6].instructions.begin());
          s.contexts[6].instructions[0].operands[0] = in(0);
          s.contexts[6].instructions.push_back(compute(RDU_HW_OP_ADD_I32, 4, 2, reg(1), reg(1)));
        }) ==
        "7 section 0, context 6, instruction 1: stage: expected one behind the stages of the "
        "instruction before, got 4");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[3].steps.assign(7, s.contexts[3].steps[0]);
        }) == "7 section 0, context 3: steps: expected 1 to 6, got 7");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[0].steps.assign(7, s.contexts[0].steps[0]);
        }) == "7 section 0, context 0: steps: expected 0 to 6, got 7");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].counters.assign(17, counter(1));
          s.contexts[6].ports[0].level = 17;
          s.contexts[6].ports[1].level = 17;
        }) == "7 section 0, context 6: counters of the unit's contexts: expected 0 to 16, got 17");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[3].counters.insert(s.contexts[3].counters.begin(), 15, counter(1));
          s.contexts[3].steps[0].terms[0].index = 16;
          s.contexts[3].ports[1].level = 17;
        }) == "7 section 0, context 3: counters of the unit's contexts: expected 0 to 16, got 19");
  CHECK(refused([](Program&, Section& s) { s.contexts.resize(13); }) ==
        "7 section 0, context 11: contexts of the PCU: expected 1 to 4, got 5");
  CHECK(refused([](Program&, Section& s) {
          s.contexts.push_back(Context{});
          s.contexts.back().instructions = {compute(RDU_HW_OP_ADD_I32, 0, 0, word(1), word(1))};
        }) ==
        "7 section 0, context 8, instruction 0: stage: expected one that no other context of the "
        "PCU uses, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.buffers[0].record.row = 20;
          s.contexts[2].row = 20;
          s.contexts[3].row = 20;
        }) == "7 section 0, context 2: row: expected 0 to 19, got 20");
  CHECK(refused([](Program&, Section& s) {
          s.buffers.push_back(s.buffers[0]);
          s.buffers.back().record.column = 2;
        }) == "7 section 0, buffer 2: column: expected a PMU's place, got 2");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.base = 32; }) ==
        "7 section 0, buffer 0: base: expected a multiple of a word of each bank, got 32");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.bytes = 160; }) ==
        "7 section 0, buffer 0: bytes: expected a multiple of a word of each bank, got 160");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.copies = 2049; }) ==
        "7 section 0, buffer 0: end in the scratchpad: expected 1 to 262144, got 262272");
  CHECK(refused([](Program&, Section& s) {
          s.buffers[0].record.bank_mode = RDU_HW_BANK_DUPLICATED;
          s.buffers[0].record.copies = 129;
        }) == "7 section 0, buffer 0: end in the scratchpad: expected 1 to 262144, got 264192");
  CHECK(refused([](Program&, Section& s) {
          s.buffers.push_back(s.buffers[0]);
          s.buffers.back().record.base = 192;
        }) == "7 section 0, buffer 2: base: expected the end of buffer 0 or more, got 192");
  CHECK(refused([](Program&, Section& s) { s.links[0].sinks[0].depth = 17; }) ==
        "7 section 0, link 0, sink 0: depth: expected 1 to 16, got 17");
  CHECK(refused([](Program&, Section& s) { s.links[2].sinks[0].depth = 1001; }) ==
        "7 section 0, link 2, sink 0: depth: expected 1 to 1000, got 1001");
  CHECK(refused([](Program&, Section& s) {
          s.links[0].hops = {{0, 0, 1, 0, RDU_HW_NONE}};
          s.links[0].sinks[0].hop = 0;
        }) == "7 section 0, link 0: hops in an ideal network: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.links[0].entry_row = 1; }) ==
        "7 section 0, link 0: entry_row: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.links[0].entry_column = 1; }) ==
        "7 section 0, link 0: entry_column: expected 0, got 1");
}

TEST_CASE("programs that a routed chip with arrays refuses") {
  const rdu_hw_arch arch = chip("sn10");
  const auto refused = [&](auto change) {
    rdu_hw_arch a = arch;
    Program p = systolic_tile(rdu_hw_arch_hash(&arch), 64);
    bool rehash = false;
    change(p, p.sections[0], a, rehash);
    if (rehash) p.arch_hash = rdu_hw_arch_hash(&a);
    return answer(p, a);
  };
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts[2].systolic.rows = 17;
        }) == "7 section 0, context 2: rows: expected 1 to 16, got 17");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts[2].systolic.columns = 7;
        }) == "7 section 0, context 2: columns: expected 1 to 6, got 7");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch& a, bool& rehash) {
          s.contexts[2].systolic.format = RDU_HW_SYSTOLIC_INT32;
          a.pcu.dtypes = RDU_HW_DTYPE_FP32;
          rehash = true;
        }) == "7 section 0, context 2: format: expected a number format that the PCU has, got 1");
  CHECK(refused([](Program&, Section&, rdu_hw_arch& a, bool& rehash) {
          a.pcu.bf16_per_word = 1;
          rehash = true;
        }) == "7 section 0, context 2: format: expected no pairs on this chip, got 2");
  CHECK(refused([](Program&, Section&, rdu_hw_arch& a, bool& rehash) {
          a.pcu.systolic_rows = 0;
          a.pcu.systolic_columns = 0;
          rehash = true;
        }) == "7 section 0, context 2: program: expected no systolic one on this chip, got 1");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.push_back(Context{});
          s.contexts.back().row = 1;
          s.contexts.back().column = 1;
        }) ==
        "7 section 0, context 4: program: expected no other context beside a systolic one, got 0");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.insert(s.contexts.begin() + 4, Context{});
          s.contexts[4].row = 1;
          s.contexts[4].column = 1;
          std::swap(s.contexts[2], s.contexts[4]);
          s.links[0].sinks[0].end.context = 4;
          s.links[1].sinks[0].end.context = 4;
          s.links[2].source.context = 4;
        }) ==
        "7 section 0, context 4: program: expected no other context beside a systolic one, got 1");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.push_back(Context{});
          s.contexts.back().instructions = {compute(RDU_HW_OP_TANH_F32, 0, 0, word(1))};
        }) ==
        "7 section 0, context 4, instruction 0: code: expected a function of the stages, got 21");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.push_back(Context{});
          s.contexts.back().instructions = {compute(RDU_HW_OP_ADD_F32, 6, 0, word(1), word(1))};
        }) ==
        "7 section 0, context 4, instruction 0: code: expected a function of the tail, got 0");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.push_back(Context{});
          s.contexts.back().instructions = {compute(RDU_HW_OP_TANH_F32, 7, 0, word(1))};
        }) == "7 section 0, context 4, instruction 0: end of its stages: expected 1 to 6, got 8");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.contexts.push_back(Context{});
          s.contexts.back().instructions = {compute(RDU_HW_OP_TANH_F32, 6, 0, word(1))};
          s.contexts.push_back(s.contexts.back());
        }) ==
        "7 section 0, context 5, instruction 0: stage: expected one that no other context of the "
        "PCU uses, got 6");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.links[0].entry_column = 0;
          s.links[0].hops[0].column = 0;
          s.links[0].hops[1].column = 1;
        }) ==
        "7 section 0, link 0: entry: expected a switch beside section 0, context 0, got (0, 0)");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.links[0].entry_column = 3;
          s.links[0].hops[0].column = 3;
          s.links[0].hops[1].column = 4;
        }) ==
        "7 section 0, link 0: entry: expected a switch beside section 0, context 0, got (0, 3)");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.links[0].entry_row = 33;
          s.links[0].hops[0].row = 33;
          s.links[0].hops[1].row = 33;
        }) == "7 section 0, link 0: entry_row: expected 0 to 32, got 33");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) { s.links[0].hops[1].number = 2; }) ==
        "7 section 0, link 0, hop 1: number: expected 0 to 1, got 2");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.links[0].hops[1].side = RDU_HW_SIDE_NORTH;
        }) == "7 section 0, link 0, hop 1: row of its end: expected 0 to 32, got none");
  CHECK(refused([](Program&, Section& s, rdu_hw_arch&, bool&) {
          s.links[0].sinks[0].hop = RDU_HW_NONE;
          s.links[0].hops.clear();
          s.links[0].entry_row = 0;
        }) ==
        "7 section 0, link 0, sink 0: hop: expected a switch beside section 0, context 2, got (0, "
        "1)");
}
