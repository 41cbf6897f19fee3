// What the chip declines, with the reason and the words that the user sees.
#include "tests/plugins/rdu/models.hpp"
#include "tests/plugins/rdu/session.hpp"

using namespace chip_test;
using rdu::artifact::Model;

namespace {

std::string first_refusal(const Model& model, const std::string& uri) {
  return Session(model, {uri}).placed()[0];
}

Model with_first_payload(std::uint64_t hash, const std::vector<std::byte>& bytes) {
  return chain_on_chip(hash, {2}, [&](std::uint32_t node, std::vector<std::byte>& payload) {
    if (node == 0) payload = bytes;
  });
}

}  // namespace

TEST_CASE("nothing was compiled for a chip") {
  CHECK(first_refusal(rdu::test::chain_model({2}), "rdu:sn10") ==
        "nobody not NOT_COMPILED: rducc --target rdu:sn10 compiles it for this chip");
}

TEST_CASE("compiled for another chip") {
  const std::string words = first_refusal(chain_on_chip(hash_of("sara20"), {2}), "rdu:edge");
  CHECK(words.substr(0, 31) == "nobody not PAYLOAD: for a chip ");
  CHECK(words.find("this one, 'edge', is 0x") != std::string::npos);
}

TEST_CASE("a cut says that it is for this chip, and its image does not") {
  Model model = chain_on_chip(hash_of("edge"), {2});
  model.signatures[0].variants[0].cuts[1].target_hash = hash_of("sara20");
  CHECK(first_refusal(model, "rdu:sara20").substr(0, 19) == "nobody not PAYLOAD:");
}

TEST_CASE("the compiler's own words") {
  const auto refusal = rdu_hw::image::write_refusal(RDU_REASON_DTYPE, "node 'doubled': f64");
  const auto* data = reinterpret_cast<const std::byte*>(refusal.data());
  CHECK(first_refusal(with_first_payload(hash_of("sara20"), {data, data + refusal.size()}),
                      "rdu:sara20") == "nobody not DTYPE: node 'doubled': f64");
}

TEST_CASE("a package that is damaged") {
  auto bytes = payload(chain_node(hash_of("sara20"), 0, 10));
  bytes[100] ^= std::byte{1};
  CHECK(first_refusal(with_first_payload(hash_of("sara20"), bytes), "rdu:sara20").substr(0, 41) ==
        "nobody not PAYLOAD: package hash: expecte");
  bytes.resize(5);
  CHECK(first_refusal(with_first_payload(hash_of("sara20"), bytes), "rdu:sara20") ==
        "nobody not PAYLOAD: package size: expected at least 96 bytes, got 5");
}

TEST_CASE("more memory than the chip has") {
  auto package = chain_node(hash_of("sara20"), 0, 10);
  package.scratch_bytes[RDU_HW_TIER_DRAM] = std::uint64_t{1} << 45;
  const std::string words =
      first_refusal(with_first_payload(hash_of("sara20"), payload(package)), "rdu:sara20");
  CHECK(words.substr(0, 54) == "nobody not CAPACITY: 35184372088832 bytes of dram, the");
  package.scratch_bytes[RDU_HW_TIER_DRAM] = 0;
  package.scratch_bytes[RDU_HW_TIER_HBM] = 1;
  CHECK(first_refusal(with_first_payload(hash_of("sara20"), payload(package)), "rdu:sara20") ==
        "nobody not CAPACITY: 1 bytes of hbm, the chip has 0");
}

TEST_CASE("a payload that covers several sections is taken or declined as a whole") {
  const std::uint64_t hash = hash_of("sara20");
  Model model = rdu::test::chain_model({2});
  auto bytes = payload(whole_chain(hash, 10));
  add_cut(model.signatures[0].variants[0], hash, {section(0, 4, bytes)});
  CHECK(Session(model, {"rdu:sara20"}).placed() == std::vector<std::string>(4, "rdu:sara20"));
  bytes[40] ^= std::byte{1};
  model.signatures[0].variants[0].cuts[1].sections[0].payload = bytes;
  for (const std::string& line : Session(model, {"rdu:sara20", "reference:"}).placed()) {
    CHECK(line.substr(0, 23) == "reference: not PAYLOAD:");
  }
}

TEST_CASE("a package that does not fit its graph is an error of the artifact") {
  const std::uint64_t hash = hash_of("sara20");
  const auto load = [&](const std::function<void(rdu_hw::image::Package&)>& change) {
    auto package = chain_node(hash, 1, 10);
    change(package);
    Session session(chain_on_chip(hash, {2},
                                  [&](std::uint32_t node, std::vector<std::byte>& bytes) {
                                    if (node == 1) bytes = payload(package);
                                  }),
                    {"rdu:sara20"});
    return session.load();
  };
  CHECK(load([](auto& package) {
          package.bindings[0].value = 99;
        }).find("the package names value 99 of 6") != std::string::npos);
  CHECK(load([](auto& package) {
          package.bindings[0].offset = 4;
        }).find("moves 40 elements of 1 bytes from byte 4 of value 'doubled', which has 40") !=
        std::string::npos);
  CHECK(load([](auto& package) {
          package.bindings[1].value = 0;
        }).find("takes value 'x' for a constant") != std::string::npos);
}
