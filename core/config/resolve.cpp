#include <calotype/host/config.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <set>

#include "base/error_list.h"
#include "base/parse_number.h"
#include "config/config_keys.h"
#include "config/config_tree.h"
#include "config/declared_keys.h"
#include "config/read_choice.h"
#include "config/read_model.h"
#include "config/read_paths.h"
#include "config/read_restart.h"
#include "models/loader_match.h"
#include "output/output_path.h"
#include "registry/choice.h"
#include "schedule/restart.h"
#include "yaml/read_value.h"

namespace calotype {
namespace {

using yaml::Node;

/// Images that are variations have one seed.
constexpr const char* kVariationOutput = "{prompt}-{seed}-{variation_seed}.png";

std::string default_id(std::string_view key) {
  return std::get<std::string>(find_key(key)->info.default_value);
}

/// "a, b and c", where `last` is " and ".
std::string joined(const std::vector<std::string>& names, const std::string& last) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "" : i + 1 == names.size() ? last : ", ") + names[i];
  return out;
}

/// Whether a section names its entry, or is none, which is reported where it is read.
bool has_id(const Node& section) {
  return section.kind != Node::Kind::map || section.find("id");
}

NoiseKind noise_of(const EntryInfo& sampler) {
  if (sampler.noise == "brownian") return NoiseKind::brownian;
  return sampler.noise == "philox" ? NoiseKind::philox : NoiseKind::torch;
}

class Resolver {
 public:
  Resolver(const ConfigTree& tree, const Catalog& catalog, const ModelSearchPath& search)
      : tree_(tree), catalog_(catalog), search_(search), errors_(tree.errors) {}

  /// Throws all that is wrong at once; what depends on a key that is wrong is not asked.
  ResolvedConfig run() {
    attempt({"model_paths", "models_dir"}, [&] { search_ = read_model_search_path(tree_, search_); });
    attempt({"plugins"}, [&] { read_plugins(); });
    for (const auto& [key, value] : tree_.root.members)
      if (decides_keys(key.text)) read_key(key, value);
    attempt_after({"pipeline"}, "pipeline", [&] { complete_pipeline(); });
    find_keys();
    for (const auto& [key, value] : tree_.root.members)
      if (!decides_keys(key.text)) read_key(key, value);
    complete_options(keys_, out_.request);
    for (const char* name : {"model", "prompt"})
      if (!tree_.root.find(name))
        errors_.run([&] { throw Error(ErrorCode::config, tree_.name + ": missing key \"" + name + "\""); });
    attempt_after({"pipeline", "scheduler", "sampler"}, "sampler", [&] { complete_choices(); });
    attempt_after({"sampler", "steps"}, "restart", [&] { complete_restart(); });
    attempt_after({"sampler", "scheduler", "restart", "refiner", "denoising_end"}, "", [&] { check_pair(); });
    check_wanted_keys();
    attempt_after({"prompt_syntax", "expand_prompts"}, "", [&] { check_prompts(); });
    attempt_after({"guidance_start", "guidance_end"}, "", [&] { check_guidance(); });
    attempt_after({"seed", "images", "variation_seed", "variation_strength"}, "", [&] { check_seeds(); });
    attempt_after({"output", "images", "variation_seed", "variation_strength"}, "", [&] {
      complete_outputs();
      check_outputs();
    });
    errors_.sort(tree_.name);
    errors_.check();
    return std::move(out_);
  }

 private:
  using Names = std::initializer_list<const char*>;

  /// Runs a step; where it fails, all these keys are wrong.
  template <class Step>
  void attempt(Names keys, Step step) {
    if (!errors_.run(step)) wrong_.insert(keys.begin(), keys.end());
  }
  /// The same, where none of those that it needs is wrong.
  template <class Step>
  void attempt_after(Names needed, const char* key, Step step) {
    if (std::none_of(needed.begin(), needed.end(), [&](const char* name) { return wrong_.contains(name); }))
      attempt({key}, step);
  }
  void read_key(const Node& key, const Node& value) {
    const bool needs_search = key.text == "model" || key.text == "refiner";
    if (needs_search && wrong_.contains("models_dir")) return;
    if (!errors_.run([&] { read(key, value); })) wrong_.insert(key.text);
  }

  /// Whether which keys a config may have depends on this one.
  static bool decides_keys(const std::string& name) { return name == "model" || name == "pipeline"; }

  void complete_pipeline() {
    if (!is_chosen("pipeline"))
      out_.pipeline = with_settings(choose(catalog_, Kind::pipeline, default_id("pipeline.id"), tree_.name));
  }

