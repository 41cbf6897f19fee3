// Each rule on what units do: the program that breaks it, and the sentence.
#include <cstdint>

#include "tests/drivers/image/operands.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

TEST_CASE("instructions that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[1].stage = 0; }) ==
        "5 section 0, context 6, instruction 1: stage: expected a later one than the instruction "
        "before, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].kind = 6; }) ==
        "4 section 0, context 6, instruction 0: kind: expected 0 to 5, got 6");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].code = 77; }) ==
        "4 section 0, context 6, instruction 0: code: expected a number below 77, got 77");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[1].code = 10; }) ==
        "4 section 0, context 6, instruction 1: code: expected a number below 10, got 10");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].reserved = 1; }) ==
        "4 section 0, context 6, instruction 0: reserved: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].operands[1] = {}; }) ==
        "5 section 0, context 6, instruction 0: operand b: expected an operand, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].operands[2] = reg(0); }) ==
        "5 section 0, context 6, instruction 0: operand c: expected none, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].level = 0; }) ==
        "4 section 0, context 6, instruction 0: level: expected none, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[1].level = 3; }) ==
        "4 section 0, context 6, instruction 1: level: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].result = 256; }) ==
        "4 section 0, context 6, instruction 0: result: expected a number below 256, got 256");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[0].position = 1; }) ==
        "4 section 0, context 6, instruction 0: position: expected none, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] =
              accumulate(RDU_HW_DO_REDUCE_PICK, 8, 1, 1, 0, reg(0), reg(0));
        }) == "4 section 0, context 6, instruction 1: code: expected a number below 8, got 8");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] =
              accumulate(RDU_HW_DO_REDUCE_PICK, 0, 1, 1, 0, reg(0), reg(0));
        }) ==
        "4 section 0, context 6, instruction 1: position: expected a number below 256, got none");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] =
              accumulate(RDU_HW_DO_REDUCE_PICK, 0, 1, 1, 0, reg(0), reg(0));
          s.contexts[6].instructions[1].position = 1;
        }) ==
        "5 section 0, context 6, instruction 1: position: expected another register than the "
        "result, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1] = accumulate(RDU_HW_DO_ACCUMULATE_PRODUCT,
                                                     RDU_HW_FOLD_MUL_F32, 1, 1, 0, reg(0), reg(0));
        }) ==
        "4 section 0, context 6, instruction 1: code: expected add_f32 (0) or add_i32 (4), got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].instructions[1].operands[0] = reg(1); }) ==
        "5 section 0, context 6, instruction 1: operand a: expected a register that was written "
        "before, got 1");
  CHECK(
      refused([](Program&, Section& s) { s.contexts[6].instructions[1].operands[0] = reg(300); }) ==
      "4 section 0, context 6, instruction 1: operand a: expected a number below 256, got 300");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1].operands[0].shift = 64;
        }) == "4 section 0, context 6, instruction 1: shift: expected -63 to 63, got 64");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[1].operands[1].shift = 1;
        }) == "4 section 0, context 6, instruction 1: shift: expected 0 to 0, got 1");
  CHECK(
      refused([](Program&, Section& s) {
        s.contexts[6].instructions[0].operands[0] = operand(RDU_HW_OPERAND_INPUT, 2);
      }) ==
      "5 section 0, context 6, instruction 0: operand a: expected a vector or scalar input, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].operands[0] = operand(RDU_HW_OPERAND_COUNTER, 2);
        }) == "4 section 0, context 6, instruction 0: operand a: expected a number below 2, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].operands[0] = operand(RDU_HW_OPERAND_ARGUMENT, 0);
        }) ==
        "5 section 0, context 6, instruction 0: operand a: expected a scalar argument that the "
        "chip reads, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].operands[0] = operand(RDU_HW_OPERAND_FIRST, 3);
        }) == "4 section 0, context 6, instruction 0: operand a: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].operands[0] = operand(RDU_HW_OPERAND_LANE, 1);
        }) == "4 section 0, context 6, instruction 0: operand a: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[6].instructions[0].operands[0] = operand(10);
        }) == "4 section 0, context 6, instruction 0: operand a: expected 0 to 9, got 10");
  CHECK(
      refused([](Program&, Section& s) { s.contexts[6].ports[2].value = reg(5); }) ==
      "5 section 0, context 6, port 2: value: expected a register that was written before, got 5");
  CHECK(refused([](Program&, Section& s) { s.contexts[6].steps.resize(1); }) ==
        "5 section 0, context 6: steps: expected 0, got 1");
}

