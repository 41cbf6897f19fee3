// How a plugin behaves at its border: options, refusals, memory, many threads, several hosts, longer structs.
#include <array>
#include <cstring>
#include <thread>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

// y = 2 x + row, over 64 × 64.
struct Doubling {
  Case c;
  ValueId x, y;
  Doubling() {
    x = c.input(F32, {64, 64}, iota(4096));
    y = c.output(F32, {64, 64});
    Node n = map({64, 64});
    n.reads = {read(x, {loop(0), loop(1)})};
    Code code;
    const auto v = code.load(0, F32), two = code.number(F32, 2),
               row = code.op(RDU_OP_CAST, F32, code.index(0));
    n.body = code.result({code.op(RDU_OP_FMA, F32, v, two, row)});
    n.writes = {{y, {}}};
    c.add(n);
  }
  static Numbers expected() {
    Numbers numbers = iota(4096);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = 2 * numbers[i] + static_cast<Number>(i / 64);
    return numbers;
  }
};

// An rdu_array with room between its elements, filled with what must not be read.
struct Stretched {
  std::vector<std::byte> bytes;
  rdu_array array{};

  template <class T>
  explicit Stretched(const rdu_array& from, const T*) {
    const std::uint32_t stride = (sizeof(T) + 40 + 7) / 8 * 8;
    bytes.assign(std::size_t{from.count} * stride + 1, std::byte{0xab});
    for (std::uint32_t i = 0; i < from.count; ++i)
      std::memcpy(bytes.data() + std::size_t{i} * stride, RDU_AT(T, from, i), sizeof(T));
    array = {bytes.data(), from.count, stride};
  }
};

Outcome open(const std::string& uri, rdu_plugin_device** out) {
  Device& device = Device::under_test();
  return device.host().take(device.api().device_open(device.api().self, uri.c_str(), out));
}

}  // namespace

TEST_CASE("plugin: its table says who it is") {
  const rdu_plugin_api& api = Device::under_test().api();
  CHECK(api.header.struct_size >= offsetof(rdu_plugin_api, event_release));
  CHECK(api.abi >> 16 == RDU_ABI_MAJOR);
  CHECK(api.sanitizer == RDU_SANITIZER);
  CHECK(std::string(api.name) == Device::scheme());
  CHECK(std::strlen(api.version) > 0);
}

TEST_CASE("plugin: every device that it lists can be opened, twice") {
  Device& device = Device::under_test();
  rdu_array entries{};
  REQUIRE(device.host().take(device.api().devices(device.api().self, &entries)).ok());
  REQUIRE(entries.count > 0);
  for (std::uint32_t i = 0; i < entries.count; ++i) {
    const auto& entry = *RDU_AT(rdu_device_entry, entries, i);
    INFO(entry.uri);
    CHECK(std::string(entry.uri).rfind(Device::scheme() + ":", 0) == 0);
    CHECK(std::strlen(entry.description) > 0);
    rdu_plugin_device *first = nullptr, *second = nullptr;
    REQUIRE(open(entry.uri, &first).ok());
    REQUIRE(open(entry.uri, &second).ok());
    const rdu_device_properties& properties = *device.api().device_properties(first);
    CHECK(properties.alignment > 0);
    CHECK(properties.alignment <= 4096);
    CHECK((properties.alignment & (properties.alignment - 1)) == 0);
    device.api().device_close(first);
    device.api().device_close(second);
  }
}

TEST_CASE("plugin: a bad option is a status that names it") {
  const std::string scheme = Device::scheme();
  rdu_plugin_device* device = nullptr;
  const Outcome unknown = open(scheme + ":?no_such_option=1", &device);
  CHECK(unknown.code == RDU_ERR_INVALID_ARGUMENT);
  CHECK(unknown.message.find("no_such_option") != std::string::npos);
  CHECK(open(scheme + ":?novalue", &device).code == RDU_ERR_INVALID_ARGUMENT);
  CHECK(open(scheme + ":?a=%zz", &device).code == RDU_ERR_INVALID_ARGUMENT);
  CHECK(device == nullptr);
  CHECK(Device::under_test().host().live_statuses() == 0);
}

