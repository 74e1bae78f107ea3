// What must hold of this sampler, beyond what `calotype plugin check` asks of every one: it is of second order.
#include "@file@"

#include <calotype/trial.h>

using calotype::trial::want;

int main() {
  calotype::trial::Trial trial(kInfo);
  const double ratio = trial.error(solve, 40) / trial.error(solve, 80);
  want(ratio > 3.4 && ratio < 4.6, "twice the steps, a quarter of the error");
  want(trial.model_evaluations() == 80, "one model evaluation a step");

  trial.set("strength", 0);
  const double euler = trial.error(solve, 40) / trial.error(solve, 80);
  want(euler > 1.7 && euler < 2.3, "without the last slope it is Euler's method: half of the error");
}
