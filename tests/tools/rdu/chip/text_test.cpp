// Numbers and names as they stand in pictures.
#include <catch2/catch.hpp>

#include "tools/rdu/chip/quantity.hpp"
#include "tools/rdu/chip/svg.hpp"

using namespace rdu::tool;

TEST_CASE("numbers for people") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(decimal_text(2.5, 2) == "2.5");
  CHECK(decimal_text(3, 2) == "3");
  CHECK(decimal_text(-0.001, 2) == "0");
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1 kB");
  CHECK(bytes_text(1499) == "1.5 kB");
  CHECK(bytes_text(999'700) == "1 MB");
  CHECK(bytes_text(1'500'000'000'000) == "1.5 TB");
  CHECK(percent_text(0.004) == "0.4 %");
  CHECK(percent_text(0.125) == "12 %");
  CHECK(percent_text(1) == "100 %");
  CHECK(time_text(1, 1'000'000'000) == "1 ns");
  CHECK(time_text(12345, 1'000'000'000) == "12.3 us");
  CHECK(time_text(800'000, 800'000'000) == "1 ms");
}

TEST_CASE("text from anywhere becomes text of XML") {
  CHECK(xml_escape("a<b> & \"c\"") == "a&lt;b&gt; &amp; &quot;c&quot;");
  CHECK(xml_escape("größe → ∑ 🙂") == "größe → ∑ 🙂");
  const std::string replaced = "\xef\xbf\xbd";
  CHECK(xml_escape(std::string("a\0b\x1b", 4)) == "a" + replaced + "b" + replaced);
  CHECK(xml_escape("\xc3") == replaced);                                // cut short
  CHECK(xml_escape("\xc0\xaf") == replaced + replaced);                 // longer than need be
  CHECK(xml_escape("\xed\xa0\x80") == replaced + replaced + replaced);  // a surrogate
  CHECK(xml_escape("\xef\xbf\xbf") == replaced + replaced + replaced);  // not a character of XML
  CHECK(xml_escape("\xf4\x90\x80\x80").find('\xf4') == std::string::npos);
  CHECK(xml_escape("\xc2\x85") == replaced + replaced);  // a control character
}

TEST_CASE("long names are cut between characters") {
  CHECK(shorten("conv", 4) == "conv");
  CHECK(shorten("conv1", 4) == "con…");
  CHECK(shorten("größer", 4) == "grö…");
  CHECK(shorten("größe", 5) == "größe");
  CHECK(shorten("", 4).empty());
  CHECK(shorten_inside("block/1/größe/relu", 10) == "blo…e/relu");
  CHECK(shorten_inside("block/1", 7) == "block/1");
}
