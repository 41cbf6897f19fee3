#!/bin/sh
# parts.sh BIN MODEL DEVICE PARTS: the parts of a model, each an artifact of its own, give together what the model gives.
. "$(dirname "$0")/common.sh"
model=$2 device=$3 parts=$4
need_model "$model"
compile_with_data "$model"
"$parts" "$device" "$work/model.rdu"
