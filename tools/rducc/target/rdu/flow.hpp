// How programs for the chip are written: sections of contexts, streams, buffers and tokens, without units, stages, registers, ports or routes.
//
//   Flow flow;
//   Region a = flow.region("a", 4 * 1024, RDU_HW_ACCESS_READ);
//   Scalar sum = flow.result("sum");
//   Section& section = flow.section("sum of squares");
//   Memory load = section.load("load a", {loop(16), lanes(64, 16)}, a, at(0, 256) + at(1, 4));
//   Simd squares = section.simd("squares", {loop(16), lanes(64, 16)});
//   Value x = squares.input(load.data());
//   Value total = squares.reduce(RDU_HW_FOLD_ADD_I32, 0, squares.compute(RDU_HW_OP_MUL_I32, x, x));
//   section.result("sum", {}, sum, squares.scalar(total, 0));
//   Result<Built> built = build_program(flow, arch, {.seed = 1});   // build.hpp
//
// What counters, levels, operations, addresses and folds mean is chapter "The configuration image" of the hardware manual
// (drivers/image/README.md), sections 3 to 8; a call here makes one record there. A **level** of a chain of n counters is 0 … n: n is every
// firing, 0 the whole run; kEvery stands for n. Handles are small, copied freely, and valid as long as the flow.
//
// Nothing here fails at once: build_program() reports the first mistake with the name of its context. Names are printable ASCII; `node` is
// the number of the graph's node that something was made for.
#pragma once

#include <deque>
#include <limits>
#include <span>
#include <string_view>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

class Section;

inline constexpr std::uint32_t kEvery = RDU_HW_NONE;

// Arguments of the program, bound by the host.
struct Region {
  std::uint32_t number;
};
struct Scalar {
  std::uint32_t number;
};

// A name that a person reads, and the graph's node.
struct Name {
  Name(const char* text, std::uint32_t node = RDU_HW_NONE) : text(text), node(node) {}
  Name(std::string_view text, std::uint32_t node = RDU_HW_NONE) : text(text), node(node) {}
  Name(const std::string& text, std::uint32_t node = RDU_HW_NONE) : text(text), node(node) {}
  std::string_view text;
  std::uint32_t node;
};

// ---- Counters ----

using Counter = rdu_hw_counter;
using Chain = std::vector<Counter>;  // outermost first

// start + step · i for i < extent, one in an iteration.
Counter loop(std::uint32_t extent, std::int32_t step = 1, std::int32_t start = 0);
// The same as an innermost counter, `width` of them in a firing. width is at most the chip's lanes.
Counter lanes(std::uint32_t extent, std::uint32_t width, std::int32_t step = 1,
              std::int32_t start = 0);
// The extent is a scalar argument, 1 … the counter's extent. An extent that a stream brings: ContextHandle::extent_of.
Counter bounded_by(Scalar extent, Counter counter);

// ---- Streams ----

// What one output sends, to any number of inputs (multicast). Vectors, scalars or tokens; its kind is the output's.
struct Stream {
  std::uint32_t link;
};

// ---- Addresses ----

// offset + Σ coefficient · x over counters, ports and steps of one address program.
struct Affine {
  std::vector<rdu_hw_term> terms;
  std::int64_t offset = 0;
};
Affine at(std::uint32_t counter, std::int64_t coefficient);  // of the innermost, the lane's own
Affine constant_address(std::int64_t offset);
Affine operator+(Affine a, const Affine& b);
Affine operator+(Affine a, std::int64_t offset);
Affine operator*(Affine a, std::int64_t factor);

// What a step does with its sum, in this order. Lanes outside low … high - 1 are off.
struct Wrap {
  std::int64_t divisor = 1;  // rounded down; 1 where the result is the address
  std::int64_t modulus = 0;  // 0: none
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

// ---- Contexts ----

// What all contexts have. Use it as an end of tokens.
class ContextHandle {
 public:
  std::uint32_t number() const { return number_; }
  Section& section() const { return *section_; }
  // The extent of counter `counter` is the stream's word, taken once per iteration at `level` (≤ counter); the counter's own is the most
  // that it may be.
  void extent_of(std::uint32_t counter, Stream scalar, std::uint32_t level);

