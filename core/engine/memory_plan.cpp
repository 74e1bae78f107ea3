#include "engine/memory_plan.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace calotype {
namespace {

constexpr std::array<std::string_view, 3> kMemories{"full", "model_offload", "block_offload"};
constexpr std::array<std::string_view, 4> kQuantizations{"none", "int8", "fp8", "nf4"};

template <size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return int(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string first_memory(MemoryChoice choice) {
  switch (choice) {
    case MemoryChoice::automatic:
    case MemoryChoice::full:
    case MemoryChoice::force:
      break;
    case MemoryChoice::model_offload:
      return "model_offload";
    case MemoryChoice::block_offload:
      return "block_offload";
  }
  return "full";
}

/// What the libraries take once they compute: code and tables that were not touched before. Measured: 30 to 44 MiB.
constexpr uint64_t kFirstUse = uint64_t(26) << 20;

/// Whether the plan chooses where the weights are.
bool is_open(const ResolvedConfig& config) {
  return config.memory == MemoryChoice::automatic || config.memory == MemoryChoice::force;
}

std::string mib(uint64_t bytes) {
  return std::to_string((bytes + (1 << 19)) >> 20) + " MiB";
}

using Need = std::function<MemoryNeed(const LoadOptions&)>;

/// What keys that are not used yet would bring the peak down to: "; quantize: int8 would take 40 MiB, ...", or "".
std::string ways_out(const LoadOptions& now, uint64_t peak, const Need& need) {
  std::string out;
  const auto consider = [&](const std::string& key, const LoadOptions& other) {
    if (const uint64_t less = need(other).peak; less < peak)
      out += (out.empty() ? "; " : ", ") + key + " would take " + mib(less);
  };
  LoadOptions other = now;
  if (other.memory = Memory::block_offload; other.memory != now.memory) consider("memory: block_offload", other);
  other = now;
  if (other.quantize = Quantization::int8; now.quantize == Quantization::none) consider("quantize: int8", other);
  other = now;
  if (other.tiled_decode = true; !now.tiled_decode) consider("vae_tiling: on", other);
  return out;
}

}  // namespace

MemoryState MemoryState::now(const at::Device& device, const std::vector<TakenMemory>& held, bool has_run) {
  MemoryState state{free_memory(device), device.is_cpu() ? resident_memory() : 0, 0, device.is_cpu() && !has_run};
  for (const auto& [all, anonymous] : held) state.free += anonymous, state.held += all;
  return state;
}

LoadOptions load_options(const MemoryPlan& plan, const Placement& placement) {
  return {placement.device, placement.dtype, Memory(index_of(kMemories, plan.memory)),
          Quantization(index_of(kQuantizations, plan.quantize)), plan.tiled_decode};
}

std::string step_down(LoadOptions& options, const ResolvedConfig& config) {
  if (!options.tiled_decode && config.vae_tiling != VaeTiling::off) {
    options.tiled_decode = true;
    return "vae_tiling: on";
  }
  if (options.memory == Memory::block_offload) return "";
  options.memory = Memory(int(options.memory) + 1);
  return "memory: " + std::string(kMemories[size_t(options.memory)]);
}

MemoryPlan plan_memory(const ResolvedConfig& config, const Placement& placement, const MemoryState& state,
                       const Need& need, std::vector<std::string>& warnings) {
  MemoryPlan plan{first_memory(config.memory), std::string(kQuantizations[size_t(config.quantize)]),
                  config.vae_tiling == VaeTiling::on, 0, state.free};
  LoadOptions options = load_options(plan, placement);
  uint64_t peak = need(options).peak;
  const auto fits = [&] { return peak <= plan.free_bytes || plan.free_bytes == 0; };  // 0: nobody knows
  for (LoadOptions next = options; !fits() && !step_down(next, config).empty();) {
    if (next.memory != options.memory && !is_open(config)) break;
    options = next;
    peak = need(options).peak;
  }
  plan.memory = kMemories[size_t(options.memory)];
  plan.tiled_decode = options.tiled_decode;
  if (!peak) return plan;
  plan.predicted_peak_bytes =
      peak + state.resident - std::min(state.resident, state.held) + (state.is_first ? kFirstUse : 0);
  if (fits()) return plan;
  plan.fits = false;
  warnings.push_back("memory: the run is predicted to take " + mib(peak) + ", and " + mib(plan.free_bytes) +
                     " are free" + ways_out(options, peak, need));
  return plan;
}

}  // namespace calotype
