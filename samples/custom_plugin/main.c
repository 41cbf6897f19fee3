/* Runs the digit model on a device of our own, with cpu: for what it declines, and shows who took what and why.
 * Usage: custom_plugin digits.rdu */
#include <rdu/rdu.h>
#include <stdio.h>

/* Consumes the status of a call: says what went wrong, and answers whether nothing did. */
static int ok(rdu_status* status) {
  if (status == NULL) return 1;
  fprintf(stderr, "%s: %s\n", rdu_code_name(rdu_status_code(status)), rdu_status_message(status));
  rdu_status_destroy(status);
  return 0;
}

/* One line per section: its device, and what the devices before it said. Counts the sections of the first device. */
static int print_placement(const rdu_placement* placement, uint32_t* out_taken) {
  *out_taken = 0;
  for (uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    rdu_section_info section = {.header = RDU_HEADER(rdu_section_info)};
    if (!ok(rdu_placement_get_section(placement, i, &section))) return 0;
    if (section.device == 0) ++*out_taken;
    printf("section %2u  %-8s", section.section,
           rdu_placement_device_uri(placement, section.device));
    for (uint32_t r = 0; r < section.refusals.count; ++r) {
      const rdu_refusal* refusal = RDU_AT(rdu_refusal, section.refusals, r);
      printf(" (%s declined: %s, %s)", rdu_placement_device_uri(placement, refusal->device),
             rdu_reason_name(refusal->reason), refusal->detail);
    }
    printf("\n");
  }
  return 1;
}

/* A seven, white on black. */
static int classify(rdu_program* program) {
  static _Alignas(64) float image[28][28];
  for (int x = 7; x < 20; ++x) image[5][x] = image[6][x] = 1;
  for (int y = 7; y < 24; ++y) image[y][21 - y / 2] = image[y][22 - y / 2] = 1;

  rdu_tensor in = {.header = RDU_HEADER(rdu_tensor),
                   .data = image,
                   .dtype = RDU_DTYPE_F32,
                   .rank = 4,
                   .shape = {1, 1, 28, 28}};
  float probabilities[10] = {0};
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

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s digits.rdu\n", argv[0]);
    return 2;
  }
  /* A plugin is found through its path here; a directory, or RDU_PLUGIN_PATH, would do as well. */
  const char* const plugins[] = {MAPPER_PLUGIN};
  const rdu_context_options options = {
      .header = RDU_HEADER(rdu_context_options), .plugin_paths = plugins, .num_plugin_paths = 1};
  rdu_context* context = NULL;
  rdu_device* devices[2] = {NULL, NULL};
  rdu_artifact* artifact = NULL;
  rdu_program* program = NULL;
  uint32_t taken = 0;
  const int done = ok(rdu_context_create(&options, &context)) &&
                   ok(rdu_device_open(context, "mapper:", &devices[0])) &&
                   ok(rdu_device_open(context, "cpu:", &devices[1])) &&
                   ok(rdu_artifact_open(context, argv[1], NULL, &artifact)) &&
                   ok(rdu_program_load(artifact, devices, 2, NULL, &program)) &&
                   print_placement(rdu_program_get_placement(program), &taken) && classify(program);
  if (done) printf("%u sections ran on mapper:\n", taken);
  rdu_program_destroy(program);
  rdu_artifact_close(artifact);
  rdu_device_close(devices[1]);
  rdu_device_close(devices[0]);
  rdu_context_destroy(context);
  return done && taken > 0 ? 0 : 1;
}
