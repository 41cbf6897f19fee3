// ZAP first, then a try from outside, then the door. The User-Id of a connection is its public key.
#include "plugins/remote/node/gate.hpp"

#include "plugins/remote/node/clock.hpp"

namespace rdu::remote::node {

namespace {

constexpr const char* kDomain = "rdu";
constexpr std::uint64_t kProofTime = 3 * kSecond;
// A connection that is cut without a word, as one without CURVE is, counts as refused after this.
constexpr std::uint64_t kSilence = 300 * kMillisecond;

}  // namespace

Result<Gate> Gate::open(std::shared_ptr<Context> context, const std::string& key_file,
                        const std::string& allow_file) {
  Gate gate;
  gate.context_ = context;
  if (key_file.empty()) return gate;
  Result<KeyPair> keys = read_key_file(key_file);
  if (!keys.ok()) return keys.status();
  gate.keys_ = std::move(*keys);
  gate.allow_file_ = allow_file;
  RDU_NODE_TRY(gate.reload());
  Result<ZapServer> zap = ZapServer::bind(std::move(context));
  if (!zap.ok()) return zap.status();
  gate.zap_ = std::move(*zap);
  return gate;
}

std::optional<CurveServer> Gate::curve() const {
  if (!keys_) return std::nullopt;
  return CurveServer{keys_->secret_key, kDomain};
}

Status Gate::serve() {
  return zap_.serve([this](const ZapRequest& request) -> std::optional<std::string> {
    const bool known = request.domain == kDomain && request.mechanism == "CURVE" &&
                       allowed_.find(request.public_key) != nullptr;
    if (known) return request.public_key;
    ++num_refused_;
    return std::nullopt;
  });
}

Status Gate::prove(const LinkOptions& options) {
  Result<Router> door = Router::create(context_, options, curve());
  if (!door.ok()) return door.status();
  const Result<std::string> endpoint = door->bind("tcp://127.0.0.1:*");
  if (!endpoint.ok()) return endpoint.status();
  RDU_NODE_TRY(expect_refusal(*endpoint, options, CurveClient{keys_->public_key, generate_keys()},
                              "a stranger's key"));
  const Status plain = expect_refusal(*endpoint, options, std::nullopt, "a client without a key");
  num_refused_ = 0;
  return plain;
}

Status Gate::expect_refusal(const std::string& endpoint, const LinkOptions& options,
                            const std::optional<CurveClient>& curve, const char* who) {
  Result<Dealer> stranger = Dealer::connect(context_, endpoint, options, curve);
  if (!stranger.ok()) return stranger.status();
  const std::uint64_t begin = now_ns();
  while (now_ns() - begin < kProofTime) {
    PollItem items[] = {{.socket = &zap_}, {.socket = &stranger->monitor()}};
    const Result<int> ready = poll(items, 20);
    if (!ready.ok()) return ready.status();
    RDU_NODE_TRY(serve());
    while (const auto event = stranger->next_event()) {
      if (*event == LinkEvent::kReady)
        return fail(RDU_ERR_PERMISSION, "the lock does not work: ", who, " came in");
      if (*event == LinkEvent::kRefused || *event == LinkEvent::kDisconnected) return {};
    }
    // Nothing is ever sent to who came without CURVE: silence is its refusal.
    if (!curve && now_ns() - begin > kSilence) return {};
  }
  return fail(RDU_ERR_PERMISSION, "the lock cannot be proved: nobody refused ", who);
}

Status Gate::reload() {
  if (allow_file_.empty()) return {};
  Result<AllowList> list = AllowList::read(allow_file_);
  if (!list.ok()) return list.status();
  allowed_ = std::move(*list);
  return {};
}

std::optional<Client> Gate::client(const std::string& user) const {
  if (!keys_) return Client{kLocalUser, kEveryRole};
  const Client* found = allowed_.find(user);
  if (found == nullptr) return std::nullopt;
  return *found;
}

}  // namespace rdu::remote::node
