// The kernels: right results, published cycles, laws of their schedules, refusals.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/chip_apps/published.hpp"
#include "tests/bench/chip_apps/report.hpp"

namespace {

using namespace chip_apps;

std::vector<std::string> split(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> list;
  for (std::string word; words >> word;) list.push_back(word);
  return list;
}

// "NAME key=value…"
Measured measured(const std::string& line) {
  INFO(line);
  std::vector<std::string> words = split(line);
  const std::string name = words.front();
  words.erase(words.begin());
  base::Result<Case> chosen = read_case(name, words);
  if (!chosen) FAIL(chosen.error().message);
  base::Result<Measured> result = measure(*chosen);
  if (!result) FAIL(result.error().message);
  CHECK(result->outcome.wrong == "");
  return std::move(*result);
}

std::int64_t cycles(const std::string& line) { return measured(line).outcome.cycles(); }

std::string refusal(const std::string& line) {
  std::vector<std::string> words = split(line);
  const std::string name = words.front();
  words.erase(words.begin());
  base::Result<Case> chosen = read_case(name, words);
  if (!chosen) return chosen.error().message;
  base::Result<Measured> result = measure(*chosen);
  return result ? "" : result.error().message;
}

std::string line_of(const PublishedRow& row) {
  std::string line = row.app;
  for (const std::string& setting : row.settings) line += " " + setting;
  return line;
}

}  // namespace

TEST_CASE("cycles lie where the published ones do") {
  for (const PublishedRow& row : published_rows()) {
    const auto here = static_cast<double>(cycles(line_of(row)));
    INFO(line_of(row) << ": published " << row.cycles << ", here " << here);
    CHECK(here >= row.floor);
    CHECK(here >= row.least * row.cycles);
    CHECK(here <= row.most * row.cycles);
  }
}

TEST_CASE("results are right for any parameters") {
  const char* const lines[] = {
      "dotproduct n=1 ts=1 ip=1", "dotproduct n=1000 ts=48 ip=8 op=3",
      "dotproduct n=4096 ts=100 ip=7 op=4 chip=plasticine",
      "dotproduct n=1024 ts=32 op=2 metapipe=off", "sumsquare n=1000 ts=30 ip=5 op=3",
      "outerproduct n=100 ts1=24 ts2=20 ip=4 op1=2 op2=3",
      "outerproduct n=64 ts1=16 ts2=16 op1=2 op2=2 metapipe=off chip=plasticine",
      "outerproduct n=33 ts1=7 ts2=9 ip=1", "tpchq6 n=777 ts=50 ip=3 op=2",
      "tpchq6 n=1024 ts=64 op=4 network=routed", "blackscholes n=1000 ts=64 ip=16 op=2",
      "blackscholes n=500 ts=50 ip=3 chip=plasticine", "gemm n=64 ts=16 ii=2 jj=2",
      "gemm n=60 ts=20 ip=7 i=3 j=2 k=2 ii=2", "gemm n=33 ts=9 ip=4 i=2 j=4 chip=plasticine",
      "gemm n=32 ts=16 i=4 j=4", "gemm n=32 ts=16 metapipe=off i=2 k=2",
      "gda c=20 r=30 ts=8 ip=8 op=2 mp1=2 mp2=3", "gda c=16 r=16 ts=16",
      "gda c=32 r=64 ts=16 mp2=4 chip=plasticine", "gda c=32 r=64 ts=16 metapipe=off mp1=4",
      "gda c=200 r=6 ts=3 mp2=2", "gemm n=64 ts=64 chip=edge",
      "kmeans k=5 d=7 n=30 ts=8 it=3 ip=3 op=2 mp1=2 mp2=2 mp3=2",
      "kmeans k=16 d=16 n=64 ts=32 mp2=4 chip=plasticine", "kmeans k=16 d=16 n=64 ts=32 mp3=4",
      "kmeans k=7 d=2 n=50 ts=25 metapipe=off mp1=2 mp3=2", "logreg d=10 n=50 ts=8 it=3 op=2 mp=3",
      "logreg d=16 n=64 ts=32 mp=4 chip=plasticine",
      "logreg d=16 n=64 ts=32 metapipe=off op=2 mp=2", "sgd d=10 n=50 ts=8 e=3 ip=3 mp1=2 mp2=2",
      "sgd d=32 n=128 ts=32 mp1=4 mp2=4 chip=plasticine", "sgd d=5 n=20 ts=20 e=1 metapipe=off",
      // Copies without work.
      "dotproduct n=105 ts=278 ip=1 op=4", "outerproduct n=20 ts1=48 ts2=40 ip=8 op1=3 op2=4",
      "gemm n=12 ts=29 i=3 ii=2", "gda c=10 r=15 ts=35 op=3 mp1=3",
      "kmeans k=1 d=20 n=65 ts=70 ip=1 op=2 mp1=2 mp3=3", "logreg d=6 n=44 ts=41 op=3 mp=2",
      "sgd d=17 n=2 ts=1 e=1 mp1=2 mp2=3"};
  for (const char* const line : lines) CHECK(cycles(line) > 0);
}