 protected:
  ContextHandle(Section& section, std::uint32_t number) : section_(&section), number_(number) {}
  Context& record() const;
  friend class Section;

 private:
  Section* section_;
  std::uint32_t number_;
};

// A value and where it stood.
struct Picked {
  Value value;
  Value position;
};

// SIMD: expressions of any size; partition_contexts cuts them to what units hold. A lane is *valid* where the innermost counter has a value.
class Simd : public ContextHandle {
 public:
  // One element per iteration at `level`, held meanwhile. A scalar is the same in all lanes. `depth`: of the FIFO, 0: as deep as it is.
  Value input(Stream stream, std::uint32_t level = kEvery, std::uint32_t depth = 0);

  // Operands without operations.
  static Value counter(std::uint32_t number);
  static Value lane();
  static Value word(std::uint32_t bits);
  static Value integer(std::int32_t value);
  static Value real(float value);
  static Value argument(Scalar scalar);
  static Value valid();  // 1 in valid lanes, else 0
  static Value first(
      std::uint32_t level);  // 1 in the first firing of an iteration at level, else 0
  static Value last(std::uint32_t level);
  // Of lane i + by; 0 where there is no such lane or it is not valid.
  static Value shifted(Value value, int by);

  Value compute(rdu_hw_op op, Value a, Value b = {}, Value c = {});
  // These begin anew in each iteration at `level`; the result is what has come together so far, complete at the iteration's last firing.
  // Lane by lane, valid lanes only; begins as `initial` fold a when that is given.
  Value accumulate(rdu_hw_fold fold, std::uint32_t level, Value a, Value initial = {});
  // a · b + itself, rounded once, RDU_HW_FOLD_ADD_F32 or _I32; begins from `initial`, or 0.
  Value accumulate_product(rdu_hw_fold fold, std::uint32_t level, Value a, Value b,
                           Value initial = {});
  // All valid lanes into one value, the same in every lane. `level` kEvery: of each firing by itself.
  Value reduce(rdu_hw_fold fold, std::uint32_t level, Value a, Value initial = {});
  Picked accumulate_pick(rdu_hw_pick pick, std::uint32_t level, Value value, Value position);
  Picked reduce_pick(rdu_hw_pick pick, std::uint32_t level, Value value, Value position);

  // Sends `value`, as it is at the end of each iteration at `level`: lanes that are not valid then as 0, or lane 0 alone.
  Stream vector(Value value, std::uint32_t level = kEvery);
  Stream scalar(Value value, std::uint32_t level = kEvery);
  // Into a stream that was received before (Section::later): loops of data.
  void send(Stream stream, Value value, std::uint32_t level = kEvery);

 private:
  friend class Section;
  using ContextHandle::ContextHandle;
  Value push(std::uint16_t kind, std::uint16_t code, std::uint32_t level, Value a, Value b,
             Value c);
};

// A contraction: each iteration at `level` makes rows × columns sums over its firings, and sends `rows` vectors of them.
class Systolic : public ContextHandle {
 public:
  Stream result() const;

 private:
  friend class Section;
  using ContextHandle::ContextHandle;
};

// WRITE, READ, LOAD and STORE: data and an address program.
class Memory : public ContextHandle {
 public:
  // What READ and LOAD send, every firing.
  Stream data() const;
  // A word of a stream for the address program: of a vector the lane's own.
  Affine word(Stream stream, std::uint32_t level = kEvery, std::uint32_t depth = 0);
  // A step before the last; its value, to be used in what follows. One address stage each.
  Affine step(const Affine& sum, const Wrap& wrap);
  // The last step, in bytes of the buffer's copy or the region; replaces what the context was made with.
  void address(const Affine& sum, const Wrap& wrap = {});

