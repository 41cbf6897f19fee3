// Device URIs, what devices say of themselves, and options that change the chip or how it is emulated.
#include <rdu/plugin.h>

#include <filesystem>

#include "tests/plugins/rdu/models.hpp"
#include "tests/plugins/rdu/session.hpp"

using namespace chip_test;
using rdu::test::check_chain;
using rdu::test::words;

namespace {

std::string open_words(const std::string& uri) {
  const Context context = plugins_context();
  rdu_device* device = nullptr;
  const std::string outcome = words(rdu_device_open(context.get(), uri.c_str(), &device));
  rdu_device_close(device);
  return outcome;
}

rdu_device_info info_of(const Device& device) {
  rdu_device_info info{};
  info.header = RDU_HEADER(rdu_device_info);
  RDU_OK_(rdu_device_get_info(device.get(), &info));
  return info;
}

}  // namespace

TEST_CASE("the presets are devices") {
  const Context context = plugins_context();
  std::vector<std::string> uris;
  RDU_OK_(rdu_device_enumerate(
      context.get(),
      [](void* user, const rdu_device_info* info) {
        const std::string uri = info->uri;
        if (uri.substr(0, 4) == "rdu:")
          static_cast<std::vector<std::string>*>(user)->push_back(uri);
      },
      &uris));
  CHECK(uris == std::vector<std::string>{"rdu:edge", "rdu:plasticine", "rdu:sara20", "rdu:sn10",
                                         "rdu:sn40l"});
}

TEST_CASE("what a device says of itself") {
  const Context context = plugins_context();
  const Device device = rdu::test::open_device(context, "rdu:sn10");
  const rdu_device_info info = info_of(device);
  CHECK(std::string(info.name) == "sn10 (emulator)");
  CHECK(std::string(info.target) == "rdu");
  CHECK(info.target_hash == hash_of("sn10"));
  CHECK(info.memory_bytes == std::uint64_t{3} << 39);
  CHECK(info.flags == RDU_DEVICE_ASYNCHRONOUS);
  CHECK(info.max_concurrency == 1);
  const Device changed = rdu::test::open_device(context, "rdu:sn10?pcu.lanes=8");
  CHECK(info_of(changed).target_hash != info.target_hash);
  CHECK(info_of(changed).target_hash == hash_of("sn10", {"pcu.lanes=8"}));
}

TEST_CASE("URIs that open nothing") {
  CHECK(open_words("rdu:").find(
            "INVALID_ARGUMENT: device 'rdu:' names no chip: rdu:edge, rdu:plasticine, rdu:sara20, "
            "rdu:sn10, rdu:sn40l or rdu:FILE.json") != std::string::npos);
  CHECK(open_words("rdu:sn11").find("NOT_FOUND: device 'rdu:sn11': ") != std::string::npos);
  CHECK(open_words("rdu:/nowhere/chip.json").find("'rdu:/nowhere/chip.json'") != std::string::npos);
  CHECK(open_words("rdu:edge?pcu.lanes=many").find("pcu.lanes") != std::string::npos);
  CHECK(open_words("rdu:edge?speed=9").find("speed") != std::string::npos);
  CHECK(open_words("rdu:edge?granularity=fine")
            .find("option granularity=fine: expected block or vector") != std::string::npos);
  CHECK(open_words("rdu:edge?timing_only=2").find("option timing_only=2") != std::string::npos);
  CHECK(open_words("rdu:edge?memory=/nowhere/file").find("memory file '/nowhere/file'") !=
        std::string::npos);
}

TEST_CASE("a chip from a file") {
  const std::string path =
      (std::filesystem::temp_directory_path() / "rdu_devices_test_chip.json").string();
  rdu::test::Context context = plugins_context();
  {
    const auto file = std::unique_ptr<FILE, int (*)(FILE*)>(fopen(path.c_str(), "w"), fclose);
    REQUIRE(file != nullptr);
    fputs(R"({"name": "mine", "extends": "sara20", "clock_hz": "2GHz"})", file.get());
  }
  const Device device = rdu::test::open_device(context, "rdu:" + path);
  std::filesystem::remove(path);
  CHECK(std::string(info_of(device).name) == "mine (emulator)");
}

TEST_CASE("the same answers vector by vector, on a changed chip, and out of a file") {
  const auto file = std::filesystem::temp_directory_path() / "rdu_devices_test_memory";
  std::filesystem::remove(file);
  const std::string uris[] = {"rdu:sara20?granularity=vector", "rdu:sara20?pmu.bytes=512KiB",
                              "rdu:sara20?memory=" + file.string()};
  for (const std::string& uri : uris) {
    const bool changed = uri.find("pmu") != std::string::npos;
    const std::uint64_t hash =
        changed ? hash_of("sara20", {"pmu.bytes=512KiB"}) : hash_of("sara20");
    Session session(chain_on_chip(hash, {2}), {uri});
    session.must_load();
    CHECK(check_chain(session.program.get(), 2, 3) == "OK");
  }
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("buffers of the application lie on the chip") {
  Session session(chain_on_chip(hash_of("sara20"), {2}), {"rdu:sara20"});
  session.must_load();
  rdu_buffer* raw = nullptr;
  RDU_OK_(rdu_buffer_create(session.list[0], 40, &raw));
  const rdu::test::Buffer buffer(raw);
  std::vector<float> x(10), back(10);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  RDU_OK_(rdu_buffer_write(raw, 0, 40, x.data()));
  RDU_OK_(rdu_buffer_read(raw, 0, 40, back.data()));
  CHECK(back == x);
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_buffer_read(raw, 4, 40, back.data()));
}