TEST_CASE("copies share the work of a loop that they copy") {
  const double one = static_cast<double>(cycles("gemm n=64 ts=32"));
  for (const char* const line :
       {"gemm n=64 ts=32 i=2", "gemm n=64 ts=32 j=2", "gemm n=64 ts=32 k=2", "gemm n=64 ts=32 ii=2",
        "gemm n=64 ts=32 jj=2"}) {
    INFO(line);
    CHECK(one / static_cast<double>(cycles(line)) == Approx(2).margin(0.2));
  }
  // Elements of several rows in a firing: each row in a bank of its own, whatever the tile's width.
  const double steps = static_cast<double>(cycles("gemm n=128 ts=32"));
  for (const std::string copies : {"i=4", "i=8", "i=4 j=2", "i=2 j=4"}) {
    INFO(copies);
    const double share = steps / static_cast<double>(cycles("gemm n=128 ts=32 " + copies));
    CHECK(share == Approx(copies == "i=4" ? 4 : 8).epsilon(0.05));
  }
}

TEST_CASE("loops take what their stages say") {
  const char* const lines[] = {"sumsquare",
                               "dotproduct",
                               "tpchq6",
                               "outerproduct",
                               "blackscholes n=16384",
                               "gemm n=64 ts=32",
                               "gda c=32 r=128 ts=64",
                               "kmeans k=32 d=32 n=128 ts=64",
                               "logreg",
                               "sgd"};
  for (const std::string line : lines) {
    const Measured on = measured(line + " stages=1");
    const Measured off = measured(line + " stages=1 metapipe=off");
    CHECK(off.outcome.cycles() > on.outcome.cycles());
    for (const LoopTimes& loop : off.loops) {
      INFO(line << ", off: " << loop.name);
      CHECK(loop.predicted == Approx(loop.cycles).epsilon(0.05));
    }
    const LoopTimes& innermost = on.loops.front();
    INFO(line << ", on: " << innermost.name);
    CHECK(innermost.predicted == Approx(innermost.cycles).epsilon(0.05));
  }
}

TEST_CASE("cycles are the same however they are computed") {
  for (const std::string line : {"outerproduct", "gemm n=64 ts=32 j=2", "logreg", "sgd"}) {
    const std::int64_t blocks = cycles(line);
    CHECK(cycles(line) == blocks);
    CHECK(cycles(line + " granularity=vector") == blocks);
  }
}

TEST_CASE("streams come near to the memory's bandwidth, and never beat it") {
  const char* const lines[] = {"dotproduct n=1048576 ts=1024 op=2", "tpchq6 n=1048576 ts=1024 op=2",
                               "outerproduct n=1024 ts1=64 ts2=256", "blackscholes n=1048576"};
  for (const std::string line : lines) {
    const Measured here = measured(line + " chip=plasticine");
    const double rate = static_cast<double>(here.outcome.dram_bytes(64)) /
                        static_cast<double>(here.outcome.cycles());
    INFO(line << ": " << rate << " B/cycle");
    CHECK(rate >= 0.9 * 51.2);
    CHECK(rate <= 51.2);
  }
}

TEST_CASE("what cannot be is refused with what could") {
  CHECK(refusal("dotproduct n=0") ==
        "dotproduct: n: expected a number from 1 to 67108864, got \"0\"");
  CHECK(refusal("dotproduct n=ten") ==
        "dotproduct: n: expected a number from 1 to 67108864, got \"ten\"");
  CHECK(refusal("dotproduct ip=17") ==
        "dotproduct: ip: expected at most the 16 lanes of the chip, got 17");
  CHECK(refusal("dotproduct n") == "dotproduct: expected key=value, got \"n\"");
  CHECK(refusal("dotproduct n=1 n=2") == "dotproduct: n is given twice");
  CHECK(refusal("dotproduct mp=1") ==
        "dotproduct: expected n, ts, ip, op, chip, network, metapipe, granularity, seed, stages or "
        "speed, got \"mp\"");
  CHECK(refusal("fft").find("expected one of dotproduct, sumsquare,") == 0);
  CHECK(refusal("gemm network=none") ==
        "gemm: network: expected one of ideal, routed, got \"none\"");
  CHECK(refusal("gemm i=5 j=4") == "gemm: i, j: expected a product of at most 16, got 20");
  CHECK(refusal("kmeans k=300") == "kmeans: k: expected at most the 256 points, got 300");
  CHECK(refusal("blackscholes n=1000 chip=edge").find("blackscholes: section \"kernel\": ") == 0);
  CHECK(refusal("gemm chip=none").find("chip: ") != std::string::npos);
}
