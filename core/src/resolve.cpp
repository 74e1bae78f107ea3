#include <calotype/host/config.h>

#include "choose.h"
#include "config_keys.h"
#include "config_tree.h"
#include "model_choice.h"
#include "output_path.h"
#include "parse_number.h"
#include "plugin_folders.h"
#include "read_value.h"

namespace calotype {
namespace {

using yaml::Node;

std::string default_id(std::string_view key) {
  return std::get<std::string>(find_key(key)->info.default_value);
}

/// Puts a value where its key's target says.
struct Assign {
  ResolvedConfig& out;
  const Node& node;
  Wanted wanted;

  void operator()(std::monostate) const {}
  void operator()(bool Request::*member) const { out.request.*member = read_boolean(node, wanted); }
  void operator()(int Request::*member) const { out.request.*member = int(read_integer(node, wanted)); }
  void operator()(uint64_t Request::*member) const { out.request.*member = uint64_t(read_integer(node, wanted)); }
  void operator()(double Request::*member) const { out.request.*member = read_number(node, wanted); }
  void operator()(std::string Request::*member) const { out.request.*member = read_text(node, wanted); }
  void operator()(std::optional<std::string> Request::*member) const { out.request.*member = read_text(node, wanted); }
  void operator()(std::optional<Size> Request::*member) const { out.request.*member = read_pair(node, wanted); }
  void operator()(InitialNoise Request::*member) const { out.request.*member = InitialNoise(read_choice(node, wanted)); }
  void operator()(std::string ResolvedConfig::*member) const {
    if (wanted.info.type == SettingInfo::Type::choice)
      out.*member = wanted.info.choices[read_choice(node, wanted)];
    else
      out.*member = read_text(node, wanted);
  }
};

void check_device(const Node& node) {
  const std::string_view text = node.text;
  const auto number = text.starts_with("cuda:") ? parse_integer(text.substr(5)) : std::nullopt;
  const bool is_numbered = number && text.find_first_not_of("0123456789", 5) == text.npos && *number < 64;
  if (node.kind != Node::Kind::scalar || (text != "auto" && text != "cpu" && text != "cuda" && !is_numbered))
    fail_unwanted(node, "device", "auto, cpu, cuda or cuda:N");
}

class Resolver {
 public:
  Resolver(const ConfigTree& tree, const Catalog& catalog) : tree_(tree), catalog_(catalog) {}

  ResolvedConfig run() {
    for (const auto& [key, value] : tree_.root.members) read(key, value);
    for (const char* name : {"model", "prompt"})
      if (!tree_.root.find(name)) throw Error(ErrorCode::config, tree_.name + ": missing key \"" + name + "\"");
    complete_choices();
    check_prompts();
    check_seeds();
    check_outputs();
    return std::move(out_);
  }

 private:
  void read(const Node& key, const Node& value) {
    const std::string& name = key.text;
    if (name == "model")
      read_model(tree_, catalog_, value, out_);
    else if (name == "pipeline")
      out_.pipeline = read_choice(catalog_, Kind::pipeline, value);
    else if (name == "scheduler")
      out_.scheduler = read_choice(catalog_, Kind::scheduler, value);
    else if (name == "sampler")
      out_.sampler = read_choice(catalog_, Kind::sampler, value);
    else if (name == "output")
      read_output(value);
    else if (name == "plugins")
      out_.plugin_paths = read_plugin_folders(tree_);
    else
      read_plain(key, value);
  }

  void read_plain(const Node& key, const Node& value) {
    const Key* found = section_of(key.text).empty() ? find_key(key.text) : nullptr;
    if (!found) fail_unknown_key(key, "", top_level_names());
    if (key.text == "device") check_device(value);
    std::visit(Assign{out_, value, {key.text, found->info, found->multiple_of}}, found->target);
  }

  void read_output(const Node& section) {
    if (section.kind != Node::Kind::map) fail_unwanted(section, "output", "a path, or a map with path and latents");
    for (const auto& [key, value] : section.members) {
      if (key.text == "path")
        out_.output = read_name(value, "output.path", "a path");
      else if (key.text == "latents")
        out_.latents = read_name(value, "output.latents", "a path");
      else
        fail_unknown_key(key, "output", names_in("output"));
    }
  }

  void complete_choices() {
    const bool has_sampler = tree_.root.find("sampler"), has_scheduler = tree_.root.find("scheduler");
    if (!tree_.root.find("pipeline"))
      out_.pipeline = choose(catalog_, Kind::pipeline, default_id("pipeline.id"), tree_.name);
    if (!has_sampler && !has_scheduler)
      out_.scheduler = choose(catalog_, Kind::scheduler, default_id("scheduler.id"), tree_.name);
    else if (!has_scheduler)
      out_.scheduler = partner_of(out_.sampler.entry, Kind::scheduler);
    if (!has_sampler) out_.sampler = partner_of(out_.scheduler.entry, Kind::sampler);
  }

  Choice partner_of(const EntryInfo& entry, Kind kind) const {
    const std::string given(name_of(entry.kind)), wanted(name_of(kind));
    const Node* section = tree_.root.find(given);
    const std::string place = section ? yaml::place(*section->find("id")) : tree_.name;
    const std::string whose = place + ": " + given + " \"" + entry.id + "\" ";
    if (entry.pairs_with.empty())
      throw Error(ErrorCode::config, whose + "has no usual " + wanted + "; add the key \"" + wanted + "\"");
    if (catalog_.find(kind, entry.pairs_with).empty())
      throw Error(ErrorCode::config, whose + "is usually paired with " + wanted + " \"" + entry.pairs_with +
                                         "\", which no plugin offers; add the key \"" + wanted + "\"");
    return choose(catalog_, kind, entry.pairs_with, place);
  }

  void check_prompts() const {
    const Node* second = tree_.root.find("negative_prompt_2");
    if (second && !out_.request.negative_prompt)
      yaml::fail(*second, "negative_prompt_2: want negative_prompt too, got none; this one would be ignored");
  }

  /// Each picture's seed must be one that a config can say.
  void check_seeds() const {
    const Node* seed = tree_.root.find("seed");
    const uint64_t largest = uint64_t(INT64_MAX) - uint64_t(out_.request.images - 1);
    if (seed && out_.request.seed > largest)
      yaml::fail(*seed, "seed: want at most " + std::to_string(largest) + " for " + std::to_string(out_.request.images) +
                            " images, got \"" + seed->text + "\"");
  }

  void check_outputs() const {
    check_output("path", out_.output, ".png", out_.request.images);
    if (out_.latents) check_output("latents", *out_.latents, ".safetensors", 1);  // one file for all images
  }
  void check_output(const std::string& name, const std::string& path, const char* ending, int images) const {
    const std::string problem = output_path_problem(path, ending, images);
    if (problem.empty()) return;
    const Node* section = tree_.root.find("output");
    yaml::fail(*section->find(name), "output." + name + ": " + problem);
  }

  const ConfigTree& tree_;
  const Catalog& catalog_;
  ResolvedConfig out_;
};

}  // namespace

ResolvedConfig resolve(const Config& config, const Catalog& catalog) {
  return Resolver(config.tree(), catalog).run();
}

}  // namespace calotype
