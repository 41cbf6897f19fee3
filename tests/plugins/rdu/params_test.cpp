// Constants that change between runs, through the plugin's own table: regions and words follow, others stay.
#include <map>

#include "sdk/artifact/flat_graph.hpp"
#include "tests/conformance/host.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/plugins/rdu/models.hpp"
#include "tests/sdk/src/support/harness.hpp"

using namespace chip_test;
using conformance::Device;

namespace {

constexpr std::uint32_t kCount = 10, kW = 2;
constexpr std::uint64_t kBytes = 4 * kCount;

// One payload on a device, with a buffer of device memory for each value that it is bound to.
class Loaded {
 public:
  Loaded(Device& device, const rdu_graph& graph, std::uint32_t section,
         const std::vector<std::byte>& payload, const std::vector<std::uint32_t>& values)
      : device_(device) {
    rdu_load load{};
    load.header = RDU_HEADER(rdu_load);
    load.format = "rdu.chip";
    load.graph = &graph;
    load.first_section = section;
    load.end_section = section + 1;
    load.payload = {payload.data(), payload.size()};
    take(api().executable_load(device_.handle(), &load, &executable_));
    for (const std::uint32_t value : values) {
      rdu_plugin_buffer* buffer = nullptr;
      take(api().buffer_alloc(device_.handle(), kBytes, &buffer));
      bindings_.push_back({value, 0, kBytes, nullptr, buffer, 0});
    }
  }
  ~Loaded() {
    for (const rdu_binding& binding : bindings_) api().buffer_free(binding.buffer);
    api().executable_unload(executable_);
  }

  std::vector<float> run(std::vector<float> x) {
    take(api().buffer_copy(bindings_[0].buffer, 0, x.data(), kBytes, 1));
    rdu_submission submission{};
    submission.header = RDU_HEADER(rdu_submission);
    submission.bindings = {bindings_.data(), static_cast<std::uint32_t>(bindings_.size()),
                           sizeof(rdu_binding)};
    rdu_plugin_event* event = nullptr;
    take(api().submit(executable_, &submission, &event));
    std::uint32_t done = 0;
    take(api().event_wait(event, UINT64_MAX, &done));
    REQUIRE(done == 1);
    api().event_release(event);
    take(api().buffer_copy(bindings_[1].buffer, 0, x.data(), kBytes, 0));
    return x;
  }

  void params_changed(std::uint32_t value) {
    take(api().params_changed(executable_, value, 0, kBytes, 1));
  }

 private:
  const rdu_plugin_api& api() { return device_.api(); }
  void take(rdu_status* status) {
    const conformance::Outcome outcome = device_.host().take(status);
    INFO(outcome.message);
    REQUIRE(outcome.ok());
  }

  Device& device_;
  rdu_plugin_executable* executable_ = nullptr;
  std::vector<rdu_binding> bindings_;
};

}  // namespace

TEST_CASE("constants in regions and in words follow the host's") {
  const std::uint64_t hash = hash_of("sara20");
  rdu::artifact::Model model = chain_on_chip(hash, {2});
  auto flat = rdu::artifact::flatten(model.signatures[0].variants[0]);
  REQUIRE(flat.ok());
  std::vector<float> weights(kCount, 5);
  flat->values[kW].data = weights.data();
  const rdu_graph graph = flat->view();

  auto word = chain_node(hash, 2, kCount);
  word.bindings[1] = rdu_hw::image::bind_constant(kW, 4);
  Device device("rdu:sara20"), other("rdu:sara20");
  Loaded region(device, graph, 1, payload(chain_node(hash, 1, kCount)), {1, 3});
  Loaded scalar(other, graph, 2, payload(word), {3, 4});
  const std::vector<float> x(kCount, 1);
  CHECK(region.run(x) == std::vector<float>(kCount, 6));
  CHECK(scalar.run(x) == std::vector<float>(kCount, 6));
  weights.assign(kCount, 7);
  region.params_changed(0);
  scalar.params_changed(0);
  CHECK(region.run(x) == std::vector<float>(kCount, 6));
  CHECK(scalar.run(x) == std::vector<float>(kCount, 6));
  region.params_changed(kW);
  scalar.params_changed(kW);
  CHECK(region.run(x) == std::vector<float>(kCount, 8));
  CHECK(scalar.run(x) == std::vector<float>(kCount, 8));
}

TEST_CASE("constants that are kept in scratchpads follow the host's, and programs take turns") {
  const std::uint64_t hash = hash_of("sara20");
  rdu::artifact::Model model = chain_on_chip(hash, {2});
  auto flat = rdu::artifact::flatten(model.signatures[0].variants[0]);
  REQUIRE(flat.ok());
  std::vector<float> weights(kCount, 5);
  flat->values[kW].data = weights.data();
  const rdu_graph graph = flat->view();

  using namespace rdu_hw::image;
  Package product;
  product.image = write_image(image_test::kept_product(hash, kCount));
  product.bindings = {bind_constant(kW, kBytes), bind_value(1, RDU_HW_MOVE_IN, kBytes),
                      bind_value(3, RDU_HW_MOVE_OUT, kBytes)};
  Device device("rdu:sara20");
  Loaded kept(device, graph, 1, payload(product), {1, 3});
  Loaded same(device, graph, 1, payload(product), {1, 3});
  Loaded sum(device, graph, 1, payload(chain_node(hash, 1, kCount)), {1, 3});
  const std::vector<float> x(kCount, 3);
  const auto all = [](float value) { return std::vector<float>(kCount, value); };
  for (int i = 0; i < 2; ++i) {
    CHECK(kept.run(x) == all(15));
    CHECK(kept.run(x) == all(15));
    CHECK(sum.run(x) == all(8));
  }
  weights.assign(kCount, 7);
  CHECK(kept.run(x) == all(15));
  kept.params_changed(kW);
  CHECK(kept.run(x) == all(21));
  CHECK(same.run(x) == all(15));
  same.params_changed(kW);
  CHECK(kept.run(x) == all(21));
  CHECK(same.run(x) == all(21));
}
