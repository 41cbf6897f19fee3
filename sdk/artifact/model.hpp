// The content of an artifact as plain C++ values: what the compiler builds and the writer stores.
// Every type mirrors the one of the same name in <rdu/graph.h>, which says what its fields mean.
#pragma once

#include <rdu/graph.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rdu::artifact {

using ValueId = std::uint32_t;
inline constexpr ValueId kNone = RDU_NONE;

// A constant of a body or a fill: `f` counts for float dtypes, `i` for all others.
struct Scalar {
  double f = 0;
  std::int64_t i = 0;
  bool operator==(const Scalar&) const = default;
};

struct Term {
  std::uint32_t loop = 0;
  std::int64_t coef = 1;
  bool operator==(const Term&) const = default;
};

struct Index {
  std::int64_t offset = 0;
  std::vector<Term> terms;
  std::int64_t div = 1;
  std::int64_t mod = 0;
  bool exact = false;
  std::uint32_t outside = RDU_OUTSIDE_NEVER;
  ValueId source = kNone;
  std::vector<Index> source_access;
  bool operator==(const Index&) const = default;
};

using Access = std::vector<Index>;

struct Read {
  ValueId value = kNone;
  Access access;
  Scalar fill;
  ValueId fill_value = kNone;
};

struct Write {
  ValueId value = kNone;
  Access access;
};

struct Instr {
  rdu_body_op op = RDU_OP_CONST;
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::uint32_t a = 0, b = 0, c = 0;
  Scalar imm;
};

struct Program {
  std::vector<Instr> code;
  std::vector<std::uint32_t> results;
};

struct Loop {
  std::int64_t extent = 1;
  ValueId extent_value = kNone;
  std::uint32_t role = RDU_LOOP_PLAIN;
};

struct Port {
  std::uint32_t kind = RDU_PORT_CAPTURE;
  std::uint32_t slot = 0;
  ValueId outer = kNone;
  ValueId result = kNone;
  ValueId inner_in = kNone;
  ValueId inner_out = kNone;
  std::int32_t axis = 0;
  bool reverse = false;
};

struct OriginTensor {
  std::string name;
  ValueId value = kNone;
};

struct Origin {
  std::string name, op_type, domain;
  std::uint32_t fate = RDU_ORIGIN_COMPUTED;
  std::uint32_t parent = RDU_NONE;
  std::vector<OriginTensor> tensors;
};

struct Node {
  std::string name;
  std::vector<std::uint32_t> origins;  // ascending
  rdu_pattern pattern = RDU_PATTERN_MAP;
  std::vector<Loop> loops;
  std::uint32_t num_parallel = 0;
  std::vector<Read> reads;
  std::vector<Write> writes;
  Program body;
  Program epilogue;
  rdu_combine_op combine = RDU_COMBINE_NONE;
  rdu_dtype acc_dtype = RDU_DTYPE_NONE;
  ValueId base = kNone;
  ValueId condition = kNone;
  std::uint32_t descending = 0;
  std::array<std::uint32_t, 2> graphs{RDU_NONE, RDU_NONE};
  std::vector<Port> ports;
};

// The bytes of a constant, shared between the variants that use it. `owner` keeps `bytes` alive.
struct ConstantData {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

struct Value {
  std::string name;
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::uint32_t role = RDU_ROLE_INTERMEDIATE;
  std::vector<std::int64_t> dims;
  std::vector<ValueId> dim_values;  // empty, or one per dimension
  ValueId storage = kNone;          // kNone: its own
  std::uint32_t encoding = RDU_NONE;
  ConstantData data;  // parameters and constants
};

struct Encoding {
  std::uint32_t kind = RDU_ENCODING_QUANTIZED;
  ValueId scale = kNone, zero_point = kNone;
  std::int32_t axis = -1;
  std::uint32_t block_rows = 0, block_cols = 0;
  ValueId row_starts = kNone, col_indices = kNone;
  ValueId low_rank_left = kNone, low_rank_right = kNone;
};

struct Graph {
  std::vector<Node> nodes;  // in topological order
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
};

// A variable as one variant sees it.
struct VariableUse {
  std::string name;
  ValueId read = kNone;
  ValueId write = kNone;
  ValueId initial = kNone;
  // A cache that grows: of the extent along `axis`, as many positions as the variable number `length` (of this
  // list) counts are in use, and a run appends `grows_by` to them, in place, and touches nothing else.
  std::uint32_t length = RDU_NONE;
  std::uint32_t axis = 0;
  std::int64_t grows_by = 0;
};

struct BlockLoop {
  std::uint32_t loop = 0;  // a parallel loop that all nodes of the section share
  std::int64_t block = 1;
};

struct Section {
  std::uint32_t first_node = 0, end_node = 0;
  std::vector<BlockLoop> block_loops;
  std::vector<std::byte> payload;  // empty, or what the cut's format says
};

// A target's ordered list of sections. Cut 0 of a variant is the portable one (target "").
struct Cut {
  std::string target;
  std::string format;             // of the payloads, "" where there are none
  std::uint64_t target_hash = 0;  // of the architecture that payloads were made for
  std::vector<Section> sections;
};

// A signature's input whose value is folded into a variant.
struct SpecialisedInput {
  std::uint32_t input = 0;  // number in the signature
  rdu_dtype dtype = RDU_DTYPE_I64;
  std::vector<std::int64_t> dims;
  std::vector<std::byte> bytes;
};

struct Variant {
  std::vector<std::pair<std::string, std::int64_t>> dims;  // symbolic dimensions fixed, by name
  std::vector<SpecialisedInput> specialised;
  std::vector<ValueId> inputs;   // per input of the signature; kNone where specialised or unused
  std::vector<ValueId> outputs;  // per output of the signature
  std::vector<Value> values;
  std::vector<Encoding> encodings;
  std::vector<Graph> graphs;  // graph 0 is the model
  std::vector<Origin> origins;
  std::vector<VariableUse> variables;
  std::vector<Cut> cuts;
};

// A dimension of a signature: fixed, or symbolic (extent -1 and a name).
struct SignatureDim {
  std::int64_t extent = -1;
  std::string name;
};

struct SignatureTensor {
  std::string name;
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::vector<SignatureDim> dims;
  std::string variable;  // not empty: bound by the state object and not by the caller
};

// An entry point of the artifact.
struct Signature {
  std::string name = "infer";
  std::vector<SignatureTensor> inputs;
  std::vector<SignatureTensor> outputs;
  std::vector<Variant> variants;
};

struct Provenance {
  std::string producer;  // "rducc 0.1.0"
  std::string flags;
  std::string source_hash;
  std::int64_t opset = 0;
};

// What a plugin made of the constants ahead of time: for the devices of one target, understood by that plugin alone.
struct Packed {
  std::string target;
  std::string made_for;  // for people
  ConstantData data;
};

struct Model {
  std::string name;
  std::string precision = "fp32";
  std::vector<std::pair<std::string, std::string>> metadata;
  Provenance provenance;
  std::vector<Signature> signatures;
  std::vector<Packed> packed{};
};

}  // namespace rdu::artifact