 private:
  friend class Section;
  using ContextHandle::ContextHandle;
};

struct BufferHandle {
  std::uint32_t number;
};

// A buffer's contents that later sections use: flow.store() names them, each section's buffer refers to them.
struct Store {
  std::uint32_t number;
};

struct BufferOptions {
  std::uint32_t copies = 1;
  std::uint32_t bank_mode = RDU_HW_BANK_STRIDED;
  std::uint32_t bank_stride = 1;  // words
  std::optional<Store> store = {};
};

struct AccessOptions {
  std::uint32_t format = RDU_HW_FORMAT_WORD;
  std::uint32_t swap_level =
      0;  // the next copy in each iteration at this level; metapipe() sets it
  std::uint32_t fold = RDU_HW_NONE;  // of WRITE: RDU_HW_FOLD_ of what is there with what comes
  std::uint32_t fresh_first =
      0;  // a fold overwrites while these counters are in their first iteration
  std::uint32_t fresh_count = 0;
  std::uint32_t fill = 0;              // of READ, in lanes that are off
  std::uint32_t kind = RDU_HW_VECTOR;  // of READ's data, VECTOR or SCALAR (lane 0)
  std::uint32_t data_level = kEvery;   // of WRITE's data
};

struct TransferOptions {
  std::uint32_t mode = RDU_HW_TRANSFER_DENSE;  // consecutive along the innermost counter, or SPARSE
  std::uint32_t format = RDU_HW_FORMAT_WORD;
  std::uint32_t fill = 0;              // of LOAD, in lanes that are off
  std::uint32_t kind = RDU_HW_VECTOR;  // of LOAD's data
  std::uint32_t data_level = kEvery;   // of STORE's data
};

struct SystolicShape {
  std::uint32_t rows;     // words of a that are used
  std::uint32_t columns;  // words of b that are used
  std::uint32_t format = RDU_HW_SYSTOLIC_FP32;
  std::uint32_t level = 0;  // a block of results for each iteration at this level
};

// ---- Tokens ----

// A context and how often: a token per iteration at this level.
struct Turn {
  ContextHandle context;
  std::uint32_t level;
};

struct TokenOptions {
  std::uint32_t initial = 0;  // tokens before the start
  // Of the receiver's FIFO, 0: as deep as it is. The way there holds some more: bound a sender by credits.
  std::uint32_t depth = 0;
  std::uint32_t room = RDU_HW_ROOM_LAST;  // FIRST: the sender's iteration needs the room first
  // The receivers count: rolling buffers with halos and rates (manual, "image", 8).
  std::optional<Pace> pace = {};
};

// What is on the chip at one time.
class Section {
 public:
  // A chain may be empty: the context fires once.
  Simd simd(Name name, Chain chain);
  // a brings a column of the left matrix, b a row of the right one, each firing; counters have one lane.
  Systolic systolic(Name name, Chain chain, const SystolicShape& shape, Stream a, Stream b);

  // `bytes` of one copy, rounded up to whole slices of the banks. It lies in one PMU, and so do its contexts.
  BufferHandle buffer(Name name, std::uint64_t bytes, const BufferOptions& options = {});
  Memory write(Name name, Chain chain, BufferHandle buffer, Stream data, const Affine& address,
               const AccessOptions& options = {});
  Memory read(Name name, Chain chain, BufferHandle buffer, const Affine& address,
              const AccessOptions& options = {});

  Memory load(Name name, Chain chain, Region region, const Affine& address,
              const TransferOptions& options = {});
  // A token of a STORE is sent when the iteration's writes are acknowledged.
  Memory store(Name name, Chain chain, Region region, Stream data, const Affine& address,
               const TransferOptions& options = {});
  // Each word goes into the argument; the last one stays. The chain has as many firings as there are words.
  ContextHandle result(Name name, Chain chain, Scalar scalar, Stream data);

  // A stream that is received before it is sent; `initial` zeros, or tokens, are in every sink's FIFO at the start.
  Stream later(Name name, std::uint32_t kind, std::uint32_t initial = 0);