  /// Those of the loader and the pipeline; of all, where one of the two is not known.
  void find_keys() {
    const bool are_known = !out_.loader.entry.id.empty() && !out_.pipeline.entry.id.empty();
    keys_ = are_known ? keys_of(out_) : keys_of(catalog_);
  }

  void read(const Node& key, const Node& value) {
    const std::string& name = key.text;
    if (name == "model")
      read_listed_model(value, out_, "model");
    else if (name == "pipeline")
      read_chosen(Kind::pipeline, value, out_.pipeline);
    else if (name == "scheduler")
      read_chosen(Kind::scheduler, value, out_.scheduler);
    else if (name == "sampler")
      read_chosen(Kind::sampler, value, out_.sampler);
    else if (name == "output")
      read_output(value);
    else if (name == "refiner")
      read_refiner(value);
    else if (name != "plugins")
      read_plain(key, value);
  }

  /// Who makes the catalog has asked for the vendors; here they are only checked.
  void read_plugins() { out_.plugin_paths = checked_plugin_folders(tree_); }

  /// Whether plugins that cannot be read may offer what the catalog lacks: then it is not said to be unknown.
  bool may_be_unlisted(Kind kind, const Node& id) const {
    return wrong_.contains("plugins") && id.kind == Node::Kind::scalar && catalog_.find(kind, id.text).empty();
  }

  void read_listed_model(const Node& section, ResolvedConfig& out, const std::string& key) const {
    const Node* path = section.find("path");
    if (wrong_.contains("plugins") && section.kind == Node::Kind::map && path) {
      const Node* loader = section.find("loader");
      const std::string found = locate_model(tree_, catalog_, search_, *path, key).path;
      if (loader ? may_be_unlisted(Kind::loader, *loader) : !is_accepted(catalog_, found)) return;
    }
    read_model(tree_, catalog_, search_, section, out, key);
  }

  void read_plain(const Node& key, const Node& value) {
    const Key* found = section_of(key.text).empty() ? find_key(keys_, key.text) : nullptr;
    if (found) return assign(*found, value);
    if (!key.text.empty() && !names_in(keys_, key.text).empty()) return read_declared_section(key, value);
    if (!key.text.empty()) fail_if_others_take(key);
    fail_unknown_key(key, "", top_level_names(keys_), "calotype list keys");
  }

  /// Of keys that a loader or pipeline declares in a section.
  void read_declared_section(const Node& key, const Node& section) {
    if (section.kind != Node::Kind::map)
      fail_unwanted(section, key.text, "a map with " + joined(names_in(keys_, key.text), " and "));
    for (const Key& declared : keys_)
      if (section_of(declared.info.name) == key.text && !std::isnan(declared.info.implied))
        out_.request.options.set(declared.info.name, declared.info.implied);
    read_members(section, key.text);
  }

  /// Throws where a loader or pipeline that the config has not chosen declares the key, or keys in a section of its
  /// name.
  void fail_if_others_take(const Node& key) const {
    for (const auto& [kind, chosen, choose_by] : {std::tuple(Kind::pipeline, &out_.pipeline.entry, "pipeline"),
                                                  {Kind::loader, &out_.loader.entry, "model.loader"}}) {
      std::vector<std::string> takers;
      for (const EntryInfo* e : catalog_.of(kind))
        if (std::any_of(e->request.begin(), e->request.end(),
                        [&](const SettingInfo& s) { return s.name == key.text || section_of(s.name) == key.text; }))
          takers.push_back(e->id);
      if (!takers.empty())
        yaml::fail(
            key, key.text + ": " + chosen->id + " does not use it; want " + choose_by + ": " + joined(takers, " or "));
    }
  }

  /// Nothing for models_dir and model_paths, which are read first, and restart, which depends on steps and the sampler.
  void assign(const Key& key, const Node& value) {
    if (key.read) key.read(tree_, value, {key.info.name, key.info, key.multiple_of}, out_);
  }

  void read_members(const Node& section, const std::string& name) {
    for_each_member(section, [&](const Node& key, const Node& value) {
      const Key* found = find_key(keys_, name + "." + key.text);
      if (!found) fail_unknown_key(key, name, names_in(keys_, name));
      assign(*found, value);
    });
  }

