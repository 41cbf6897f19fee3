/* Each frame is either in the free list or in one run; the end of the run moves it back. */
#include "pipeline.h"

#include <stdio.h>

static void init_frame(frame* f, pipeline* p) {
  f->pipeline = p;
  f->input = (rdu_tensor){.header = RDU_HEADER(rdu_tensor),
                          .name = "image",
                          .data = f->image,
                          .dtype = RDU_DTYPE_F32,
                          .rank = 4,
                          .shape = {1, 1, 28, 28}};
  f->output = (rdu_tensor){.header = RDU_HEADER(rdu_tensor),
                           .name = "probabilities",
                           .data = f->probabilities,
                           .dtype = RDU_DTYPE_F32,
                           .rank = 2,
                           .shape = {1, 10}};
}

void pipeline_init(pipeline* p, rdu_program* program) {
  *p = (pipeline){.program = program};
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->frame_freed, NULL);
  for (int i = 0; i < FRAMES_IN_FLIGHT; ++i) {
    init_frame(&p->frames[i], p);
    p->free_frames[p->num_free++] = &p->frames[i];
  }
}

void pipeline_destroy(pipeline* p) {
  pthread_cond_destroy(&p->frame_freed);
  pthread_mutex_destroy(&p->mutex);
}

frame* pipeline_take_frame(pipeline* p) {
  pthread_mutex_lock(&p->mutex);
  while (p->num_free == 0) pthread_cond_wait(&p->frame_freed, &p->mutex);
  frame* f = p->num_failed == 0 ? p->free_frames[--p->num_free] : NULL;
  pthread_mutex_unlock(&p->mutex);
  return f;
}

static int most_likely(const float* probabilities) {
  int digit = 0;
  for (int i = 1; i < 10; ++i) digit = probabilities[i] > probabilities[digit] ? i : digit;
  return digit;
}

/* Consumes the status; what it says decides how the frame is counted. */
static void finish_frame(frame* f, rdu_status* status) {
  pipeline* p = f->pipeline;
  const rdu_code code = rdu_status_code(status);
  if (code != RDU_OK && code != RDU_ERR_DEADLINE_EXCEEDED) {
    fprintf(stderr, "%s: %s\n", rdu_code_name(code), rdu_status_message(status));
  }
  rdu_status_destroy(status);

  pthread_mutex_lock(&p->mutex);
  if (code == RDU_OK) {
    ++p->digits[most_likely(f->probabilities)];
  } else if (code == RDU_ERR_DEADLINE_EXCEEDED) {
    ++p->num_late;
  } else {
    ++p->num_failed;
  }
  p->free_frames[p->num_free++] = f;
  pthread_cond_signal(&p->frame_freed);
  pthread_mutex_unlock(&p->mutex);
}

/* Called once per run, from the thread that ends it: short, and it may destroy the event. */
static void on_complete(void* user, rdu_event* event, rdu_event_state state) {
  (void)state; /* the result says the same, and why */
  rdu_status* result = rdu_event_get_result(event);
  rdu_event_destroy(event);
  finish_frame(user, result);
}

void pipeline_submit(frame* f, uint64_t timeout_us) {
  /* Only this list may go when rdu_submit returns. */
  const rdu_run_args args = {.header = RDU_HEADER(rdu_run_args),
                             .inputs = rdu_tensors(&f->input, 1),
                             .outputs = rdu_tensors(&f->output, 1),
                             .timeout_us = timeout_us};
  rdu_event* event = NULL;
  rdu_status* status = rdu_submit(f->pipeline->program, &args, &event);
  if (status != NULL) {
    finish_frame(f, status);
    return;
  }
  status = rdu_event_on_complete(event, on_complete, f);
  if (status != NULL) {
    rdu_event_destroy(event);
    finish_frame(f, status);
  }
}

void pipeline_drain(pipeline* p) {
  pthread_mutex_lock(&p->mutex);
  while (p->num_free < FRAMES_IN_FLIGHT) pthread_cond_wait(&p->frame_freed, &p->mutex);
  pthread_mutex_unlock(&p->mutex);
}
