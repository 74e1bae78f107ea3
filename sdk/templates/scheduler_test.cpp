// What must hold of these numbers, beyond what `calotype plugin check` asks of every scheduler.
#include "@file@"

#include <calotype/trial.h>

using calotype::trial::want;

int main() {
  calotype::trial::Trial trial(kInfo);
  const auto sigmas = trial.sigmas(schedule, 25);
  want(sigmas.front() == trial.levels().back(), "the first sigma is the model's largest");
  want(sigmas.back() == 0, "the last is 0");
  for (int steps = 1; steps <= 1000; ++steps)
    trial.sigmas(schedule, steps);  // ends this program where they do not fall

  trial.set("strength", 0);
  const auto straight = trial.sigmas(schedule, 25);
  want(sigmas[1] / sigmas[0] > straight[1] / straight[0], "it starts more gently than the straight line");
}
