// The kernels: what each is asked for, and who makes it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tests/bench/chip_apps/kernel.hpp"

namespace chip_apps {

struct App {
  const char* name;
  const char* about;
  std::vector<Parameter> parameters;
  void (*make)(Kernel& kernel);
};

const std::vector<App>& apps();
const App* find_app(std::string_view name);

void make_blackscholes(Kernel& kernel);
void make_dotproduct(Kernel& kernel);
void make_gda(Kernel& kernel);
void make_gemm(Kernel& kernel);
void make_kmeans(Kernel& kernel);
void make_logreg(Kernel& kernel);
void make_outerproduct(Kernel& kernel);
void make_sgd(Kernel& kernel);
void make_sumsquare(Kernel& kernel);
void make_tpchq6(Kernel& kernel);

}  // namespace chip_apps
