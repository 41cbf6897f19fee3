// Device URIs: parsed, printed, nested, refused.
#include "sdk/base/uri.hpp"

#include <catch2/catch.hpp>

using namespace rdu::base;

namespace {

DeviceUri parsed(const std::string& text) {
  const auto uri = parse_device_uri(text);
  INFO(text);
  REQUIRE(uri);
  return *uri;
}

}  // namespace

TEST_CASE("the parts of a device URI") {
  const DeviceUri cpu = parsed("cpu:?threads=4&pin=yes");
  CHECK(cpu.plugin == "cpu");
  CHECK(cpu.path.empty());
  CHECK(cpu.option("threads") == "4");
  CHECK(cpu.option("pin") == "yes");
  CHECK(!cpu.option("other"));
  CHECK(parsed("rdu:sn10").path == "sn10");
  CHECK(parsed("rdu:/etc/my%20chip.json").path == "/etc/my chip.json");
  CHECK(parsed("cpu:?").options.empty());
}

TEST_CASE("options belong to the outer plugin, an inner URI's are encoded") {
  const DeviceUri remote = parsed("remote:tcp://host:7000/cpu:%3Fthreads=2?timeout=5");
  CHECK(remote.path == "tcp://host:7000/cpu:?threads=2");
  CHECK(remote.option("timeout") == "5");
  CHECK(!remote.option("threads"));
  CHECK(parsed("remote:a%253F").path == "a%3F");
}

TEST_CASE("what is printed parses to the same") {
  for (const DeviceUri& uri :
       {DeviceUri{"cpu", "", {}}, DeviceUri{"rdu", "a b,c?d%e", {{"k", "1&2=3,4?"}}},
        DeviceUri{"x", "\x01\xff", {{"a", ""}, {"b", "v"}}}}) {
    CHECK(parsed(to_string(uri)) == uri);
  }
}

TEST_CASE("a list is split at commas") {
  const auto list = parse_device_list("rdu:sn10,cpu:?threads=4");
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK((*list)[1].option("threads") == "4");
  CHECK(parse_device_list("remote:a%2Cb")->size() == 1);
  CHECK(!parse_device_list(""));
  CHECK(!parse_device_list("cpu:,"));
}

TEST_CASE("what is no URI is an error that shows it") {
  for (const std::string text :
       {"", "cpu", ":path", "c pu:", "cpu:?threads", "cpu:?=4", "cpu:?a=1&a=2", "cpu:%", "cpu:%4",
        "cpu:%zz", "cpu:%00", "cpu:?a=%1"}) {
    INFO(text);
    const auto uri = parse_device_uri(text);
    REQUIRE(!uri);
    CHECK(uri.error().code == Code::kInvalidArgument);
  }
  CHECK(!parse_device_uri(std::string_view("cpu:\0x", 6)));
  CHECK_THAT(parse_device_uri("cpu").error().message, Catch::Contains("\"cpu\""));
}
