// What a trace tells of a chip: counters, copies, and the chip's own time.
#include <map>
#include <nlohmann/json.hpp>

#include "tests/plugins/rdu/models.hpp"
#include "tests/plugins/rdu/session.hpp"

using namespace chip_test;
using nlohmann::json;

namespace {

struct Record {
  std::string track, name, category, details;
  std::uint64_t begin_ns, end_ns;
};

std::vector<Record> traced_run(const Session& session) {
  std::vector<Record> records;
  const auto keep = [](void* user, const rdu_trace_record* record) {
    static_cast<std::vector<Record>*>(user)->push_back({record->track, record->name,
                                                        record->category, record->details,
                                                        record->begin_ns, record->end_ns});
  };
  RDU_OK_(rdu_context_set_trace(session.context.get(), keep, &records));
  run_floats(session, std::vector<float>(10, 1), {2, 5}, 2);
  RDU_OK_(rdu_context_set_trace(session.context.get(), nullptr, nullptr));
  return records;
}

Session whole_session() {
  const std::uint64_t hash = hash_of("sara20");
  rdu::artifact::Model model = rdu::test::chain_model({2});
  add_cut(model.signatures[0].variants[0], hash, {section(0, 4, payload(whole_chain(hash, 10)))});
  return Session(model, {"rdu:sara20"});
}

}  // namespace

TEST_CASE("a run's span has its counters") {
  Session session = whole_session();
  session.must_load();
  json details;
  std::uint64_t begin_ns = 0;
  const std::vector<Record> records = traced_run(session);
  for (const Record& record : records) {
    if (record.category == "rdu" && record.name == "chip") {
      details = json::parse(record.details);
      begin_ns = record.begin_ns;
      CHECK(record.track == "sara20");
    }
  }
  REQUIRE(details.is_object());
  CHECK(details["chip"] == "sara20");
  CHECK(details["first_section"] == 0);
  CHECK(details["estimated_cycles"] == 4321);
  REQUIRE(details["sections"].size() == 4);
  std::uint64_t sum = 0;
  for (const json& section : details["sections"]) sum += section["cycles"].get<std::uint64_t>();
  CHECK(details["cycles"] == sum);
  CHECK(details["sections"][1]["name"] == "z");
  CHECK(details["sections"][3]["flops"] == 10);

  // Four phases at most of each section, one behind the other in the chip's time, from the submit on.
  std::uint64_t at = begin_ns;
  std::size_t phases = 0, units = 0;
  for (const Record& record : records) {
    if (record.track == "sara20 sections") {
      CHECK(record.begin_ns == at);
      at = record.end_ns;
      ++phases;
    }
    units += record.track == "sara20 pcu (0, 0)";
  }
  CHECK(at - begin_ns == sum);  // at one cycle a nanosecond
  CHECK(phases >= 3 * 4);
  CHECK(units >= 4);
}

TEST_CASE("copies are counted as the chip's link takes them") {
  Session session(chain_on_chip(hash_of("sara20"), {2}), {"rdu:sara20"});
  session.must_load();
  std::map<std::string, int> copies;
  std::uint64_t in = 0, out = 0;
  for (const Record& record : traced_run(session)) {
    if (record.track != "sara20 dma") continue;
    ++copies[record.name];
    const json details = json::parse(record.details);
    in += details["dma_in_bytes"].get<std::uint64_t>();
    out += details["dma_out_bytes"].get<std::uint64_t>();
    CHECK(details["dma_ns"].get<std::uint64_t>() > 0);
  }
  // x goes there once, y and z come back; what four executables give each other stays.
  CHECK(copies == std::map<std::string, int>{{"in", 1}, {"out", 2}});
  CHECK(in == 40);
  CHECK(out == 80);
}

TEST_CASE("cycles are the same in every run") {
  Session session = whole_session();
  session.must_load();
  std::vector<std::string> seen;
  for (int i = 0; i < 5; ++i) {
    for (const Record& record : traced_run(session)) {
      if (record.name == "chip") seen.push_back(record.details);
    }
  }
  CHECK(seen == std::vector<std::string>(5, seen.at(0)));
}
