// Integers with prefixes: exact or refused.
#include "drivers/arch/amount.hpp"

#include <catch2/catch.hpp>

using rdu_hw::arch::format_amount;
using rdu_hw::arch::parse_amount;

TEST_CASE("amounts with prefixes are exact") {
  CHECK(parse_amount("0", "") == 0u);
  CHECK(parse_amount("524288", "B") == 524288u);
  CHECK(parse_amount("512KiB", "B") == 524288u);
  CHECK(parse_amount("512 KiB", "B") == 524288u);
  CHECK(parse_amount("512Ki", "B") == 524288u);
  CHECK(parse_amount("1.5TiB", "B") == 1649267441664u);
  CHECK(parse_amount("1.32GHz", "Hz") == 1320000000u);
  CHECK(parse_amount("51.2GB/s", "B/s") == 51200000000u);
  CHECK(parse_amount("16kB", "B") == 16000u);
}

TEST_CASE("what is no integer is refused") {
  for (const char* text : {"",
                           " ",
                           "-1",
                           "+1",
                           "1.",
                           ".5",
                           "1..5",
                           "1.2.3",
                           "x",
                           "1x",
                           "0x10",
                           "1 2",
                           "1e3",
                           "1.5",
                           "1.0001kB",
                           "1KB",
                           "1Hz",
                           "1GiB/s",
                           "99999999999999999999",
                           "999999999999999999Ti",
                           "1  KiB",
                           "1KiB "}) {
    INFO(text);
    CHECK_FALSE(parse_amount(text, "B"));
  }
  CHECK_FALSE(parse_amount("8k", ""));
  CHECK_FALSE(parse_amount("8k", "words"));
}

TEST_CASE("amounts are written in the largest exact unit") {
  CHECK(format_amount(524288, "B") == "512 KiB");
  CHECK(format_amount(1649267441664, "B") == "1.5 TiB");
  CHECK(format_amount(1000, "B") == "1000 B");
  CHECK(format_amount(1320000000, "Hz") == "1.32 GHz");
  CHECK(format_amount(1234567891, "Hz") == "1234567.891 kHz");
  CHECK(format_amount(51200000000, "B/s") == "51.2 GB/s");
  CHECK(format_amount(16, "") == "16");
  CHECK(format_amount(6, "cycles") == "6 cycles");
  CHECK(format_amount(UINT64_MAX, "B") == "18446744073709551615 B");
}
