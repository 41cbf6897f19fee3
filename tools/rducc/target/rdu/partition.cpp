// Pieces take the place of a context: its streams go to those that use them, new ones join the pieces.
#include "tools/rducc/target/rdu/partition.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/choose_cut.hpp"
#include "tools/rducc/target/rdu/mask_shifts.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

class Joiner {
 public:
  Joiner(Parts& parts, std::uint32_t number, std::vector<Piece> pieces)
      : parts_(parts),
        number_(number),
        whole_(parts.contexts[number]),
        pieces_(std::move(pieces)) {}

  void run() {
    const auto base = static_cast<std::uint32_t>(parts_.contexts.size());
    for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
      homes_.push_back(i == 0 ? number_ : base + i - 1);
      if (i != 0) pieces_[i].context.label.name += "." + std::to_string(i + 1);
    }
    take_sinks();
    share_inputs();
    hand_over_outputs();
    cross();
    pass_tokens();
    parts_.contexts.resize(base + pieces_.size() - 1);
    for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
      parts_.contexts[homes_[i]] = std::move(pieces_[i].context);
    }
  }

 private:
  // Each stream that the whole took goes to all pieces that use it.
  void share_inputs() {
    for (std::uint32_t port = 0; port < whole_.inputs.size(); ++port) {
      if (whole_.inputs[port].kind == RDU_HW_CONTROL) continue;
      for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
        for (std::uint32_t k = 0; k < pieces_[i].inputs.size(); ++k) {
          if (pieces_[i].inputs[k].port != port) continue;
          receive(i, k, whole_.inputs[port].link, sinks_[port]);
        }
      }
    }
  }

  // All of the whole's, before pieces get some: the first piece has the whole's number.
  void take_sinks() {
    for (std::uint32_t port = 0; port < whole_.inputs.size(); ++port) {
      std::vector<Sink>& sinks = parts_.links[whole_.inputs[port].link].sinks;
      const auto mine = std::ranges::find_if(sinks, [&](const Sink& sink) {
        return sink.end.context == number_ && sink.end.port == port;
      });
      sinks_.push_back(*mine);
      sinks.erase(mine);
    }
  }

  // As deep, and at the pace, as `from` was.
  void receive(std::uint32_t piece, std::uint32_t port, std::uint32_t link, Sink from) {
    pieces_[piece].context.inputs[port].link = link;
    from.end = {homes_[piece], port};
    parts_.links[link].sinks.push_back(from);
  }

  void hand_over_outputs() {
    for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
      for (std::uint32_t k = 0; k < pieces_[i].outputs.size(); ++k) {
        const Origin& origin = pieces_[i].outputs[k];
        if (origin.port) send(i, k, whole_.outputs[*origin.port].link);
      }
    }
  }
  void send(std::uint32_t piece, std::uint32_t port, std::uint32_t link) {
    pieces_[piece].context.outputs[port].link = link;
    parts_.links[link].source = End{homes_[piece], port};
  }

  // A result goes to the pieces that fire as often as it is sent.
  void cross() {
    for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
      for (std::uint32_t k = 0; k < pieces_[i].outputs.size(); ++k) {
        if (pieces_[i].outputs[k].port) continue;
        const Output output = pieces_[i].context.outputs[k];
        const std::uint32_t link = open(output.kind);
        send(i, k, link);
        for (std::uint32_t to = 0; to < pieces_.size(); ++to) {
          if (to != i && pieces_[to].rate == output.level) {
            take(to, pieces_[i].outputs[k].value, link);
          }
        }
      }
    }
  }
  void take(std::uint32_t piece, const Value& value, std::uint32_t link) {
    for (std::uint32_t k = 0; k < pieces_[piece].inputs.size(); ++k) {
      const Origin& origin = pieces_[piece].inputs[k];
      if (!origin.port && origin.value == value) receive(piece, k, link, {});
    }
  }
  std::uint32_t open(std::uint32_t kind) {
    parts_.links.push_back({whole_.label, kind, 0, {}, {}});
    return static_cast<std::uint32_t>(parts_.links.size() - 1);
  }

  void pass_tokens() {
    for (std::uint32_t port = 0; port < whole_.inputs.size(); ++port) {
      const Input& input = whole_.inputs[port];
      if (input.kind != RDU_HW_CONTROL) continue;
      for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
        if (!begins(pieces_[i]) || pieces_[i].rate < input.level) continue;
        pieces_[i].context.inputs.push_back(input);
        const auto last = static_cast<std::uint32_t>(pieces_[i].context.inputs.size() - 1);
        receive(i, last, input.link, sinks_[port]);
      }
    }
    for (const Output& output : whole_.outputs) {
      if (output.kind != RDU_HW_CONTROL) continue;
      std::uint32_t host = 0;
      for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
        if (pieces_[i].rate >= output.level) host = i;
      }
      pieces_[host].context.outputs.push_back(output);
      send(host, static_cast<std::uint32_t>(pieces_[host].context.outputs.size() - 1), output.link);
    }
  }
  static bool begins(const Piece& piece) {
    return std::ranges::all_of(piece.inputs, [](const Origin& it) { return it.port.has_value(); });
  }

  Parts& parts_;
  std::uint32_t number_;
  const Context whole_;
  std::vector<Piece> pieces_;
  std::vector<std::uint32_t> homes_;  // numbers of the pieces' contexts
  std::vector<Sink> sinks_;           // of the whole's inputs
};

}  // namespace

base::Result<void> partition_contexts(Parts& parts, const rdu_hw_arch& arch) {
  const auto count = static_cast<std::uint32_t>(parts.contexts.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    Context& context = parts.contexts[i];
    if (context.program != RDU_HW_PROGRAM_SIMD) continue;
    mask_shifts(context, arch);
    if (shortage_of(context, arch).empty()) continue;
    const ValueFacts facts(context);
    const std::vector<Item> items = items_of(context, facts);
    RDU_ASSIGN(const Cut cut, choose_cut(context, facts, items, arch));
    Joiner(parts, i, make_pieces(context, facts, items, cut)).run();
  }
  return {};
}

}  // namespace rducc::rdu