  void read_refiner(const Node& section) {
    if (section.kind != Node::Kind::map) fail_unwanted(section, "refiner", "a map with model and start or start_step");
    out_.request.refiner_start = 0.8;
    read_members(section, "refiner");
    const Node *start = section.find("start"), *step = section.find("start_step");
    if (start && step) yaml::fail(*step, "refiner.start_step: want either it or start, got both");
    Node model = want_key(section, "refiner", "model");
    if (model.kind == Node::Kind::scalar) {  // as a path alone stands for a model
      Node path = model, name = model;
      name.text = "path";
      model.kind = Node::Kind::map;
      model.members.emplace_back(std::move(name), std::move(path));
    }
    ResolvedConfig found;
    read_listed_model(model, found, "refiner.model");
    out_.refiner = found.model;
    out_.refiner_loader = found.loader;
  }

  void read_output(const Node& section) {
    if (section.kind != Node::Kind::map)
      fail_unwanted(section, "output", "a path, or a map with path, exists, model_hash and latents");
    read_members(section, "output");
  }

  /// Throws what is wrong with any of them.
  template <class Read>
  static void for_each_member(const Node& section, Read read) {
    ErrorList errors;
    for (const auto& member : section.members) errors.run([&] { read(member.first, member.second); });
    errors.check();
  }

  void complete_choices() {
    const bool has_sampler = is_chosen("sampler"), has_scheduler = is_chosen("scheduler");
    if (!has_sampler && !has_scheduler)
      out_.scheduler = with_settings(choose(catalog_, Kind::scheduler, default_id("scheduler.id"), tree_.name));
    else if (!has_scheduler)
      out_.scheduler = with_settings(partner_of(out_.sampler.entry, Kind::scheduler));
    if (!has_sampler) out_.sampler = with_settings(partner_of(out_.scheduler.entry, Kind::sampler));
    const EntryInfo& sampler = out_.sampler.entry;
    if (out_.noise == NoiseKind::automatic) out_.noise = noise_of(sampler);
  }

  void complete_restart() {
    const int steps = out_.request.steps;
    const std::string& usual = out_.sampler.entry.restart;
    if (const Node* given = tree_.root.find("restart"))
      out_.restart = read_restart(*given, steps);
    else if (!usual.empty())
      out_.restart = usual_restart(out_.sampler.entry, steps);
  }

  static Restart usual_restart(const EntryInfo& sampler, int steps) {
    try {
      return restart_preset(sampler.restart, steps);
    } catch (const Error& e) {
      throw Error(e.code(), sampler.library + ": sampler \"" + sampler.id + "\": its manifest declares " + e.what() +
                                "; use a newer host, or give restart in the config");
    }
  }

  /// What a sampler that chooses its own sigmas cannot be asked for.
  void check_pair() const {
    const EntryInfo& sampler = out_.sampler.entry;
    if (!sampler.has_own_steps) return;
    const auto refuse = [&](const char* key, const std::string& what) {
      const Node* section = tree_.root.find(key);
      throw Error(ErrorCode::config, (section ? yaml::position(*section) : tree_.name) + ": sampler \"" + sampler.id +
                                         "\" chooses its own sigmas between the first and the last; " + what);
    };
    if (out_.scheduler.entry.is_by_hand)
      refuse("scheduler",
             "scheduler \"" + out_.scheduler.entry.id +
                 "\" gives each by hand; want another scheduler, such as karras with sigma_min and sigma_max");
    if (!out_.restart.segments.empty())
      refuse("restart", "restart wants those of the schedule; want another sampler, such as dpmpp_2m");
    if (!out_.refiner.empty())
      refuse("refiner", "a refiner takes over at one of the schedule; want another sampler, such as dpmpp_2m");
    if (const Value* end = out_.request.options.find("denoising_end"); end && *end != Value(1.0))
      refuse("denoising_end", "denoising_end ends at one of the schedule; want another sampler, such as dpmpp_2m");
  }

  bool is_chosen(const char* name) const {
    const Node* section = tree_.root.find(name);
    return section && has_id(*section);
  }

  /// A section of settings alone waits: which entry they are for depends on the other sections.
  void read_chosen(Kind kind, const Node& section, Choice& out) {
    const Node* id = section.find("id");
    if (id && may_be_unlisted(kind, *id))
      wrong_.emplace(name_of(kind));
    else if (has_id(section))
      out = read_choice(catalog_, kind, section);
  }

  /// An entry that no section names, with the settings that are given all the same: --set scheduler.rho=5.
  Choice with_settings(Choice choice) const {
    const std::string name(name_of(choice.entry.kind));
    if (const Node* section = tree_.root.find(name)) read_settings(*section, name, choice);
    return choice;
  }