  // `from` sends a token at the end of each iteration, each of `to` needs one before each of its iterations (one output, multicast).
  void token(const Turn& from, std::span<const Turn> to, const TokenOptions& options = {});
  void token(const Turn& from, const Turn& to, const TokenOptions& options = {});

  // The usual patterns, made of tokens.
  // N-buffers: an iteration of a writer fills a copy, when all readers have used it up; an iteration of a reader uses one, when all writers
  // have filled it. Sets the accesses' swap levels. Writers and readers are accesses to `buffer`. Each pair takes a token and a credit.
  void metapipe(BufferHandle buffer, std::span<const Turn> writers, std::span<const Turn> readers);
  void metapipe(BufferHandle buffer, const Turn& writer, const Turn& reader);
  // One token goes round: iteration i of each begins when iteration i of the one before is over, and of the first when i - 1 of the last is.
  void sequence(std::span<const Turn> turns);
  // All of `branches` begin when `from` has ended an iteration; `to` when all of them have.
  void fork_join(const Turn& from, std::span<const Turn> branches, const Turn& to);

  // On one unit, where it has the room; never on one unit. Both contexts' units are of one type.
  void keep_together(const ContextHandle& a, const ContextHandle& b);
  void keep_apart(const ContextHandle& a, const ContextHandle& b);

  const Parts& parts() const { return parts_; }
  // The first call that could not mean anything; empty when there is none.
  const std::string& mistake() const { return mistake_; }

 private:
  friend class Flow;
  friend class ContextHandle;
  friend class Simd;
  friend class Systolic;
  friend class Memory;

  std::uint32_t open(std::uint32_t program, Name name, Chain chain);
  std::uint32_t open_access(std::uint32_t program, Name name, Chain chain, BufferHandle buffer,
                            const AccessOptions& options);
  std::uint32_t open_transfer(std::uint32_t program, Name name, Chain chain, std::uint32_t argument,
                              const TransferOptions& options);
  std::uint32_t kind_of(Stream stream) const;
  std::uint32_t receive(std::uint32_t context, Stream stream, std::uint32_t level,
                        std::uint32_t depth);
  Stream send(std::uint32_t context, const Output& output);
  void send(std::uint32_t context, Output output, Stream stream);
  void keep(const ContextHandle& a, const ContextHandle& b, bool together);
  bool owns(const Turn& turn);
  void refuse(std::string mistake);
  void refuse(std::uint32_t context, std::string_view mistake);

  Parts parts_;
  std::string mistake_;
};

// A whole program: arguments, and sections that run one after another.
class Flow {
 public:
  // Memory of the chip's; access: RDU_HW_ACCESS_ READ, WRITE or both.
  Region region(Name name, std::uint64_t bytes, std::uint32_t access, std::uint32_t alignment = 64,
                std::uint32_t tier = RDU_HW_TIER_DRAM);
  Scalar scalar(Name name);  // one word that the chip reads
  Scalar result(Name name);  // one word that the chip writes
  // Scratchpad contents that stay from the first section with a buffer of it to the last: one PMU of their own, the same address. All
  // those buffers have the same bytes, copies and bank mode. What is there before it is first written is not defined.
  // What a setup section writes stays for ever; a PMU may keep several of these, no two of which one section uses.
  Store store(Name name);
  Section& section(Name name);
  // Runs only where the chip does not hold what it makes (manual, "image", 2). All of these come before the first section().
  Section& setup_section(Name name);

  const std::vector<Argument>& arguments() const { return arguments_; }
  const std::vector<Label>& stores() const { return stores_; }
  const std::deque<Section>& sections() const { return sections_; }
  std::uint32_t num_setup_sections() const { return num_setup_sections_; }

 private:
  std::uint32_t num_setup_sections_ = 0;
  std::vector<Argument> arguments_;
  std::vector<Label> stores_;
  std::deque<Section> sections_;
};

}  // namespace rducc::rdu
