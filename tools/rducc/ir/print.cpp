// Nodes as one-line equations: what is written, over which loops, from which reads, by which code.
#include "tools/rducc/ir/print.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "tools/rducc/ir/element.hpp"

namespace rducc::ir {
namespace {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Read;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

constexpr const char* kPatternNames[] = {
#define X(name, number) #name,
    RDU_PATTERNS(X)
#undef X
};
constexpr const char* kCombineNames[] = {
#define X(name, number) #name,
    RDU_COMBINE_OPS(X)
#undef X
};
struct OpText {
  const char* name;
  int operands;
};
constexpr OpText kOps[] = {
#define X(name, number, operands) {#name, operands},
    RDU_BODY_OPS(X)
#undef X
};
constexpr const char* kOutside[] = {"", "?fill", "?clamp", "?reflect", "?wrap", "?error", "?skip"};
constexpr const char* kLoopRoles[] = {"", "/batch", "/m", "/n", "/k", "/window"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

template <typename Items, typename Print>
std::string join(const Items& items, const char* separator, Print print) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += separator;
    text += print(item);
  }
  return text;
}

class Printer {
 public:
  Printer(const Variant& variant, const Node& node) : variant_(variant), node_(node) {}

  std::string print() const {
    std::string text = join(node_.writes, ", ", [&](const auto& write) {
      return declare(write.value) + (write.access.empty() ? "" : access(write.access));
    });
    text += " = " + lower(kPatternNames[node_.pattern]) + " \"" + node_.name + "\"";
    for (std::size_t i = 0; i < node_.loops.size(); ++i) text += " " + loop(i);
    if (node_.base != kNone) text += " base " + name(node_.base);
    if (node_.condition != kNone) text += " if " + name(node_.condition);
    if (!node_.reads.empty()) {
      text += " | " + join(node_.reads, ", ", [&](const Read& r) { return read(r); });
    }
    if (!node_.body.code.empty()) text += " | " + program(node_.body);
    if (node_.combine != RDU_COMBINE_NONE) {
      text += " | " + lower(kCombineNames[node_.combine]) + ":" + dtype_name(node_.acc_dtype);
    }
    if (!node_.epilogue.code.empty()) text += " | " + program(node_.epilogue);
    for (const auto& port : node_.ports) text += " | " + this->port(port);
    return text;
  }

 private:
  std::string name(ValueId id) const { return "%" + std::to_string(id); }

  std::string declare(ValueId id) const {
    const auto& value = variant_.values[id];
    return name(id) + ":" + dtype_name(value.dtype) + "[" +
           join(value.dims, ",", [](std::int64_t dim) { return std::to_string(dim); }) + "]";
  }

  std::string loop(std::size_t i) const {
    const auto& loop = node_.loops[i];
    const bool parallel = i < node_.num_parallel;
    std::string text = (parallel ? "i" : "r") + std::to_string(i) + ":";
    text += loop.extent_value == kNone
                ? std::to_string(loop.extent)
                : name(loop.extent_value) + "<=" + std::to_string(loop.extent);
    return text + kLoopRoles[loop.role];
  }

  std::string index(const Index& index) const {
    std::string text;
    for (const auto& term : index.terms) {
      if (!text.empty()) text += " + ";
      if (term.coef != 1) text += std::to_string(term.coef) + "*";
      text += (term.loop < node_.num_parallel ? "i" : "r") + std::to_string(term.loop);
    }
    if (index.source != kNone) {
      text += (text.empty() ? "" : " + ") + name(index.source) + access(index.source_access);
    }
    if (index.offset != 0 || text.empty()) {
      text += (text.empty() ? "" : " + ") + std::to_string(index.offset);
    }
    if (index.div != 1) text = "(" + text + ")/" + std::to_string(index.div);
    if (index.mod != 0) text = "(" + text + ")%" + std::to_string(index.mod);
    return text + (index.exact ? " exact" : "") + kOutside[index.outside];
  }

  std::string access(const Access& access) const {
    return "[" + join(access, ", ", [&](const Index& i) { return index(i); }) + "]";
  }

  std::string read(const Read& read) const {
    std::string text = name(read.value) + access(read.access);
    const bool fills = std::any_of(read.access.begin(), read.access.end(), [](const Index& i) {
      return i.exact || i.outside == RDU_OUTSIDE_FILL;
    });
    if (!fills) return text;
    if (read.fill_value != kNone) return text + " fill " + name(read.fill_value);
    const bool floating = is_float(variant_.values[read.value].dtype);
    return text + " fill " + (floating ? number(read.fill.f) : std::to_string(read.fill.i));
  }

  std::string instr(const Instr& instr) const {
    const OpText& op = kOps[instr.op];
    const std::string type = std::string(":") + dtype_name(instr.dtype);
    switch (instr.op) {
      case RDU_OP_CONST:
        return (is_float(instr.dtype) ? number(instr.imm.f) : std::to_string(instr.imm.i)) + type;
      case RDU_OP_LOAD:
      case RDU_OP_INDEX:
      case RDU_OP_INSIDE:
        return lower(op.name) + " " + std::to_string(instr.a);
      case RDU_OP_RNG:
      case RDU_OP_ISINF:
        return lower(op.name) + "(" + std::to_string(instr.imm.i) + ")" + type;
      default:
        break;
    }
    std::string text = lower(op.name) + (instr.op == RDU_OP_CAST ? type : "");
    const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
    for (int i = 0; i < op.operands; ++i) text += " v" + std::to_string(operands[i]);
    return text;
  }

  std::string program(const Program& program) const {
    std::string text;
    for (std::size_t i = 0; i < program.code.size(); ++i) {
      text += "v" + std::to_string(i) + " = " + instr(program.code[i]) + "; ";
    }
    return text + "-> " + join(program.results, ", ", [](std::uint32_t result) {
             return "v" + std::to_string(result);
           });
  }

  std::string port(const rdu::artifact::Port& port) const {
    constexpr const char* kKinds[] = {"capture", "carried", "slice", "stack",
                                      "index",   "keep",    "result"};
    std::string text = kKinds[port.kind];
    if (port.outer != kNone) text += " outer " + name(port.outer);
    if (port.inner_in != kNone) text += " in " + name(port.inner_in);
    if (port.inner_out != kNone) text += " out " + name(port.inner_out);
    if (port.result != kNone) text += " result " + declare(port.result);
    return text;
  }

  const Variant& variant_;
  const Node& node_;
};

std::string list(const Variant& variant, const std::vector<ValueId>& ids) {
  return join(ids, ", ", [&](ValueId id) {
    return "%" + std::to_string(id) + " \"" + variant.values[id].name + "\"";
  });
}

}  // namespace

std::string print_node(const Variant& variant, const Node& node) {
  return Printer(variant, node).print();
}

std::string print(const Variant& variant) {
  std::string text;
  for (std::size_t g = 0; g < variant.graphs.size(); ++g) {
    const auto& graph = variant.graphs[g];
    text += "graph " + std::to_string(g) + " (" + list(variant, graph.inputs) + ") -> (" +
            list(variant, graph.outputs) + ")\n";
    for (const Node& node : graph.nodes) text += "  " + print_node(variant, node) + "\n";
  }
  for (std::size_t i = 0; i < variant.values.size(); ++i) {
    const auto& value = variant.values[i];
    if (value.storage != kNone) {
      text += "alias %" + std::to_string(i) + " of %" + std::to_string(value.storage) + "\n";
    }
  }
  return text;
}

}  // namespace rducc::ir
