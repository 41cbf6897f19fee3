/* Two cameras classify their frames on one program, each with several runs in flight. Usage: async_pipeline digits.rdu */
#include <stdio.h>
#include <string.h>

#include "pipeline.h"

enum { NUM_CAMERAS = 2, FRAMES_PER_CAMERA = 500 };
static const uint64_t kFrameTimeoutUs = 1000000;

/* A seven that wanders: what a camera would deliver. */
static void draw_seven(float image[28][28], int shift) {
  memset(image, 0, sizeof(float[28][28]));
  for (int x = 7; x < 20; ++x) image[5][x + shift] = image[6][x + shift] = 1;
  for (int y = 7; y < 24; ++y) image[y][21 - y / 2 + shift] = image[y][22 - y / 2 + shift] = 1;
}

static void* run_camera(void* user) {
  pipeline* p = user;
  for (int i = 0; i < FRAMES_PER_CAMERA; ++i) {
    frame* f = pipeline_take_frame(p);
    if (f == NULL) break;
    draw_seven(f->image, i % 5 - 2);
    pipeline_submit(f, kFrameTimeoutUs);
  }
  pipeline_drain(p);
  return NULL;
}

/* The cameras' threads share the program; each has a pipeline of its own. Answers whether all frames were read. */
static int run_cameras(rdu_program* program) {
  static pipeline pipelines[NUM_CAMERAS];
  pthread_t threads[NUM_CAMERAS];
  int num_started = 0;
  for (; num_started < NUM_CAMERAS; ++num_started) {
    pipeline* p = &pipelines[num_started];
    pipeline_init(p, program);
    if (pthread_create(&threads[num_started], NULL, run_camera, p) != 0) {
      fprintf(stderr, "cannot start a thread for camera %d\n", num_started);
      pipeline_destroy(p);
      break;
    }
  }
  int all_read = num_started == NUM_CAMERAS;
  for (int i = 0; i < num_started; ++i) {
    pthread_join(threads[i], NULL);
    const pipeline* p = &pipelines[i];
    printf("camera %d: %d frames, %d in flight: %u read as 7, %u late, %u failed\n", i,
           FRAMES_PER_CAMERA, FRAMES_IN_FLIGHT, p->digits[7], p->num_late, p->num_failed);
    all_read = all_read && p->digits[7] == FRAMES_PER_CAMERA;
    pipeline_destroy(&pipelines[i]);
  }
  return all_read;
}

/* Consumes the status of a call: says what went wrong, and answers whether nothing did. */
static int ok(rdu_status* status) {
  if (status == NULL) return 1;
  fprintf(stderr, "%s: %s\n", rdu_code_name(rdu_status_code(status)), rdu_status_message(status));
  rdu_status_destroy(status);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s digits.rdu\n", argv[0]);
    return 2;
  }
  rdu_context* context = NULL;
  rdu_device* device = NULL;
  rdu_artifact* artifact = NULL;
  rdu_program* program = NULL;
  const int done =
      ok(rdu_context_create(NULL, &context)) && ok(rdu_device_open(context, "cpu:", &device)) &&
      ok(rdu_artifact_open(context, argv[1], NULL, &artifact)) &&
      ok(rdu_program_load(artifact, &device, 1, NULL, &program)) && run_cameras(program);
  rdu_program_destroy(program);
  rdu_artifact_close(artifact);
  rdu_device_close(device);
  rdu_context_destroy(context);
  return done ? 0 : 1;
}
