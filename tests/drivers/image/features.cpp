// One look at every record of an image.
#include "tests/drivers/image/features.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "drivers/image/view.hpp"

namespace image_test {

using rdu_hw::image::ContextView;

const std::set<std::string> kFeatures = {"tree",
                                         "accumulator",
                                         "product",
                                         "pick",
                                         "pick behind a tree",
                                         "tail",
                                         "no input",
                                         "held element",
                                         "scalar argument",
                                         "extent by argument",
                                         "extent by port",
                                         "shared PCU",
                                         "fp32 array",
                                         "int32 array",
                                         "bf16 pairs",
                                         "block shorter than its rows",
                                         "dense load",
                                         "sparse load",
                                         "gather",
                                         "dense store",
                                         "sparse store",
                                         "scatter",
                                         "acknowledged store",
                                         "narrow element in memory",
                                         "lanes off in memory",
                                         "HBM",
                                         "shared AGCU",
                                         "narrow element in a scratchpad",
                                         "lanes off in a scratchpad",
                                         "copies",
                                         "fold in a scratchpad",
                                         "fresh fold",
                                         "fold by address",
                                         "divided address",
                                         "row by address",
                                         "duplicated table",
                                         "diagonal banks",
                                         "more reads than ports",
                                         "more writes than ports",
                                         "multicast",
                                         "paths that meet again",
                                         "token that goes round",
                                         "counted tokens",
                                         "routed network",
                                         "ideal network",
                                         "several sections",
                                         "tile from an earlier section",
                                         "region from an earlier section",
                                         "result"};

namespace {

class Finder {
 public:
  Finder(const rdu_hw_image& image, const rdu_hw_arch& arch) : image_(image), arch_(arch) {}

  std::set<std::string> run() {
    note(image_.num_sections > 1, "several sections");
    const bool ideal = arch_.network.kind == RDU_HW_NETWORK_IDEAL;
    note(true, ideal ? "ideal network" : "routed network");
    for (std::uint32_t i = 0; i < image_.num_sections; ++i) {
      rdu_hw::image::for_each_context(image_, i,
                                      [&](const ContextView& context) { look_at(context); });
      look_at_links(image_.sections[i]);
      look_at_units(i);
      look_back(i);
    }
    return std::move(found_);
  }

 private:
  void note(bool is_there, const char* name) {
    if (is_there) found_.insert(name);
  }

  void look_at(const ContextView& context) {
    bool reads = false;
    for (const rdu_hw_port& port : context.ports()) {
      if (port.direction != RDU_HW_INPUT) continue;
      reads = true;
      note(port.level < context.innermost() && port.kind != RDU_HW_CONTROL, "held element");
    }
    note(!reads && context.unit() == RDU_HW_UNIT_PCU, "no input");
    for (const rdu_hw_counter& counter : context.counters()) {
      note(counter.extent_from == RDU_HW_EXTENT_ARGUMENT, "extent by argument");
      note(counter.extent_from == RDU_HW_EXTENT_PORT, "extent by port");
    }
    for (const rdu_hw_instruction& instruction : context.instructions()) look_at(instruction);
    switch (context.record.program) {
      case RDU_HW_PROGRAM_SIMD:
        return;
      case RDU_HW_PROGRAM_SYSTOLIC:
        return look_at_array(context);
      case RDU_HW_PROGRAM_RESULT:
        return note(true, "result");
      case RDU_HW_PROGRAM_LOAD:
      case RDU_HW_PROGRAM_STORE:
        return look_at_transfer(context);
      default:
        return look_at_access(context);
    }
  }

  void look_at(const rdu_hw_instruction& instruction) {
    static constexpr const char* kNames[] = {nullptr, "accumulator", "product",
                                             "tree",  "pick",        "pick behind a tree"};
    note(instruction.kind != RDU_HW_DO_COMPUTE, kNames[instruction.kind]);
    note(instruction.stage == arch_.pcu.stages, "tail");
    for (const rdu_hw_operand& operand : instruction.operands) {
      note(operand.kind == RDU_HW_OPERAND_ARGUMENT, "scalar argument");
    }
  }

  void look_at_array(const ContextView& context) {
    static constexpr const char* kNames[] = {"fp32 array", "int32 array", "bf16 pairs"};
    const rdu_hw_systolic& array = image_.systolics[context.record.detail];
    note(true, kNames[array.format]);
    std::uint64_t firings = 1;
    for (std::uint32_t i = array.level; i < context.innermost(); ++i) {
      firings *= context.counters()[i].extent;
    }
    note(firings < array.rows, "block shorter than its rows");
  }

  bool turns_lanes_off(const ContextView& context) const {
    const rdu_hw_step& step = context.steps().back();
    return step.low != INT64_MIN || step.high != INT64_MAX;
  }

  bool addressed_by_port(const ContextView& context) const {
    for (const rdu_hw_step& step : context.steps()) {
      for (const rdu_hw_term& term : context.terms(step)) {
        if (term.source == RDU_HW_TERM_PORT) return true;
      }
    }
    return false;
  }

