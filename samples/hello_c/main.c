/* Draws a seven and asks the digit model what it is: the smallest complete program. Usage: hello_c digits.rdu */
#include <rdu/rdu.h>
#include <stdio.h>

/* Consumes the status of a call: says what went wrong, and answers whether nothing did. */
static int ok(rdu_status* status) {
  if (status == NULL) return 1;
  fprintf(stderr, "%s: %s\n", rdu_code_name(rdu_status_code(status)), rdu_status_message(status));
  rdu_status_destroy(status);
  return 0;
}

/* White on black, a bar and a slanted stroke. */
static void draw_seven(float image[28][28]) {
  for (int x = 7; x < 20; ++x) image[5][x] = image[6][x] = 1;
  for (int y = 7; y < 24; ++y) image[y][21 - y / 2] = image[y][22 - y / 2] = 1;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s digits.rdu\n", argv[0]);
    return 2;
  }
  static _Alignas(64) float image[28][28]; /* aligned to 64 bytes: used in place, not copied */
  float probabilities[10] = {0};
  draw_seven(image);

  rdu_tensor in = {.header = RDU_HEADER(rdu_tensor),
                   .data = image,
                   .dtype = RDU_DTYPE_F32,
                   .rank = 4,
                   .shape = {1, 1, 28, 28}};
  rdu_tensor out = {.header = RDU_HEADER(rdu_tensor),
                    .data = probabilities,
                    .dtype = RDU_DTYPE_F32,
                    .rank = 2,
                    .shape = {1, 10}};
  rdu_run_args args = {.header = RDU_HEADER(rdu_run_args),
                       .inputs = rdu_tensors(&in, 1),
                       .outputs = rdu_tensors(&out, 1)};

  rdu_context* context = NULL;
  rdu_device* device = NULL;
  rdu_artifact* artifact = NULL;
  rdu_program* program = NULL;
  const int done =
      ok(rdu_context_create(NULL, &context)) && ok(rdu_device_open(context, "cpu:", &device)) &&
      ok(rdu_artifact_open(context, argv[1], NULL, &artifact)) &&
      ok(rdu_program_load(artifact, &device, 1, NULL, &program)) && ok(rdu_run(program, &args));
  if (done) {
    int digit = 0;
    for (int i = 1; i < 10; ++i) digit = probabilities[i] > probabilities[digit] ? i : digit;
    printf("digit %d (%.1f %%)\n", digit, 100 * probabilities[digit]);
  }
  rdu_program_destroy(program);
  rdu_artifact_close(artifact);
  rdu_device_close(device);
  rdu_context_destroy(context);
  return done ? 0 : 1;
}
