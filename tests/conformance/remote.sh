#!/bin/sh
# remote.sh BIN CONFORMANCE DEVICE: the suite on DEVICE of a peer on loopback, which is also the one that the plugin lists.
. "$(dirname "$0")/../e2e/common.sh"
begin_node --device "$3"
RDU_REMOTE_PEERS=$endpoint "$2" --device "$device"