  void look_at_transfer(const ContextView& context) {
    const rdu_hw_transfer& transfer = image_.transfers[context.record.detail];
    const bool sparse = transfer.mode == RDU_HW_TRANSFER_SPARSE;
    const bool loads = context.record.program == RDU_HW_PROGRAM_LOAD;
    note(!sparse && addressed_by_port(context), "row by address");
    if (addressed_by_port(context)) {
      note(true, loads ? "gather" : "scatter");
    } else if (loads) {
      note(true, sparse ? "sparse load" : "dense load");
    } else {
      note(true, sparse ? "sparse store" : "dense store");
    }
    for (const rdu_hw_port& port : context.ports()) {
      const bool token = port.direction == RDU_HW_OUTPUT && port.kind == RDU_HW_CONTROL;
      note(!loads && token, "acknowledged store");
    }
    note(transfer.format != RDU_HW_FORMAT_WORD, "narrow element in memory");
    note(turns_lanes_off(context), "lanes off in memory");
    note(image_.arguments[transfer.argument].tier == RDU_HW_TIER_HBM, "HBM");
  }

  void look_at_access(const ContextView& context) {
    const rdu_hw_access& access = image_.accesses[context.record.detail];
    const rdu_hw_buffer& buffer = image_.buffers[context.section.buffers.first + access.buffer];
    note(access.format != RDU_HW_FORMAT_WORD, "narrow element in a scratchpad");
    note(turns_lanes_off(context), "lanes off in a scratchpad");
    note(buffer.copies > 1, "copies");
    note(access.fold != RDU_HW_NONE, "fold in a scratchpad");
    note(access.fresh_count != 0, "fresh fold");
    note(access.fold != RDU_HW_NONE && addressed_by_port(context), "fold by address");
    for (const rdu_hw_step& step : context.steps()) note(step.divisor != 1, "divided address");
    note(buffer.bank_mode == RDU_HW_BANK_DUPLICATED, "duplicated table");
    note(buffer.bank_mode == RDU_HW_BANK_DIAGONAL, "diagonal banks");
  }

  void look_at_links(const rdu_hw_section& section) {
    // By context: the multicasts that its elements come from.
    std::vector<std::set<std::uint32_t>> from(section.contexts.count);
    for (std::uint32_t i = 0; i < section.links.count; ++i) {
      const rdu_hw_link& link = image_.links[section.links.first + i];
      const auto sinks = ContextView::of(image_.sinks, link.sinks);
      note(sinks.size() > 1, "multicast");
      note(link.initial != 0, "token that goes round");
      for (const rdu_hw_sink& sink : sinks) note(sink.pace_group != 0, "counted tokens");
      if (link.kind == RDU_HW_CONTROL) continue;
      std::set<std::uint32_t> carried = from[link.source.context];
      if (sinks.size() > 1) carried.insert(i);
      for (const rdu_hw_sink& sink : sinks) {
        for (const std::uint32_t multicast : carried) {
          note(!from[sink.end.context].insert(multicast).second, "paths that meet again");
        }
      }
    }
  }

  void look_at_units(std::uint32_t section) {
    std::map<std::array<std::uint32_t, 4>, std::uint32_t> tenants;  // unit, row, column, program
    std::map<std::array<std::uint32_t, 3>, std::uint32_t> all;
    rdu_hw::image::for_each_context(image_, section, [&](const ContextView& context) {
      const rdu_hw_context& record = context.record;
      ++tenants[{context.unit(), record.row, record.column, record.program}];
      ++all[{context.unit(), record.row, record.column}];
    });
    for (const auto& [seat, count] : all) {
      note(count > 1 && seat[0] == RDU_HW_UNIT_PCU, "shared PCU");
      note(count > 1 && seat[0] == RDU_HW_UNIT_AGCU, "shared AGCU");
    }
    for (const auto& [seat, count] : tenants) {
      const bool reads = seat[3] == RDU_HW_PROGRAM_READ;
      const bool writes = seat[3] == RDU_HW_PROGRAM_WRITE;
      note(reads && count > arch_.pmu.vector_reads, "more reads than ports");
      note(writes && count > arch_.pmu.vector_writes, "more writes than ports");
    }
  }

  void look_back(std::uint32_t section) {
    std::set<std::uint32_t> stored;   // arguments
    std::set<std::uint32_t> written;  // buffers of the section
    rdu_hw::image::for_each_context(image_, section, [&](const ContextView& context) {
      const rdu_hw_context& record = context.record;
      if (record.program == RDU_HW_PROGRAM_STORE) {
        stored.insert(image_.transfers[record.detail].argument);
      } else if (record.program == RDU_HW_PROGRAM_WRITE) {
        written.insert(image_.accesses[record.detail].buffer);
      }
    });
    rdu_hw::image::for_each_context(image_, section, [&](const ContextView& context) {
      const rdu_hw_context& record = context.record;
      if (record.program == RDU_HW_PROGRAM_LOAD) {
        note(stored_before_.contains(image_.transfers[record.detail].argument),
             "region from an earlier section");
      } else if (record.program == RDU_HW_PROGRAM_READ) {
        note(!written.contains(image_.accesses[record.detail].buffer),
             "tile from an earlier section");
      }
    });
    stored_before_.merge(stored);
  }

  const rdu_hw_image& image_;
  const rdu_hw_arch& arch_;
  std::set<std::string> found_;
  std::set<std::uint32_t> stored_before_;
};

}  // namespace

std::set<std::string> features_of(const rdu_hw_image& image, const rdu_hw_arch& arch) {
  return Finder(image, arch).run();
}

}  // namespace image_test
