/* What must hold of these numbers, beyond what `calotype plugin check` asks of every scheduler. */
#include "@file@"

#include <stdio.h>
#include <string.h>

static int failed = 0;
static void want(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "@name@: does not hold: %s\n", what);
  failed = 1;
}

int main(void) {
  double trained[1000], sigmas[1001];
  for (int t = 0; t < 1000; ++t) trained[t] = 0.03 * pow(14.6 / 0.03, t / 999.0);
  const calotype_noise_levels levels = {sizeof levels, 1000, trained};
  const calotype_setting strength = {.size = sizeof strength, .type = CALOTYPE_NUMBER, .name = "strength", .number = 1};
  const calotype_setting* const values[] = {&strength};
  const calotype_settings settings = {sizeof settings, 1, values};
  calotype_message message = {.size = sizeof message};
  for (uint32_t steps = 1; steps <= 1000; ++steps) {
    want(schedule(steps, &levels, &settings, sigmas, &message) == CALOTYPE_OK, "it has an answer for 1 to 1000 steps");
    want(sigmas[0] == trained[999] && sigmas[steps] == 0, "it begins at the largest sigma and ends at 0");
    for (uint32_t i = 0; i < steps; ++i) want(sigmas[i] > sigmas[i + 1], "sigmas fall");
  }

  trained[0] = 0;
  want(schedule(8, &levels, &settings, sigmas, &message) == CALOTYPE_FAILED, "it refuses a sigma of 0");
  want(strcmp(message.text, "want sigmas that rise from above 0, got 0 to 14.6") == 0, "it reports why");
  message.size = offsetof(calotype_message, text) + 12;
  schedule(8, &levels, &settings, sigmas, &message);
  want(strcmp(message.text, "want sigmas") == 0, "it cuts its reason to the room that it is given");
  return failed;
}