TEST_CASE("accesses and transfers that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = dot_product(rdu_hw_arch_hash(&arch), 1024, 32);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].instructions = s.contexts[6].instructions;
        }) == "5 section 0, context 2: instructions: expected 0, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.buffer = 2; }) ==
        "4 section 0, context 2: buffer: expected a number below 2, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.buffer = 1; }) ==
        "5 section 0, context 2: row of the buffer: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.buffers[0].record.column = 3; }) ==
        "5 section 0, context 2: column of the buffer: expected 1, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.data = 1; }) ==
        "5 section 0, context 2: data: expected a vector or scalar input, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.data = 2; }) ==
        "4 section 0, context 2: data: expected a number below 2, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[3].ports[1].level = 1; }) ==
        "5 section 0, context 3, port 1: level: expected 2, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[3].ports.push_back(output(RDU_HW_SCALAR, 0, 2));
        }) == "4 section 0, context 3, port 2: link: expected a number below 7, got none");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.format = 4; }) ==
        "4 section 0, context 2: format: expected 0 to 3, got 4");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.fold = 10; }) ==
        "4 section 0, context 2: fold: expected a number below 10, got 10");
  CHECK(refused([](Program&, Section& s) { s.contexts[3].access.fold = 0; }) ==
        "5 section 0, context 3: fold: expected none when reading, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.fresh_count = 1; }) ==
        "5 section 0, context 2: fresh_count: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.fresh_first = 1; }) ==
        "5 section 0, context 2: fresh_first: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].access.fold = 0;
          s.contexts[2].access.fresh_first = 2;
          s.contexts[2].access.fresh_count = 1;
        }) == "4 section 0, context 2: fresh_first: expected a number below 2, got 2");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].access.fold = 0;
          s.contexts[2].access.fresh_first = 1;
          s.contexts[2].access.fresh_count = 2;
        }) == "4 section 0, context 2: fresh_count: expected 1 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.swap_level = 3; }) ==
        "4 section 0, context 2: swap_level: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].access.fill = 1; }) ==
        "4 section 0, context 2: fill: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.argument = 3; }) ==
        "4 section 0, context 0: argument: expected a number below 3, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.argument = 2; }) ==
        "5 section 0, context 0: argument: expected a region that the chip reads, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.mode = 2; }) ==
        "4 section 0, context 0: mode: expected 0 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.format = 4; }) ==
        "4 section 0, context 0: format: expected 0 to 3, got 4");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.reserved = 1; }) ==
        "4 section 0, context 0: reserved: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].transfer.data = 1; }) ==
        "4 section 0, context 0: data: expected a number below 1, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].column = 1; }) ==
        "4 section 0, context 0: column: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[0].program = RDU_HW_PROGRAM_STORE; }) ==
        "5 section 0, context 0: data: expected a vector or scalar input, got 0");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[0].instructions = s.contexts[6].instructions;
        }) == "5 section 0, context 0: instructions: expected 0, got 2");
  CHECK(refused([](Program& p, Section&) { p.arguments[0].record.access = RDU_HW_ACCESS_WRITE; }) ==
        "5 section 0, context 0: argument: expected a region that the chip reads, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].transfer.argument = 0; }) ==
        "5 section 0, context 7: argument: expected a scalar argument that the chip writes, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].transfer.mode = 1; }) ==
        "4 section 0, context 7: mode: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].transfer.format = 1; }) ==
        "4 section 0, context 7: format: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].transfer.fill = 1; }) ==
        "4 section 0, context 7: fill: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[7].steps.resize(1); }) ==
        "5 section 0, context 7: steps: expected 0, got 1");
}

TEST_CASE("contractions that are refused") {
  const rdu_hw_arch arch = chip("sn10");
  const auto refused = [&](auto change) {
    Program p = systolic_tile(rdu_hw_arch_hash(&arch), 64);
    change(p, p.sections[0]);
    return answer(p, arch);
  };
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.rows = 0; }) ==
        "4 section 0, context 2: rows: expected 1 to 128, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.columns = 129; }) ==
        "4 section 0, context 2: columns: expected 1 to 128, got 129");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.format = 3; }) ==
        "4 section 0, context 2: format: expected 0 to 2, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.level = 2; }) ==
        "4 section 0, context 2: level: expected 0 to 1, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.reserved = 1; }) ==
        "4 section 0, context 2: reserved: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.level = 1; }) ==
        "5 section 0, context 2, port 2: level: expected 1, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].counters[0].lanes = 16; }) ==
        "5 section 0, context 2, counter 0: lanes: expected 1, got 16");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.a = 2; }) ==
        "5 section 0, context 2: a: expected a vector or scalar input, got 2");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.b = 0; }) ==
        "5 section 0, context 2: b: expected another port than a, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].systolic.result = 3; }) ==
        "4 section 0, context 2: result: expected a number below 3, got 3");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].ports[0].level = 0; }) ==
        "5 section 0, context 2, port 0: level: expected 1, got 0");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].ports[0].kind = RDU_HW_SCALAR; }) ==
        "5 section 0, context 2, port 0: kind: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].ports.insert(s.contexts[2].ports.begin() + 2, input(RDU_HW_VECTOR, 2, 1));
          s.contexts[2].systolic.result = 3;
        }) == "4 section 0, context 2, port 3: link: expected a number below 3, got none");
  CHECK(refused([](Program&, Section& s) {
          s.contexts[2].instructions.push_back(compute(RDU_HW_OP_ADD_F32, 0, 0, reg(0), reg(0)));
        }) == "5 section 0, context 2: instructions: expected 0, got 1");
  CHECK(refused([](Program&, Section& s) { s.contexts[2].steps.resize(1); }) ==
        "5 section 0, context 2: steps: expected 0, got 1");
}
