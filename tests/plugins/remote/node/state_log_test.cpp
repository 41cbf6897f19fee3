// The journal of a state, cut at every byte and damaged at every byte: what was answered is there, what is torn is not.
#include "plugins/remote/node/state_log.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::node {
namespace {

using testing::Scratch;

Bytes bytes_of(std::string_view text) {
  const ByteSpan bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

StateBase some_base() {
  StateBase base;
  base.origin = {77, {1, 2, 3}, "alice", "cpu:", {{9}, 1, 2, 3, 4}, 5};
  base.snapshot = 6;
  base.last = {10, {8, 8}, {bytes_of("answer"), {}}};
  return base;
}

Effect effect(std::uint64_t sequence) {
  return {Op::kRun,
          sequence,
          {static_cast<std::uint8_t>(sequence)},
          {{9}, 0, 1, 0, 2},
          0,
          {bytes_of("input " + std::to_string(sequence)), Bytes(sequence % 5)}};
}

void check_equal(const Effect& a, const Effect& b) {
  CHECK(a.op == b.op);
  CHECK(a.sequence == b.sequence);
  CHECK(a.payload == b.payload);
  CHECK(a.program == b.program);
  CHECK(a.inputs == b.inputs);
}

// A log of `count` effects; `ends` are the sizes of the file after each of its records.
std::vector<std::uint64_t> write_log(const std::string& path, std::uint64_t count) {
  Result<StateLog> log = StateLog::begin(path, some_base(), Durability::kProcess);
  REQUIRE(log.ok());
  std::vector<std::uint64_t> ends = {log->bytes()};
  for (std::uint64_t i = 1; i <= count; ++i) {
    REQUIRE(log->append(effect(10 + i)).ok());
    ends.push_back(log->bytes());
  }
  CHECK(log->num_effects() == count);
  return ends;
}

TEST_CASE("a journal holds its base and its effects in order") {
  const Scratch scratch;
  write_log(scratch / "log", 4);
  const Result<StateLog::Contents> read = StateLog::read(scratch / "log");
  REQUIRE(read.ok());
  const StateBase base = some_base();
  CHECK(read->base.origin.state == base.origin.state);
  CHECK(read->base.origin.session == base.origin.session);
  CHECK(read->base.origin.user == base.origin.user);
  CHECK(read->base.origin.device == base.origin.device);
  CHECK(read->base.origin.program == base.origin.program);
  CHECK(read->base.origin.create_sequence == base.origin.create_sequence);
  CHECK(read->base.snapshot == base.snapshot);
  CHECK(read->base.last.sequence == base.last.sequence);
  CHECK(read->base.last.outputs == base.last.outputs);
  REQUIRE(read->effects.size() == 4);
  for (std::uint64_t i = 0; i < 4; ++i) check_equal(read->effects[i], effect(11 + i));
}

TEST_CASE("a process that dies at any byte of a journal leaves the whole records before it") {
  const Scratch scratch;
  const std::string path = scratch / "log";
  const std::vector<std::uint64_t> ends = write_log(path, 3);
  const Bytes whole = *read_file(path, 1u << 20);
  for (std::uint64_t cut = 0; cut <= whole.size(); ++cut) {
    INFO("cut at " << cut);
    REQUIRE(replace_file(path, ByteSpan(whole).first(cut), Durability::kProcess).ok());
    const Result<StateLog::Contents> read = StateLog::read(path);
    REQUIRE(read.ok() == (cut >= ends[0]));
    if (!read.ok()) continue;
    const auto records =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin());
    REQUIRE(read->effects.size() == records - 1);
    REQUIRE(read->bytes == ends[records - 1]);

    // It goes on behind the whole records, whatever the torn one left.
    Result<StateLog> log = StateLog::resume(path, *read, Durability::kProcess);
    REQUIRE(log.ok());
    REQUIRE(log->append(effect(99)).ok());
    const Result<StateLog::Contents> again = StateLog::read(path);
    REQUIRE(again.ok());
    REQUIRE(again->effects.size() == records);
    check_equal(again->effects.back(), effect(99));
  }
}

TEST_CASE("a damaged byte ends the journal before its record") {
  const Scratch scratch;
  const std::string path = scratch / "log";
  const std::vector<std::uint64_t> ends = write_log(path, 3);
  const Bytes whole = *read_file(path, 1u << 20);
  for (std::uint64_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= std::byte{0x40};
    REQUIRE(replace_file(path, damaged, Durability::kProcess).ok());
    const Result<StateLog::Contents> read = StateLog::read(path);
    const auto record =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
    INFO("damaged at " << at << ", in record " << record);
    REQUIRE(read.ok() == (record > 0));
    if (read.ok()) REQUIRE(read->effects.size() == record - 1);
  }
}

TEST_CASE("a new base replaces the journal at once") {
  const Scratch scratch;
  write_log(scratch / "log", 5);
  StateBase base = some_base();
  base.snapshot = 7;
  REQUIRE(StateLog::begin(scratch / "log", base, Durability::kMachine).ok());
  const Result<StateLog::Contents> read = StateLog::read(scratch / "log");
  REQUIRE(read.ok());
  CHECK(read->base.snapshot == 7);
  CHECK(read->effects.empty());
}

}  // namespace
}  // namespace rdu::remote::node
