// One list of fields for each struct, in its order, which is read for both ways.
#include "plugins/remote/node/work_bodies.hpp"

#include <concepts>
#include <type_traits>

namespace rdu::remote::node {

namespace {

// T, or T that is only read.
template <class A, class T>
concept Like = std::same_as<std::remove_const_t<A>, T>;

void fields(auto& io, Like<Selection> auto& v) {
  io(v.artifact, v.signature, v.variant, v.first_section, v.end_section, v.stateless);
}
void fields(auto& io, Like<StoredArtifact::Part> auto& v) { io(v.offset, v.bytes); }
void fields(auto& io, Like<StoredArtifact> auto& v) { io(v.path, v.parts); }
void fields(auto& io, Like<Verdict> auto& v) { io(v.reason, v.detail); }
void fields(auto& io, Like<Port> auto& v) { io(v.name, v.value, v.dtype, v.bytes); }
void fields(auto& io, Like<Loaded> auto& v) {
  io(v.inputs, v.outputs, v.variables, v.resident_bytes, v.per_run_bytes, v.state_bytes);
}
void fields(auto& io, Like<ProgramFacts> auto& v) { io(v.ports, v.trains); }
void fields(auto& io, Like<DeviceFacts> auto& v) {
  io(v.name, v.target, v.target_hash, v.memory_bytes, v.max_concurrency);
}

// The fewest bytes of any element of a list.
constexpr std::size_t kLeastBytes = 8;

class Writer {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  Bytes take() { return out_.take(); }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_integral_v<T> || std::same_as<T, Hash>) {
      out_.put(value);
    } else {
      fields(*this, value);
    }
  }
  void put(const std::string& text) { out_.put_text(text); }
  template <class T>
  void put(const std::vector<T>& list) {
    out_.put(static_cast<std::uint32_t>(list.size()));
    for (const T& each : list) put(each);
  }

  ByteWriter out_;
};

class Reader {
 public:
  explicit Reader(ByteSpan body) : in_(body) {}

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  Status finish(const char* what) const {
    if (in_.ok()) return {};
    return fail(RDU_ERR_INTERNAL, "between the processes of a peer: ", what, " is cut short");
  }

 private:
  template <class T>
  void get(T& value) {
    if constexpr (std::is_integral_v<T>) {
      value = in_.get<T>();
    } else {
      fields(*this, value);
    }
  }
  void get(Hash& hash) { in_.get(hash); }
  void get(std::string& text) { text = in_.get_text(); }
  template <class T>
  void get(std::vector<T>& list) {
    list.resize(in_.get_count(kLeastBytes));
    for (T& each : list) get(each);
  }

  ByteReader in_;
};

template <class... T>
Bytes encode(const T&... values) {
  Writer out;
  out(values...);
  return out.take();
}

template <class... T>
Status decode(ByteSpan body, const char* what, T&... values) {
  Reader in(body);
  in(values...);
  return in.finish(what);
}

}  // namespace

Bytes encode_request(const Selection& selection, const StoredArtifact& artifact) {
  return encode(selection, artifact);
}
Status decode_request(ByteSpan body, Selection& selection, StoredArtifact& artifact) {
  return decode(body, "a request", selection, artifact);
}

Bytes encode_verdicts(const std::vector<Verdict>& verdicts) { return encode(verdicts); }
Status decode_verdicts(ByteSpan body, std::vector<Verdict>& verdicts) {
  return decode(body, "a list of verdicts", verdicts);
}

Bytes encode_program(const ProgramFacts& program) { return encode(program); }
Status decode_program(ByteSpan body, ProgramFacts& program) {
  return decode(body, "the description of a program", program);
}

Bytes encode_device(const DeviceFacts& facts) { return encode(facts); }
Status decode_device(ByteSpan body, DeviceFacts& facts) {
  return decode(body, "the description of a device", facts);
}

}  // namespace rdu::remote::node
