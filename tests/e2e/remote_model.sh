#!/bin/sh
# remote_model.sh BIN MODEL: the model computes the same bits on the cpu of a peer as on the cpu here, and the peer holds
# all of it; the second time nothing but hashes is sent.
. "$(dirname "$0")/common.sh"
model=$2
need_model "$model"
compile_with_data "$model"
begin_node
for options in "" "?shared_memory=0"; do
  "$bin/rdu" verify "$work/model.rdu" --device "$device$options" --no-fallback --exact-with cpu: \
    --data "$shared/models/$model"
done
