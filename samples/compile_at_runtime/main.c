/* Compiles a model inside the application and runs it at once; no artifact is ever written.
 * Usage: compile_at_runtime digits.onnx */
#include <rdu/rdu.h>
#include <rducc/rducc.h>
#include <stdio.h>
#include <stdlib.h>

/* Consumes the status of a call: says what went wrong, and answers whether nothing did. */
static int ok(rdu_status* status) {
  if (status == NULL) return 1;
  fprintf(stderr, "%s: %s\n", rdu_code_name(rdu_status_code(status)), rdu_status_message(status));
  rdu_status_destroy(status);
  return 0;
}

/* The same for the compiler, which gives every reason at once. */
static int compiled(rducc_status* status) {
  if (status == NULL) return 1;
  fprintf(stderr, "%s\n", rducc_code_name(rducc_status_code(status)));
  for (uint32_t i = 0; i < rducc_status_num_diagnostics(status); ++i) {
    const rducc_diagnostic* reason = rducc_status_diagnostic(status, i);
    fprintf(stderr, "  %s '%s': %s\n", reason->op_type, reason->node, reason->message);
  }
  rducc_status_destroy(status);
  return 0;
}

/* An application would have the bytes already: from a download, a database, an editor. */
static void* read_bytes(const char* path, uint64_t* size) {
  FILE* file = fopen(path, "rb");
  void* bytes = NULL;
  if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
    *size = (uint64_t)ftell(file);
    rewind(file);
    bytes = malloc(*size);
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
      free(bytes);
      bytes = NULL;
    }
  }
  if (file != NULL) fclose(file);
  if (bytes == NULL) fprintf(stderr, "cannot read %s\n", path);
  return bytes;
}

static int32_t show(void* user, double share, const char* what) {
  (void)user;
  fprintf(stderr, "%3.0f %% %s\n", 100 * share, what);
  return 0; /* anything else cancels */
}

/* The model came from outside: bounds on what it may take. The bytes are not needed afterwards. */
static rducc_output* compile(const void* model, uint64_t size) {
  const rducc_limits limits = {.header = RDU_HEADER(rducc_limits),
                               .model_bytes = 16 << 20,
                               .constant_bytes = 64 << 20,
                               .artifact_bytes = 64 << 20};
  const rducc_request request = {.header = RDU_HEADER(rducc_request),
                                 .model_path = "digits",
                                 .model = {model, size},
                                 .limits = &limits,
                                 .progress = show};
  rducc_output* output = NULL;
  return compiled(rducc_compile(&request, &output)) ? output : NULL;
}

/* White on black, a bar and a slanted stroke. */
static void draw_seven(float image[28][28]) {
  for (int x = 7; x < 20; ++x) image[5][x] = image[6][x] = 1;
  for (int y = 7; y < 24; ++y) image[y][21 - y / 2] = image[y][22 - y / 2] = 1;
}

static int run(rdu_program* program) {
  static _Alignas(64) float image[28][28];
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
  if (!ok(rdu_run(program, &args))) return 0;
  int digit = 0;
  for (int i = 1; i < 10; ++i) digit = probabilities[i] > probabilities[digit] ? i : digit;
  printf("digit %d (%.1f %%)\n", digit, 100 * probabilities[digit]);
  return digit == 7;
}

/* The artifact is used where it is: the output must stay until program and artifact have gone. */
static int open_and_run(rdu_bytes artifact_bytes) {
  rdu_context* context = NULL;
  rdu_device* device = NULL;
  rdu_artifact* artifact = NULL;
  rdu_program* program = NULL;
  const int done = ok(rdu_context_create(NULL, &context)) &&
                   ok(rdu_device_open(context, "cpu:", &device)) &&
                   ok(rdu_artifact_open_memory(context, artifact_bytes.data, artifact_bytes.size,
                                               NULL, &artifact)) &&
                   ok(rdu_program_load(artifact, &device, 1, NULL, &program)) && run(program);
  rdu_program_destroy(program);
  rdu_artifact_close(artifact);
  rdu_device_close(device);
  rdu_context_destroy(context);
  return done;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s digits.onnx\n", argv[0]);
    return 2;
  }
  uint64_t size = 0;
  void* model = read_bytes(argv[1], &size);
  if (model == NULL) return 1;
  rducc_output* output = compile(model, size);
  free(model);
  rdu_bytes artifact = {0};
  const int done = output != NULL && compiled(rducc_output_get_bytes(output, &artifact)) &&
                   open_and_run(artifact);
  rducc_output_destroy(output);
  return done ? 0 : 1;
}
