#!/bin/sh
# threads.sh BIN MODEL: cpu: gives the same bits at 1, 2 and 4 threads.
. "$(dirname "$0")/common.sh"
model=$2
need_model "$model"
compile_with_data "$model"
for threads in 2 4; do
  "$bin/rdu" verify "$work/model.rdu" --threads 4 --device "cpu:?threads=$threads" \
    --exact-with "cpu:?threads=1" --data "$shared/models/$model"
done
