// The list of kernels, with the parameters of the published base rows.
#include "tests/bench/chip_apps/apps.hpp"

#include <algorithm>

namespace chip_apps {
namespace {

constexpr std::int64_t kMany = 1 << 26;
constexpr std::int64_t kSide = 1 << 12;  // of a matrix
constexpr std::int64_t kTile = 1 << 15;
constexpr std::int64_t kCopies = 64;
constexpr std::int64_t kLanes = 64;  // of any chip; each has its own limit below

Parameter parallel(const char* name, const char* meaning) { return {name, 1, 1, kCopies, meaning}; }

Parameter width(const char* meaning) { return {"ip", 16, 1, kLanes, meaning}; }

}  // namespace

const std::vector<App>& apps() {
  static const std::vector<App> kApps = {{"dotproduct",
                                          "the dot product of two int32 vectors",
                                          {{"n", 1024, 1, kMany, "elements"},
                                           {"ts", 32, 1, kTile, "elements of a tile"},
                                           width("elements in a cycle"),
                                           parallel("op", "tiles at once")},
                                          make_dotproduct},
                                         {"sumsquare",
                                          "a sum of squares of counters, without memory",
                                          {{"n", 1024, 1, kMany, "elements"},
                                           {"ts", 32, 1, kTile, "elements of a tile"},
                                           width("elements in a cycle"),
                                           parallel("op", "tiles at once")},
                                          make_sumsquare},
                                         {"outerproduct",
                                          "the outer product of two int32 vectors",
                                          {{"n", 256, 1, kSide, "elements of each"},
                                           {"ts1", 64, 1, kTile, "rows of a tile"},
                                           {"ts2", 32, 1, kTile, "columns of a tile"},
                                           width("words in a cycle of loads and stores"),
                                           parallel("op1", "tiles of rows at once"),
                                           parallel("op2", "tiles of columns at once")},
                                          make_outerproduct},
                                         {"tpchq6",
                                          "TPC-H query 6 over int32 columns",
                                          {{"n", 1024, 1, kMany, "rows of the table"},
                                           {"ts", 64, 1, kTile, "rows of a tile"},
                                           width("rows in a cycle"),
                                           parallel("op", "tiles at once")},
                                          make_tpchq6},
                                         {"blackscholes",
                                          "prices of fp32 options",
                                          {{"n", 131072, 1, kMany, "options"},
                                           {"ts", 256, 1, kTile, "options of a tile"},
                                           width("options in a cycle"),
                                           parallel("op", "tiles at once")},
                                          make_blackscholes},
                                         {"gemm",
                                          "the product of two int32 matrices",
                                          {{"n", 128, 1, kSide, "rows and columns"},
                                           {"ts", 64, 1, kSide, "rows and columns of a tile"},
                                           width("products in a cycle"),
                                           parallel("i", "rows in a tile at once"),
                                           parallel("j", "columns in a tile at once"),
                                           parallel("k", "tiles of k at once"),
                                           parallel("ii", "tiles of rows at once"),
                                           parallel("jj", "tiles of columns at once")},
                                          make_gemm},
                                         {"gda",
                                          "the covariance of fp32 points of two classes",
                                          {{"c", 128, 1, kSide, "columns of a point"},
                                           {"r", 256, 1, kMany, "points"},
                                           {"ts", 128, 1, kTile, "points of a tile"},
                                           width("words in a cycle"),
                                           parallel("op", "tiles at once"),
                                           parallel("mp1", "points of a tile at once"),
                                           parallel("mp2", "rows of a product at once")},
                                          make_gda},
                                         {"kmeans",
                                          "clusters of int32 points",
                                          {{"k", 64, 1, kSide, "clusters"},
                                           {"d", 64, 2, kSide, "columns of a point"},
                                           {"n", 256, 1, kMany, "points"},
                                           {"ts", 128, 1, kTile, "points of a tile"},
                                           {"it", 2, 1, kMany, "iterations"},
                                           width("words in a cycle"),
                                           parallel("op", "tiles at once"),
                                           parallel("mp1", "points of a tile at once"),
                                           parallel("mp2", "distances at once"),
                                           parallel("mp3", "averages at once")},
                                          make_kmeans},
                                         {"logreg",
                                          "logistic regression of fp32 points",
                                          {{"d", 32, 1, kTile, "columns of a point"},
                                           {"n", 256, 1, kMany, "points"},
                                           {"ts", 32, 1, kTile, "points of a tile"},
                                           {"it", 2, 1, kMany, "iterations"},
                                           parallel("op", "tiles at once"),
                                           parallel("mp", "points of a tile at once")},
                                          make_logreg},
                                         {"sgd",
                                          "linear regression by minibatches, in fixed point",
                                          {{"d", 32, 1, kTile, "columns of a point"},
                                           {"n", 128, 1, kMany, "points"},
                                           {"ts", 32, 1, kTile, "points of a minibatch"},
                                           {"e", 2, 1, kMany, "epochs"},
                                           width("words in a cycle"),
                                           parallel("mp1", "errors at once"),
                                           parallel("mp2", "rows at once")},
                                          make_sgd}};
  return kApps;
}

const App* find_app(std::string_view name) {
  const auto found = std::ranges::find_if(apps(), [&](const App& app) { return name == app.name; });
  return found == apps().end() ? nullptr : &*found;
}

}  // namespace chip_apps