TEST_CASE("plugin: refuses a host of another major version") {
  Device& device = Device::under_test();
  const std::uint32_t other = (RDU_ABI_MAJOR + 1u) << 16;
  CHECK(device.plugin().query()(device.host().api(), other) == nullptr);
}

TEST_CASE("plugin: two hosts at once, each with its own table") {
  Plugin first(Device::scheme()), second(Device::scheme());
  CHECK(&first.api() != &second.api());
  for (Plugin* plugin : {&first, &second}) {
    rdu_plugin_device* device = nullptr;
    const Outcome outcome = plugin->host().take(plugin->api().device_open(
        plugin->api().self, (Device::scheme() + ":?no_such_option=1").c_str(), &device));
    CHECK_FALSE(outcome.ok());
    CHECK(plugin->host().live_statuses() == 0);
  }
}

TEST_CASE("plugin: executables come and go without leaving memory behind") {
  Device& device = Device::under_test();
  const std::uint64_t before = device.host().live_bytes();
  for (int i = 0; i < 3; ++i) {
    Doubling d;
    d.c.run();
    CHECK_SAME(d.c.get(d.y), Doubling::expected());
  }
  CHECK(device.host().live_bytes() == before);
  CHECK(device.host().live_statuses() == 0);
}

TEST_CASE("plugin: two executables at once") {
  Doubling a, b;
  a.c.load();
  b.c.load();
  b.c.set(b.x, Numbers(4096, 0));
  REQUIRE(a.c.submit().ok());
  REQUIRE(b.c.submit().ok());
  CHECK_SAME(a.c.get(a.y), Doubling::expected());
  CHECK(b.c.get(b.y).back() == 63);
}

TEST_CASE("plugin: a load that cannot be done is a status and leaves nothing") {
  Doubling d;
  d.c.load();
  Device& device = Device::under_test();
  const std::uint64_t before = device.host().live_bytes();
  rdu_load load{};
  load.header = RDU_HEADER(rdu_load);
  load.format = "rdu.no_such_format";
  load.graph = &d.c.view();
  load.end_section = 1;
  rdu_plugin_executable* executable = nullptr;
  CHECK_FALSE(
      device.host().take(device.api().executable_load(device.handle(), &load, &executable)).ok());
  load.format = "rdu.graph";
  load.end_section = 7;
  CHECK_FALSE(
      device.host().take(device.api().executable_load(device.handle(), &load, &executable)).ok());
  CHECK(executable == nullptr);
  CHECK(device.host().live_bytes() == before);
}

TEST_CASE("plugin: many threads submit at once") {
  Doubling shared;
  shared.c.load();
  constexpr std::size_t kThreads = 4;
  std::array<bool, kThreads> right{};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      bool all = true;
      for (int run = 0; run < 50 && all; ++run) {
        const Storage x(4096 * sizeof(float)), y(4096 * sizeof(float));
        auto* numbers = reinterpret_cast<float*>(x.data());
        for (int i = 0; i < 4096; ++i)
          numbers[i] = static_cast<float>(t * 1000 + static_cast<std::size_t>(i));
        all = shared.c.submit({{shared.x, x.data()}, {shared.y, y.data()}}).ok();
        for (int i = 0; i < 4096 && all; ++i) {
          all =
              reinterpret_cast<float*>(y.data())[i] == 2 * numbers[i] + static_cast<float>(i / 64);
        }
      }
      right[t] = all;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool all : right) CHECK(all);
}

