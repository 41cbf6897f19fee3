/* A fixed number of frames in flight: take a free frame, fill it, submit it; a callback puts it back. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <pthread.h>
#include <rdu/rdu.h>

enum { FRAMES_IN_FLIGHT = 4 };

struct pipeline;

/* What must stay while a run is in flight: memory, and the tensors that describe it. Aligned to 64 bytes, so that the
 * device works on it in place. */
typedef struct frame {
  _Alignas(64) float image[28][28];
  _Alignas(64) float probabilities[10];
  rdu_tensor input;
  rdu_tensor output;
  struct pipeline* pipeline;
} frame;

/* One per producing thread; any number of them share a program. */
typedef struct pipeline {
  frame frames[FRAMES_IN_FLIGHT];
  rdu_program* program;

  pthread_mutex_t mutex; /* guards all below: callbacks come from other threads */
  pthread_cond_t frame_freed;
  frame* free_frames[FRAMES_IN_FLIGHT];
  int num_free;
  unsigned digits[10]; /* how often each was read */
  unsigned num_late;   /* their deadline passed */
  unsigned num_failed;
} pipeline;

void pipeline_init(pipeline* p, rdu_program* program);

/* After pipeline_drain. */
void pipeline_destroy(pipeline* p);

/* Blocks until one of the frames is free. NULL once a run has failed: more would fail as well. */
frame* pipeline_take_frame(pipeline* p);

/* Returns at once; the frame belongs to the run from here on. 0 = no deadline. */
void pipeline_submit(frame* f, uint64_t timeout_us);

/* Blocks until nothing is in flight. */
void pipeline_drain(pipeline* p);

#endif
