// The published figures, as data.
#include "tests/bench/chip_apps/published.hpp"

namespace chip_apps {

// DotProduct and TPC-H Q6 scatter in the logs, and BlackScholes is not explained by its schedule: those lie between their floor (their
// compute, or their bytes at the memory's 128 in a cycle) and 1.25 times the logged count.
const std::vector<PublishedRow>& published_rows() {
  static const std::vector<PublishedRow> kRows = {
      {"sumsquare", {}, 82, 0, 0, 0.9, 1.1, 64},
      {"sumsquare", {"ip=1"}, 1042, 0, 0, 0.9, 1.1, 1024},
      {"sumsquare", {"ip=1", "op=2"}, 530, 0, 0, 0.9, 1.1, 512},
      {"gemm", {}, 132071, 7, 5, 0.9, 1.1, 131072},
      {"gemm", {"j=2"}, 66481, 10, 6, 0.9, 1.1, 65536},
      {"gemm", {"k=2"}, 67685, 0, 0, 0.9, 1.1, 65536},
      {"gemm", {"i=2"}, 66672, 0, 0, 0.9, 1.1, 65536},
      {"outerproduct", {}, 4481, 3, 3, 0.9, 1.1, 4096},
      {"gda", {}, 270596, 11, 11, 0.9, 1.1, 262144},
      {"kmeans", {}, 141290, 27, 12, 0.9, 1.1, 131072},
      {"logreg", {}, 8478, 16, 11, 0.85, 1.15, 1024},
      {"sgd", {}, 14554, 7, 8, 0.85, 1.15, 8192},
      {"dotproduct", {}, 227, 1, 2, 0, 1.25, 64},
      {"tpchq6", {}, 218, 2, 4, 0, 1.25, 128},
      {"tpchq6", {"ip=1"}, 1191, 0, 0, 0, 1.25, 1024},
      {"tpchq6", {"op=4"}, 216, 8, 16, 0, 1.25, 128},
      {"blackscholes", {}, 113002, 33, 7, 0, 1.25, 28672}};
  return kRows;
}

const std::vector<PublishedRatio>& published_ratios() {
  static const std::vector<PublishedRatio> kRatios = {
      {"gemm", 1.001, 1.138},     {"outerproduct", 1.00, 1.02}, {"gda", 1.008, 1.008},
      {"kmeans", 1.03, 1.12},     {"logreg", 1.50, 2.10},       {"sgd", 1.33, 1.54},
      {"dotproduct", 1.18, 1.18}, {"tpchq6", 1.13, 1.13},       {"blackscholes", 0.97, 1.02}};
  return kRatios;
}

}  // namespace chip_apps
