// The first process: starts the front end, and again when it dies; nothing that a client sends ever reaches it.
#pragma once

namespace rdu::remote::node {

// Until the front end ends by itself, or a second signal to end comes. `arguments` are this program's.
int supervise(int argc, char** argv);

}  // namespace rdu::remote::node