TEST_CASE("plugin: reads arrays by their stride, not by the size of its own structs") {
  Doubling d;
  d.c.load();
  const rdu_graph& view = d.c.view();
  rdu_graph longer = view;
  std::vector<Stretched> keep;
  keep.reserve(16);
  const auto stretch = [&]<class T>(rdu_array& array, const T* type) {
    keep.emplace_back(array, type);
    array = keep.back().array;
  };
  stretch(longer.values, static_cast<rdu_value*>(nullptr));
  stretch(longer.encodings, static_cast<rdu_encoding*>(nullptr));
  stretch(longer.nodes, static_cast<rdu_node*>(nullptr));
  stretch(longer.graphs, static_cast<rdu_subgraph*>(nullptr));
  stretch(longer.loops, static_cast<rdu_loop*>(nullptr));
  stretch(longer.reads, static_cast<rdu_read*>(nullptr));
  stretch(longer.writes, static_cast<rdu_write*>(nullptr));
  stretch(longer.indices, static_cast<rdu_index*>(nullptr));
  stretch(longer.terms, static_cast<rdu_term*>(nullptr));
  stretch(longer.instrs, static_cast<rdu_instr*>(nullptr));
  stretch(longer.results, static_cast<std::uint32_t*>(nullptr));
  stretch(longer.ports, static_cast<rdu_port*>(nullptr));
  stretch(longer.value_lists, static_cast<std::uint32_t*>(nullptr));
  stretch(longer.sections, static_cast<rdu_section*>(nullptr));
  stretch(longer.variables, static_cast<rdu_variable*>(nullptr));
  d.c.reload(longer);
  REQUIRE(d.c.submit().ok());
  CHECK_SAME(d.c.get(d.y), Doubling::expected());
  d.c.unload();
}

// A view that no artifact has, so there are no bytes of it.
CONFORMANCE_CASE("plugin: declines an operation that it has never heard of") {
  Doubling d;
  d.c.load();
  rdu_graph graph = d.c.view();
  std::vector<rdu_instr> instrs;
  for (std::uint32_t i = 0; i < graph.instrs.count; ++i)
    instrs.push_back(*RDU_AT(rdu_instr, graph.instrs, i));
  instrs.back().op = RDU_NUM_BODY_OPS + 7;
  graph.instrs = {instrs.data(), graph.instrs.count, sizeof(rdu_instr)};
  Device& device = Device::under_test();
  char detail[128];
  rdu_check check{};
  check.header = RDU_HEADER(rdu_check);
  check.graph = &graph;
  check.detail_bytes = sizeof(detail);
  check.detail = detail;
  check.format = "rdu.graph";
  const std::uint32_t reason = device.api().device_check(device.handle(), &check);
  CHECK(std::strlen(detail) > 0);
  if (reason == RDU_REASON_DEVICE) throw Declined{reason, detail};
  CHECK(reason == RDU_REASON_BODY_OP);
  char tiny[4];
  rdu_check cramped = check;
  cramped.detail_bytes = sizeof(tiny);
  cramped.detail = tiny;
  CHECK(device.api().device_check(device.handle(), &cramped) == RDU_REASON_BODY_OP);
  CHECK(std::strlen(tiny) < sizeof(tiny));
}

TEST_CASE(
    "plugin: a deadline that has passed ends the run with its own code, or the run ends well") {
  Doubling d;
  d.c.load();
  d.c.set_deadline(1);
  const Outcome outcome = d.c.submit();
  if (!outcome.ok()) CHECK(outcome.code == RDU_ERR_DEADLINE_EXCEEDED);
  if (outcome.ok()) CHECK_SAME(d.c.get(d.y), Doubling::expected());
}

TEST_CASE("plugin: a run that is told to stop ends with its own code, or ends well") {
  Doubling d;
  d.c.load();
  const std::uint32_t now = 1, never = 0;
  d.c.set_stop(&now);
  const Outcome outcome = d.c.submit();
  if (!outcome.ok()) CHECK(outcome.code == RDU_ERR_CANCELLED);
  if (outcome.ok()) CHECK_SAME(d.c.get(d.y), Doubling::expected());
  d.c.set_stop(&never);
  d.c.run();
  CHECK_SAME(d.c.get(d.y), Doubling::expected());
}

}  // namespace conformance
