#include "check/runner.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <new>
#include <set>
#include <system_error>
#include <utility>

#include "base/spelling.h"
#include "base/temporary_folder.h"
#include "check/child_process.h"
#include "registry/manifest.h"

namespace calotype::check {
namespace {

std::string folder_of_temporaries() {
  std::error_code failed;
  const std::string out = std::filesystem::temp_directory_path(failed);
  if (failed) throw Error(ErrorCode::cannot_create, "TMPDIR: want a folder: " + failed.message());
  return out;
}

std::set<std::string_view> needed_by(std::string_view needs) {
  std::set<std::string_view> out;
  while (!needs.empty()) {
    const size_t end = std::min(needs.find(' '), needs.size());
    out.insert(needs.substr(0, end));
    needs.remove_prefix(std::min(end + 1, needs.size()));
  }
  return out;
}

/// The named checks and all checks that these need, directly or not.
std::set<std::string_view> chosen(const std::vector<std::string>& only) {
  std::set<std::string_view> out;
  std::vector<std::string> known;
  for (const Check& c : checks()) known.emplace_back(c.id);
  for (const auto& id : only)
    if (std::find(known.begin(), known.end(), id) == known.end())
      throw Error(ErrorCode::usage, "plugin check: " + unknown_name("check", id, known));
  const auto& all = checks();
  for (auto c = all.rbegin(); c != all.rend(); ++c)
    if (only.empty() || out.count(c->id) || std::find(only.begin(), only.end(), c->id) != only.end()) {
      out.insert(c->id);
      out.merge(needed_by(c->needs));
    }
  return out;
}

/// "p" for passed; "f", "s" or "m" and a reason for failed, skipped, or a machine without memory or disk space. The
/// last is not the plugin's fault: in tier 1 no exception comes from a plugin.
std::string answer_of(const Check& check, const Subject& subject) {
  const auto of_machine = [&](const std::exception& e) {
    return (subject.tier() == 1 ? "m" : "f") + std::string(e.what());
  };
  try {
    check.run(subject);
    return "p";
  } catch (const Skipped& e) {
    return std::string("s") + e.what();
  } catch (const std::bad_alloc& e) {
    return of_machine(e);
  } catch (const std::filesystem::filesystem_error& e) {
    return of_machine(e);
  } catch (const std::system_error& e) {  // thread creation failed; checks that need fewer threads can still run
    return (subject.tier() == 1 ? "sthis machine cannot run it: " : "f") + std::string(e.what());
  } catch (const Error& e) {
    return of_machine(e);
  } catch (const std::exception& e) {
    return std::string("f") + e.what();
  } catch (...) {
    return "fthrew something that is not a std::exception";
  }
}

/// Throws Error if the machine failed: the plugin is not at fault, but it has not passed either.
void check_machine(const Check& check, const Subject& subject, const Ended& ended) {
  const std::string what = subject.file + ": the check " + std::string(check.id) + " cannot be made: ";
  if (ended.answer_lost)
    throw Error(ErrorCode::io, what + "its answer cannot be written: " + std::strerror(ended.answer_lost));
  if (ended.signal == SIGKILL && !ended.is_late)
    throw Error(ErrorCode::out_of_memory,
                what + "SIGKILL ended its process, as the system does where memory runs out; want more memory");
  if (!ended.signal && ended.answer.starts_with('m')) {
    const std::string why = ended.answer.substr(1);
    throw Error(why == std::bad_alloc().what() ? ErrorCode::out_of_memory : ErrorCode::io, what + why);
  }
}

Outcome run_one(const Check& check, const Subject& subject, int time_limit) {
  Ended ended = run_in_child([&] { return answer_of(check, subject); }, time_limit);
  check_machine(check, subject, ended);
  Outcome out{.check = &check, .verdict = Verdict::failed, .output = std::move(ended.output), .seconds = ended.seconds};
  const std::string call = ended.last_call.empty() ? "" : " in " + ended.last_call;
  if (ended.is_late) {
    out.why = "did not end within " + std::to_string(time_limit) + " s" + call;
  } else if (ended.signal || ended.code || ended.answer.empty()) {
    out.is_crash = true, out.signal = ended.signal, out.last_call = std::move(ended.last_call);
    out.why = (ended.signal ? "ended by " + signal_name(ended.signal)
                            : "the plugin ended the process with exit code " + std::to_string(ended.code)) +
              call;
  } else {
    out.verdict = ended.answer[0] == 'p'   ? Verdict::passed
                  : ended.answer[0] == 's' ? Verdict::skipped
                                           : Verdict::failed;
    out.why = ended.answer.substr(1);
  }
  if (out.verdict != Verdict::failed) out.output.clear();
  return out;
}

/// The subjects of a check: null for the library, or each entry of its kind.
std::vector<const EntryInfo*> entries_of(const Check& check, const Subject& subject) {
  if (check.about == About::library) return {nullptr};
  std::vector<const EntryInfo*> out;
  for (const EntryInfo& e : subject.entries)
    if (check.about == About(e.kind)) out.push_back(&e);
  return out;
}

using Unmet = std::set<std::pair<std::string_view, const EntryInfo*>>;

/// The first needed check that did not pass for the library or this entry; "" if all did.
std::string_view missing(const Check& check, const EntryInfo* entry, const Unmet& unmet) {
  for (const auto& id : needed_by(check.needs))
    if (unmet.count({id, nullptr}) || unmet.count({id, entry})) return id;
  return "";
}

}  // namespace

std::vector<Outcome> run_checks(const std::string& file, const Options& options,
                                const std::function<void(const Outcome&)>& done) {
  const FileKind kind = kind_of(file);
  if (kind == FileKind::folder)
    throw Error(ErrorCode::no_input, file + ": is a folder; want a library, the .so that the build makes");
  if (kind != FileKind::file) throw Error(ErrorCode::no_input, file + ": no such file");
  const std::string path =
      std::filesystem::absolute(file).string();  // dlopen searches other folders for a name without a folder
  const auto wanted = chosen(options.only);
  const TemporaryFolder folder(folder_of_temporaries(), "calotype_check_", 0700);
  Subject subject{path, read_manifests(path).entries, nullptr, options.level, options.seed, folder.path()};
  if (subject.tier() == 2) load_libtorch();
  std::vector<Outcome> outcomes;
  Unmet unmet;
  for (const Check& check : checks()) {
    if (!wanted.count(check.id) || (check.only_tier_1 && subject.tier() == 2)) continue;
    for (const EntryInfo* entry : entries_of(check, subject)) {
      subject.entry = entry;
      const std::string_view needs = missing(check, entry, unmet);
      Outcome out = needs.empty()
                        ? run_one(check, subject, options.time_limit)
                        : Outcome{.check = &check, .verdict = Verdict::skipped, .why = "needs " + std::string(needs)};
      if (entry) out.entry = std::string(name_of(entry->kind)) + " " + entry->id;
      if (out.verdict == Verdict::failed || !needs.empty()) unmet.insert({check.id, entry});
      done(out);
      outcomes.push_back(std::move(out));
    }
  }
  return outcomes;
}

}  // namespace calotype::check
