// Published cycle counts of these kernels on sara20: from the regression logs of its compiler (stanford-ppl/pir, d4ea004b), an ideal network.
#pragma once

#include <string>
#include <vector>

namespace chip_apps {

struct PublishedRow {
  std::string app;
  std::vector<std::string> settings;
  double cycles;
  int pcus, pmus;      // 0: not logged
  double least, most;  // of what is counted here to what was logged there; least 0: `floor` instead
  double floor;        // cycles that no schedule of the kernel can go below on this chip
};

const std::vector<PublishedRow>& published_rows();

// Routed to ideal networks, from logs of an 18 x 18 array; where there are several sizes, the least and the most.
struct PublishedRatio {
  std::string app;
  double least, most;
};

const std::vector<PublishedRatio>& published_ratios();

}  // namespace chip_apps
