// Size and offsets of every struct that crosses an ABI, on a machine with 64-bit pointers: a line may be added, and a
// size may grow with it; nothing else may change.
#include "layout.h"
