#include "check/sampler_calls.h"

#include <calotype/json.h>

#include <cstring>

#include "check/child_process.h"
#include "registry/manifest.h"

namespace calotype::check {

bool Sampled::operator==(const Sampled& other) const {
  return status == other.status && message == other.message && x.size() == other.x.size() &&
         std::memcmp(x.data(), other.x.data(), x.size() * sizeof(double)) == 0;
}

SamplerCalls::SamplerCalls(const Subject& subject)
    : opened_(subject),
      entry_(*subject.entry),
      sampler_(static_cast<const calotype_sampler*>(opened_.implementation(entry_))) {}

Sampled SamplerCalls::run(VectorHost& host, const std::vector<double>& sigmas, const Values& values,
                          std::vector<double> x) const {
  const AbiSettings settings(entry_, values);
  calotype_message message{sizeof message, ""};
  calotype_latents* latents = host.lend(std::move(x));
  Sampled out{call(host.table(), *settings.get(), sigmas, &latents, message, values), {}, "", 0};
  message.text[sizeof message.text - 1] = 0;
  out.message = out.status == CALOTYPE_OK ? "" : message.text;
  const auto* numbers = host.numbers(latents);
  if (out.status == CALOTYPE_OK) {
    if (!numbers) throw Broken("it succeeds and returns no latents");
    out.x = *numbers;
  }
  out.leaked = host.held() - (numbers ? 1 : 0);
  return out;
}

Sampled SamplerCalls::run(int steps, const Values& values) const {
  VectorHost host;
  return run(host, usual_sigmas(steps), values);
}

int32_t SamplerCalls::call(const calotype_sampler_host& host, const calotype_settings& settings,
                           std::span<const double> sigmas, calotype_latents** x, calotype_message& message,
                           const Values& values) const {
  now_calls("sampler.sample, " + steps_text(uint32_t(sigmas.size() - 1), values));
  try {
    return sampler_->sample(&host, &settings, uint32_t(sigmas.size() - 1), sigmas.data(), x, &message);
  } catch (...) {
    throw Broken("an exception leaves the plugin; want a status and a message");
  }
}

std::vector<double> usual_sigmas(int n) {
  return falling(n, 14.6, 0.03);
}

Values without_noise(const EntryInfo& entry) {
  Values out;
  for (const auto& s : entry.settings)
    if (s.name == "eta" || s.name == "s_churn") out[s.name] = 0.0;
  return out;
}

Declared declared_by(const Subject& subject) {
  Declared out;
  for (const auto& manifest : manifest_texts(subject.file)) {
    const JsonValue j = JsonValue::parse(manifest.json);
    const auto is = [&](const char* key, std::string_view wanted) {
      return j.find(key) && j.find(key)->as<std::string>() && *j.find(key)->as<std::string>() == wanted;
    };
    if (!is("id", subject.entry->id) || !is("kind", name_of(subject.entry->kind))) continue;
    if (const auto* order = j.find("order")) out.order = order->number();
    const auto* calls = j.find("model_calls") ? j.find("model_calls")->as<JsonValue::List>() : nullptr;
    if (calls && calls->size() == 2) out.calls_a_step = (*calls)[0].number(), out.calls_more = (*calls)[1].number();
  }
  return out;
}

}  // namespace calotype::check
