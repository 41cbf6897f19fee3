// Rows of a sweep for people and for programs.
#include "tools/rdu/chip/quantity.hpp"
#include "tools/rdu/chip/sweep.hpp"
#include "tools/rdu/table.hpp"

namespace rdu::tool {

namespace {

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

double milliseconds(const SweepFigures& figures) {
  return 1e3 * static_cast<double>(figures.cycles) / static_cast<double>(figures.clock_hz);
}

const SweepFigures* first_figures(const std::vector<SweepRow>& rows) {
  for (const SweepRow& row : rows) {
    if (row.figures) return &*row.figures;
  }
  return nullptr;
}

std::vector<std::string> cells(const SweepFigures& figures, const SweepFigures& first) {
  return {count_text(figures.cycles),
          decimal_text(milliseconds(figures), 4),
          decimal_text(ratio(figures.cycles, first.cycles), 3),
          std::to_string(figures.pcus),
          std::to_string(figures.pmus),
          bytes_text(figures.dram_bytes),
          decimal_text(ratio(figures.flops, figures.dram_bytes), 2),
          percent_text(figures.on_chip)};
}

}  // namespace

std::string sweep_table(const std::vector<SweepRow>& rows) {
  std::vector<std::string> head;
  for (const auto& [key, value] : rows.front().point) head.push_back(key);
  for (const char* name :
       {"cycles", "ms", "ratio", "PCUs", "PMUs", "DRAM", "op/byte", "nodes on chip"}) {
    head.emplace_back(name);
  }
  Table table(head);
  const SweepFigures* first = first_figures(rows);
  std::string errors;
  for (const SweepRow& row : rows) {
    std::vector<std::string> line;
    std::string point;
    for (const auto& [key, value] : row.point) {
      line.push_back(value);
      point += (point.empty() ? "" : " ") + key + "=" + value;
    }
    const auto figures =
        row.figures ? cells(*row.figures, *first) : std::vector<std::string>(8, "-");
    line.insert(line.end(), figures.begin(), figures.end());
    table.add(std::move(line));
    if (!row.figures) errors += point + ": " + row.error + "\n";
  }
  return table.text() + errors;
}

nlohmann::ordered_json sweep_json(const std::vector<SweepRow>& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  const SweepFigures* first = first_figures(rows);
  for (const SweepRow& row : rows) {
    nlohmann::ordered_json line;
    for (const auto& [key, value] : row.point) line["point"][key] = value;
    if (row.figures) {
      const SweepFigures& figures = *row.figures;
      line["cycles"] = figures.cycles;
      line["chip_ms"] = milliseconds(figures);
      line["ratio"] = ratio(figures.cycles, first->cycles);
      line["pcu_used"] = figures.pcus;
      line["pmu_used"] = figures.pmus;
      line["dram_bytes"] = figures.dram_bytes;
      line["flops"] = figures.flops;
      line["flop_per_dram_byte"] = ratio(figures.flops, figures.dram_bytes);
      line["nodes_on_chip"] = figures.on_chip;
    } else {
      line["error"] = row.error;
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace rdu::tool
