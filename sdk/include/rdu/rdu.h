/* The RDU SDK for applications: open an artifact, open devices, load a program, run it.
 *
 * Conventions, stated once and true everywhere:
 *
 *   Names      rdu_<noun>_<verb>. create/destroy own, open/close attach, get borrows, find may answer
 *              that there is none, wait blocks, poll does not. Results come last and are named out_x;
 *              after a failure they are untouched. Sizes in bytes end in _bytes, counts are num_x.
 *   Errors     A call that can fail returns rdu_status*: NULL is success. Whoever receives one
 *              destroys it.
 *   Structs    Begin with a header that says how large they are: {.header = RDU_HEADER(type)}; every
 *              other field may be zero, and that is its default. The library reads and writes only
 *              what the header covers, so programs built against an older SDK keep working.
 *   Strings    UTF-8, NUL-terminated, copied by the receiver. Borrowed ones say how long they live.
 *   Lifetimes  Objects keep what they were made from. destroy and close take NULL, and each object
 *              goes once.
 *   Threads    Every call may be made from any thread. Objects may be shared; only rdu_state is
 *              exclusive to one run at a time, and an object must not be destroyed while another call
 *              still uses it. What may block says so. After fork() the child gets RDU_ERR_FORKED from
 *              everything that can fail, and may only exec or exit.
 *   Silence    The library prints nothing, reads one environment variable (RDU_PLUGIN_PATH) and has
 *              no global state.
 *
 *     rdu_context* context;  rdu_device* cpu;  rdu_artifact* artifact;  rdu_program* program;
 *     rdu_context_create(NULL, &context);
 *     rdu_device_open(context, "cpu:", &cpu);
 *     rdu_artifact_open(context, "model.rdu", NULL, &artifact);
 *     rdu_program_load(artifact, &cpu, 1, NULL, &program);
 *     rdu_run_args args = {.header = RDU_HEADER(rdu_run_args), .inputs = rdu_tensors(&in, 1),
 *                          .outputs = rdu_tensors(&out, 1)};
 *     rdu_run(program, &args);
 */
#ifndef RDU_RDU_H
#define RDU_RDU_H

#include <rdu/artifact.h>
#include <rdu/buffer.h>
#include <rdu/context.h>
#include <rdu/device.h>
#include <rdu/program.h>
#include <rdu/run.h>
#include <rdu/state.h>
#include <rdu/status.h>
#include <rdu/tensor.h>
#include <rdu/trace.h>
#include <rdu/types.h>

#endif
