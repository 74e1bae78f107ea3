#include <calotype/file_kind.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/spelling.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "registry/plugin_rules.h"

namespace calotype::cli {
namespace {
namespace fs = std::filesystem;

/// One library that may be what is asked for.
struct Candidate {
  std::string library;
  const Refusal* refusal = nullptr;  ///< null: accepted
  std::vector<std::string> offers;   ///< of what was asked for, "scheduler karras"; of a refused one all that is known
};

std::string offer(const EntryInfo& e) {
  return std::string(name_of(e.kind)) + " " + e.id;
}

/// Answers for one name or file.
class Answer {
 public:
  Answer(const Catalog& catalog, std::string name) : catalog_(catalog), name_(std::move(name)) {
    is_path_ = has_ending(name_, ".so") || is_file(name_);
    if (!is_path_) return;
    if (!is_there(name_)) throw Error(ErrorCode::no_input, "plugin why: no file \"" + one_line_text(name_) + "\"");
    name_ = fs::canonical(name_);
  }

  /// What is asked for: in this library, or by another name.
  bool is_wanted(const EntryInfo& e) const {
    if (is_path_) return e.library == name_;
    const auto found = catalog_.find(e.kind, name_);
    return e.plugin == name_ || std::find(found.begin(), found.end(), &e) != found.end();
  }
  bool is_wanted(const Refusal& r) const {
    if (is_path_) return r.library == name_;
    const auto same = [&](const std::string& offer) { return offer.ends_with(" " + name_); };
    return r.offers.empty() || fs::path(r.library).stem() == name_ ||
           std::any_of(r.offers.begin(), r.offers.end(), same);
  }

  std::vector<Candidate> candidates(const SearchedFolder& folder) const {
    std::vector<Candidate> out;
    for (const auto& library : folder.libraries) {
      Candidate c{library, nullptr, {}};
      for (const auto& e : catalog_.entries())
        if (e.library == library && is_wanted(e)) c.offers.push_back(offer(e));
      for (const auto& r : catalog_.refusals())
        if (r.library == library && is_wanted(r)) c.refusal = &r;
      if (c.refusal || !c.offers.empty()) out.push_back(std::move(c));
    }
    return out;
  }

  /// The entries that a config gets by that name.
  std::vector<const EntryInfo*> won() const {
    std::vector<const EntryInfo*> out;
    for (const auto& e : catalog_.entries())
      if (is_wanted(e) && catalog_.find(e.kind, is_path_ || e.plugin == name_ ? e.id : name_).size() == 1)
        out.push_back(&e);
    return out;
  }

  /// Of what is asked for, what two libraries offer under one name, as the error of a config reports it.
  std::vector<std::string> clashes() const {
    std::vector<std::string> out;
    for (const auto& e : catalog_.entries()) {
      if (!is_wanted(e)) continue;
      const std::string& name = is_path_ || e.plugin == name_ ? e.id : name_;
      if (catalog_.find(e.kind, name).size() < 2) continue;
      try {
        catalog_.get(e.kind, name);
      } catch (const Error& error) {
        if (std::find(out.begin(), out.end(), error.what()) == out.end()) out.push_back(error.what());
      }
    }
    return out;
  }

  /// Throws the reason why nothing won.
  [[noreturn]] void fail() const {
    for (const auto& e : catalog_.entries())
      if (is_wanted(e)) catalog_.get(e.kind, is_path_ ? e.id : name_);  // offered twice
    for (const auto& r : catalog_.refusals())
      if (is_wanted(r) && (is_path_ || !r.offers.empty() || fs::path(r.library).stem() == name_))
        throw Error(ErrorCode::refused, r.library + ": " + r.reason());
    if (is_path_) fail_path();
    std::vector<std::string> ids, all;
    for (const auto& e : catalog_.entries()) {
      ids.push_back(e.id), all.push_back(e.id), all.push_back(e.plugin);
      all.insert(all.end(), e.aliases.begin(), e.aliases.end());
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    throw Error(ErrorCode::config, unknown_name("plugin or id", name_, ids, all, "calotype list"));
  }

 private:
  [[noreturn]] void fail_path() const {
    const std::string folder = fs::path(name_).parent_path();
    const LibraryManifests manifests = PluginAdmission(PluginRules{}).look_at(name_, folder, false);
    if (manifests.refusal) throw Error(ErrorCode::refused, name_ + ": " + manifests.refusal->reason());
    throw Error(ErrorCode::refused, name_ + ": lies in no folder that is searched: want one of those above, got " +
                                        folder + "; name it in plugins.path or CALOTYPE_PLUGIN_PATH [not_searched]");
  }

  const Catalog& catalog_;
  std::string name_;
  bool is_path_ = false;
};

void print_text(const Catalog& catalog, const Answer& answer) {
  std::printf("searched\n");
  for (const auto& folder : catalog.folders()) {
    const size_t n = folder.libraries.size();
    const std::string found =
        folder.problem.empty() ? std::to_string(n) + (n == 1 ? " library" : " libraries") : folder.problem;
    put_line(stdout, "  " + folder.path + " (" + folder.origin + "): " + found);
    for (const auto& c : answer.candidates(folder)) {
      if (c.refusal)
        put(stdout, to_text(*c.refusal));
      else
        put(stdout, "accepted\n  " + one_line_text(c.library) + "\n  " + one_line_text(joined(c.offers)) + "\n");
    }
  }
  const auto won = answer.won();
  std::printf("%s\n", won.empty() ? "nothing won" : "won");
  for (const EntryInfo* e : won) put_line(stdout, "  " + offer(*e) + ": " + e->library);
  for (const auto& clash : answer.clashes()) put(stdout, "clash\n  " + one_line_text(clash) + "\n");
}

void print_answer(const Catalog& catalog, const Answer& answer, const std::string& name) {
  Json out{{"name", name}, {"folders", Json::array()}, {"won", Json::array()}};
  for (const auto& folder : catalog.folders()) {
    Json f{{"path", folder.path},
           {"origin", folder.origin},
           {"libraries", folder.libraries},
           {"candidates", Json::array()}};
    if (!folder.problem.empty()) f["problem"] = folder.problem;
    for (const auto& c : answer.candidates(folder))
      f["candidates"].push_back(c.refusal ? to_json(*c.refusal)
                                          : Json{{"library", c.library}, {"accepted", true}, {"offers", c.offers}});
    out["folders"].push_back(f);
  }
  for (const EntryInfo* e : answer.won())
    out["won"].push_back({{"kind", std::string(name_of(e->kind))}, {"id", e->id}, {"library", e->library}});
  if (const auto clashes = answer.clashes(); !clashes.empty()) out["clashes"] = clashes;
  print_json(out);
}

}  // namespace

int plugin_why_command(const Arguments& arguments) {
  if (arguments.names.size() != 1)
    throw Error(ErrorCode::usage, "plugin why: want one id or file, got " + std::to_string(arguments.names.size()));
  Host host(host_options(arguments));
  const Catalog catalog = arguments.config.empty() ? host.catalog() : host.catalog(Config::from_file(arguments.config));
  const Answer answer(catalog, arguments.names[0]);
  if (arguments.json)
    print_answer(catalog, answer, arguments.names[0]);
  else
    print_text(catalog, answer);
  if (answer.won().empty()) std::fflush(stdout), answer.fail();
  return 0;
}

}  // namespace calotype::cli
