// Errors say where, what was expected and the value seen.
#include "tests/drivers/arch/chips.hpp"

namespace {

std::string preset(const char* name) { return rdu_hw_arch_preset_json(name); }

std::string extended(const std::string& body) {
  return parse_answer(R"({"extends": "plasticine", )" + body + "}");
}

}  // namespace

TEST_CASE("text that is not JSON is refused with line and column") {
  CHECK(parse_answer("") == "4 not JSON at line 1, column 1");
  CHECK(parse_answer("{\n  \"name\": \"x\",\n  oops\n}") == "4 not JSON at line 3, column 3");
  CHECK(parse_answer("[1]") == "6 the document: expected an object, got [1]");
  CHECK(parse_answer("{\"clock_hz\": 1e999}").substr(0, 2) == "4 ");
  CHECK(parse_answer("{\"name\": \"\xff\"}").substr(0, 13) == "4 not JSON at");
}

TEST_CASE("size and depth are bounded") {
  CHECK(parse_answer(std::string(300'000, ' ')) ==
        "4 expected at most 262144 bytes of JSON, got 300000");
  CHECK(parse_answer(std::string(100'000, '[')) == "4 nested deeper than 8");
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "{\"a\":";
  CHECK(parse_answer(deep) == "4 nested deeper than 8");
}

TEST_CASE("an unknown key is refused, and the nearest known one suggested") {
  CHECK(extended(R"("pcu": {"lane": 8})") ==
        "5 pcu: unknown key \"lane\"; did you mean \"lanes\"?");
  CHECK(extended(R"("pcy": {})") == "5 the document: unknown key \"pcy\"; did you mean \"pcu\"?");
  CHECK(extended(R"("lanes": 8)") ==
        "5 the document: unknown key \"lanes\"; did you mean \"pcu.lanes\"?");
  CHECK(extended(R"("dram": {"timing": {"tRFC": 8}})") == "5 dram.timing: unknown key \"tRFC\"");
  CHECK(extended(R"("zzzzzzzz": 1)") == "5 the document: unknown key \"zzzzzzzz\"");
  CHECK(extended(R"("pcu": {"lanes": {"value": 8, "from": "me"}})") ==
        "5 pcu.lanes: unknown key \"from\"; a figure has \"value\" and \"source\"");
}

TEST_CASE("a key that is given twice is refused") {
  CHECK(extended(R"("pcu": {"lanes": 8, "lanes": 16})") ==
        "5 \"lanes\" is given twice in one object");
  CHECK(extended(R"("pcu": {"lanes": 8}, "pcu": {})") == "5 \"pcu\" is given twice in one object");
}

TEST_CASE("missing figures are named and counted") {
  std::string text = preset("sn10");
  const std::string lanes = "    \"lanes\": {\"value\": 16, \"source\": \"DAB table 1\"},\n";
  const std::string stages = "    \"stages\": {\"value\": 6, \"source\": \"DAB table 1\"},\n";
  std::string without = replaced(text, lanes, "");
  CHECK(parse_answer(without) ==
        "5 pcu.lanes: missing, expected an integer from 1 to 64 (SIMD width, a power of two)");
  CHECK(parse_answer(replaced(without, stages, "")) ==
        "5 pcu.lanes: missing, expected an integer from 1 to 64 (SIMD width, a power of two); 1 "
        "more are missing");
  CHECK(parse_answer(replaced(text, "\"name\": \"sn10\",", "")) ==
        "5 name: missing, expected a short name");
  CHECK(extended(R"("pcu": {"lanes": {"source": "me"}})") == "5 pcu.lanes: \"value\" is missing");
}

TEST_CASE("a value of the wrong type or out of range is refused with what was seen") {
  CHECK(extended(R"("pcu": {"lanes": 128})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got 128");
  CHECK(extended(R"("pcu": {"lanes": -8})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got -8");
  CHECK(extended(R"("pcu": {"lanes": 8.5})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got 8.5");
  CHECK(extended(R"("pcu": {"lanes": "many"})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got \"many\"");
  CHECK(extended(R"("pcu": {"lanes": null})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got null");
  CHECK(extended(R"("pcu": {"lanes": 18446744073709551616})") ==
        "6 pcu.lanes: expected an integer from 1 to 64, got 1.8446744073709552e+19");
  CHECK(extended(R"("pcu": 5)") == "6 pcu: expected an object of figures, got 5");
  CHECK(extended(R"("grid": {"word_bits": 16})") == "6 grid.word_bits: expected 32 bit, got 16");
  CHECK(extended(R"("pmu": {"bytes": "256KB"})") ==
        "6 pmu.bytes: expected an integer from 1 KiB to 1 GiB, got \"256KB\"");
  CHECK(extended(R"("dram": {"clock_ps": "1/0"})") ==
        "6 dram.clock_ps: expected picoseconds from 1 to 1000000, or a fraction such as "
        "\"2500/3\", got \"1/0\"");
  CHECK(extended(R"("dram": {"address_map": "rorabacobgbg"})") ==
        "6 dram.address_map: expected an order of ro, ra, ba, bg, co, ch such as "
        "\"rorabacobgch\", got \"rorabacobgbg\"");
  CHECK(extended(R"("dram": {"standard": "DDR 3"})") ==
        "6 dram.standard: expected 1 to 31 letters, digits or ._+-, got \"DDR 3\"");
}

TEST_CASE("a word that is not in the list is refused, and the nearest suggested") {
  CHECK(extended(R"("network": {"kind": "route"})") ==
        "6 network.kind: expected one of ideal, routed, got \"route\"; did you mean \"routed\"?");
  CHECK(extended(R"("pcu": {"dtypes": ["fp32", "bf32"]})") ==
        "6 pcu.dtypes: expected a list out of fp32, bf16, int32, int16, int8, got \"bf32\"; did "
        "you mean \"fp32\"?");
  CHECK(extended(R"("pcu": {"dtypes": ["fp32", "fp32"]})") ==
        "6 pcu.dtypes: expected each once, got \"fp32\" twice");
  CHECK(extended(R"("pcu": {"dtypes": [32]})") ==
        "6 pcu.dtypes: expected a list out of fp32, bf16, int32, int16, int8, got [32]");
}

TEST_CASE("names are short and need no escapes") {
  CHECK(extended(R"("name": "my chip")") ==
        "6 name: expected 1 to 31 letters, digits or ._+-, got \"my chip\"");
  CHECK(extended(R"("name": 7)") == "6 name: expected a string, got 7");
  CHECK(extended("\"name\": \"" + std::string(32, 'a') + "\"").substr(0, 6) == "6 name");
  CHECK(extended("\"name\": \"" + std::string(31, 'a') + "\"") == "0");
}

TEST_CASE("what a message repeats is short and printable") {
  std::string answer = extended("\"" + std::string(5000, 'k') + "\": 1");
  CHECK(answer == "5 the document: unknown key \"" + std::string(60, 'k') + "...\"");
  CHECK(extended(R"("\u001b[2J": 1)") == "5 the document: unknown key \"?[2J\"");
}

TEST_CASE("messages begin with the origin") {
  rdu_hw_arch arch = {};
  rdu_hw_arch_error error;
  std::string text = R"({"extends": "edge", "pcu": {"lanes": 3}})";
  CHECK(rdu_hw_arch_parse(text.data(), text.size(), "mine.json", &arch, &error) ==
        RDU_HW_ARCH_ERR_CONFLICT);
  CHECK(std::string(error.text) == "mine.json: pcu.lanes: expected a power of two, got 3");
  CHECK(same(arch, rdu_hw_arch{}));
}
