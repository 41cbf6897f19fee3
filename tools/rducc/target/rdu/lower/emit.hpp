// Parts of kernels: operands that arrive as streams, results that leave, scratchpad tiles between.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"
#include "tools/rducc/target/rdu/lower/edges.hpp"
#include "tools/rducc/target/rdu/lower/nest.hpp"
#include "tools/rducc/target/rdu/lower/regions.hpp"
#include "tools/rducc/target/rdu/lower/residents.hpp"
#include "tools/rducc/target/rdu/lower/tile.hpp"

namespace rducc::rdu::lower {

using Order = std::span<const VariableId>;  // loops of a chain, outermost first

// Whether the last loop of an order goes over the lanes.
enum class Across { kNothing, kLanes };

// A stream whose element stays for an iteration at `level` of the order that it was made for.
struct Feed {
  Stream stream;
  std::uint32_t level;
};

// A tile in a scratchpad, and the context that fills it, where it is not there already.
struct Staged {
  BufferHandle buffer;
  Tile tile;
  std::optional<Memory> writer;
};

// Of a buffer that is written in pairs.
struct Pairing {
  std::int64_t stride = 0;  // elements between the two
  std::int64_t bytes = 0;   // of the buffer
};

// Who else a section serves.
struct Company {
  Edges* edges = nullptr;  // values that stay on the chip
  Residents* residents = nullptr;
};

class Emitter {
 public:
  Emitter(Flow& flow, Section& section, Regions& regions, const rdu_hw_arch& arch,
          std::string_view node_name, std::uint32_t node, double budget,
          const Company& company = {});

  Section& section() { return section_; }
  const rdu_hw_arch& arch() const { return arch_; }
  std::uint32_t lanes() const { return arch_.pcu.lanes; }
  std::string name(std::string_view what) const;
  std::uint32_t node() const { return node_; }
  double budget() const { return budget_; }  // how much of the chip the node may take
  // Cycles that the node's units are at work, where its kernel knows.
  void expect(double working) { working_ = working; }
  double working() const { return working_; }

  Chain chain(const Nest& nest, Order order, Across across) const;

  // The operand for each iteration of `order` that it differs in: straight from memory or through a tile, whatever moves less.
  Feed fetch(const Nest& nest, const Touch& touch, Order order, Across across);
  Feed load(const Nest& nest, const Touch& touch, Order order, Across across);
  // Whether the operand is made in this section and stays on the chip; then as a stream of the chain's firings.
  bool is_spatial() const { return edges_ != nullptr && edges_->handing() == Handing::kWithin; }
  bool is_made_here(const Touch& touch) const {
    return edges_ != nullptr && edges_->holds(touch.value);
  }
  // Whether its rows had better be used in the order in which they come.
  bool comes_in_order(const Touch& touch) const {
    return is_made_here(touch) && !edges_->keeping(touch.value).enters;
  }
  bool leaves_in_order(const Touch& touch) const {
    return is_made_here(touch) && edges_->keeping(touch.value).is_used;
  }
  Stream arrive(const Nest& nest, const Touch& touch, Order order, Across across);
  // Of such an operand, how much of its makers' work must be done before a chain of these loops begins: 0 … 1.
  double waits(const Nest& nest, const Touch& touch, Order order) const;
  // A value from memory, once, for all readers in the section.
  void bring_in(artifact::ValueId storage, std::int64_t words);
  // Whether the operand is a constant that a scratchpad may have from the run before.
  bool may_stay(const Touch& touch) const {
    return residents_ != nullptr && regions_.is_constant(touch.value);
  }
  // Fills a tile by loops of its own; a setup section does where it can stay.
  Staged stage(const Nest& nest, const Touch& touch, const Tile& tile, Order order);
  // Tiles that are filled once, all from one transfer of the box around them. The operand is the same but for constants.
  std::vector<Staged> stage_together(const Nest& nest, const Touch& touch,
                                     std::span<const Tile> tiles);
  // Reads a tile that somebody fills at `level` of the same order. `inside` is tile.inside, or what became of it.
  Memory read(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
              Across across);
  // The reader of a tile takes turns with who fills it.
  void hand_over(const Staged& staged, const Memory& reader);
  Memory write(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
               Across across, Stream data, const Pairing& pairing = {});
  // What lies beyond the nest's guards is left out.
  void store(const Nest& nest, const Touch& touch, Order order, Across across, Stream data);

  // Words that the chip has no scalar output for go as vectors.
  std::uint32_t scratchpad_scalar() const;

 private:
  // The number of outer loops that the operand moves with.
  std::size_t depth(const Nest& nest, const Touch& touch, Order order) const;
  bool moves_with(const Nest& nest, const Form& form, VariableId id) const;
  Feed index_words(const Nest& nest, const Position& position, Order order, Across across);
  bool is_dense(const Nest& nest, const Touch& touch, Order order) const;
  std::int64_t direct_bytes(const Nest& nest, const Touch& touch, Order order, bool by_lanes) const;

  // A read whose address is still to come.
  Memory open_read(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
                   Across across);
  // Of a constant that words are positions in, where all of it stays.
  std::optional<Memory> look_up(const Nest& nest, const Touch& touch, Order order, Across across);
  std::optional<Tile> table_of(const Nest& nest, const Touch& touch) const;
  // The store of a tile of constants that stays.
  std::optional<Store> ask_to_stay(const Touch& touch, const Resident& resident);
  Resident resident_of(const Tile& tile) const;
  Staged stage_for_ever(const Nest& nest, const Touch& touch, const Tile& tile, Order order,
                        Store store);
  Staged fill_tile(const Nest& nest, const Touch& touch, const Tile& tile, Order order,
                   std::optional<Store> store);
  BufferHandle tile_buffer(const Tile& tile, std::optional<Store> store);
  std::vector<Staged> fill_together(const Nest& nest, const Touch& touch,
                                    std::span<const Tile> tiles,
                                    std::span<const std::optional<Store>> stores);
  Emitter filler();

  // A reader's buffer, in each section that has it.
  struct Kept {
    std::map<Section*, BufferHandle> in;
    std::uint64_t bytes;
    BufferOptions options;
  };
  BufferHandle in_section(Kept& kept, Section& section) const;
  // The contexts that write a part of an operand, and what its reader waits for.
  void fill(const Part& part, Kept& kept, const Nest& nest, const Touch& touch, Order order,
            Across across, const Memory& reader, std::int64_t stride);
  bool too_long(const Memory& access) const;
  Stream merge(const std::vector<Stream>& streams, const Nest& nest, Order order, Across across,
               std::uint32_t fill);

  Flow& flow_;
  Section& section_;
  Regions& regions_;
  const rdu_hw_arch& arch_;
  std::string node_name_;
  std::uint32_t node_;
  double budget_;
  double working_ = 0;
  Edges* edges_;
  Residents* residents_;
};

}  // namespace rducc::rdu::lower