  Choice partner_of(const EntryInfo& entry, Kind kind) const {
    const std::string given(name_of(entry.kind)), wanted(name_of(kind));
    const Node* section = tree_.root.find(given);
    const Node* id = section ? section->find("id") : nullptr;
    const std::string position = id ? yaml::position(*id) : tree_.name;
    const std::string whose = position + ": " + given + " \"" + entry.id + "\" ";
    if (entry.pairs_with.empty())
      throw Error(ErrorCode::config, whose + "has no usual " + wanted + "; add the key \"" + wanted + "\"");
    if (catalog_.find(kind, entry.pairs_with).empty())
      throw Error(ErrorCode::config, whose + "is usually paired with " + wanted + " \"" + entry.pairs_with +
                                         "\", which no plugin offers; add the key \"" + wanted + "\"");
    return choose(catalog_, kind, entry.pairs_with, position);
  }

  void check_prompts() const {
    const Node* wildcards = tree_.root.find("wildcards");
    if (wildcards && (out_.request.prompt_syntax == PromptSyntax::plain || !out_.expand_prompts))
      yaml::fail(*wildcards,
                 "wildcards: want prompt_syntax a1111 or comfyui and expand_prompts too; this would be ignored");
  }

  void check_guidance() const {
    const Request& r = out_.request;
    if (r.guidance_start < r.guidance_end) return;
    const Node *start = tree_.root.find("guidance_start"), *end = tree_.root.find("guidance_end");
    if (start) fail_unwanted(*start, "guidance_start", "less than guidance_end, " + format_number(r.guidance_end));
    fail_unwanted(*end, "guidance_end", "more than guidance_start, 0");
  }

  void check_wanted_keys() {
    for (const Key& key : keys_) {
      const Node* given = key.wants.empty() ? nullptr : tree_.root.find(key.info.name);  // none of one in a section
      if (given && !tree_.root.find(key.wants) && !wrong_.contains(key.info.name))
        attempt({key.info.name.c_str()}, [&] {
          yaml::fail(*given, key.info.name + ": want " + key.wants + " too, got none; this would be ignored");
        });
    }
  }

  /// Each image's seed must be one that a config can give.
  void check_seeds() const {
    const Request& r = out_.request;
    check_seed("seed", r.variation_strength > 0 ? 0 : r.seed);
    check_seed("variation_seed", r.variation_seed.value_or(0));
  }
  void check_seed(const char* name, uint64_t first) const {
    const Node* seed = tree_.root.find(name);
    const uint64_t largest = uint64_t(INT64_MAX) - uint64_t(out_.request.images - 1);
    if (seed && first > largest)
      yaml::fail(*seed, std::string(name) + ": want at most " + std::to_string(largest) + " for " +
                            std::to_string(out_.request.images) + " images, got \"" + seed->text + "\"");
  }

  /// A name that nobody gave keeps out of the way of others; one that somebody gave is meant.
  void complete_outputs() {
    const Node* section = tree_.root.find("output");
    if (!section || !section->find("exists"))
      out_.exists = section && section->find("path") ? IfExists::error : IfExists::number;
    if (out_.latents && out_.exists == IfExists::skip)
      yaml::fail(
          *section->find("exists"),
          "output.exists: skip leaves images out, and output.latents wants those of all; want another, or no latents");
    if (out_.request.variation_strength > 0 && !(section && section->find("path"))) out_.output = kVariationOutput;
    out_.name = tree_.name;
    out_.time = now();
  }

  void check_outputs() const {
    check_output("path", out_.output, ".png", out_.request.images);
    if (out_.latents) check_output("latents", *out_.latents, ".safetensors", 1);  // one file for all images
  }
  void check_output(const std::string& name, const std::string& path, const char* ending, int images) const {
    const Variations variations{.seed = out_.request.variation_seed.has_value(),
                                .strength = out_.request.variation_strength > 0};
    const std::string problem = output_path_problem(path, ending, images, variations);
    if (problem.empty()) return;
    const Node* section = tree_.root.find("output");
    yaml::fail(*section->find(name), "output." + name + ": " + problem);
  }

  const ConfigTree& tree_;
  const Catalog& catalog_;
  ModelSearchPath search_;
  ResolvedConfig out_;
  std::vector<Key> keys_;
  ErrorList errors_;
  std::set<std::string> wrong_;  ///< keys
};

}  // namespace

ResolvedConfig resolve(const Config& config, const Catalog& catalog, const ModelSearchPath& search) {
  return Resolver(config.tree(), catalog, search).run();
}

}  // namespace calotype
