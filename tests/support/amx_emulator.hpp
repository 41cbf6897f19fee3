// AMX on machines that have none: runs the very instructions of the code under test, one illegal instruction at a time.
#pragma once

#include <cstdint>

namespace rdu::testing {

// From now on, in every thread of this process: LDTILECFG, STTILECFG, TILERELEASE, TILEZERO, TILELOADD(T1), TILESTORED,
// TDPBF16PS and TDPB{SS,SU,US,UU}D do what Intel's manual says, each thread with tiles of its own. Any other illegal
// instruction ends the process as before. Where the processor has AMX and the process may use it, nothing is emulated.
void emulate_amx();

// How many instructions were emulated: a test that counts none has tested the processor, or nothing.
std::uint64_t emulated_instructions();

}  // namespace rdu::testing
