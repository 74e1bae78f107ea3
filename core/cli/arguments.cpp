#include "cli/arguments.h"

#include <calotype/error.h>
#include <calotype/version.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <limits>
#include <sstream>
#include <utility>

#include "base/parse_number.h"
#include "base/spelling.h"
#include "base/utf8.h"

namespace calotype::cli {
namespace po = boost::program_options;
namespace {

/// A whole number, which is read by this program's own rules: the parser's errors do not name what is wanted.
template <class Integer>
po::value_semantic* integer(Integer& out, const char* option, const char* name) {
  const auto read = [&out, option](const std::string& text) {
    const auto number = parse_integer(text);
    const auto fail = [&](const std::string& wanted) {
      throw Error(ErrorCode::usage, std::string(option) + ": want " + wanted + ", got \"" + one_line(text) + '"');
    };
    if (!number) fail("a whole number");
    if (!std::in_range<Integer>(*number))
      fail(std::to_string(std::numeric_limits<Integer>::min()) + " to " +
           std::to_string(std::min<uint64_t>(std::numeric_limits<Integer>::max(), INT64_MAX)));
    out = Integer(*number);
  };
  return po::value<std::string>()->notifier(read)->value_name(name);
}

po::options_description options_of(const Command& command, Arguments& a) {
  po::options_description out("options");
  const auto add = [&](const char* name, const po::value_semantic* value, const char* doc) {
    const std::string plain = std::string(name).substr(0, std::string(name).find(','));
    if (plain == "help" || std::find(command.options.begin(), command.options.end(), plain) != command.options.end())
      out.add_options()(name, value, doc);
  };
  add("set", po::value(&a.overrides)->composing()->value_name("KEY=VALUE"),
      "override a key of the config: --set scheduler.rho=5");
  add("steps", integer(a.steps, "--steps", "N"), "how many steps");
  add("x", po::value(&a.across)->value_name("KEY=V,V"),
      "what changes from column to column: scheduler=karras,beta; where a value has a comma: prompt=a, b|c, d");
  add("y", po::value(&a.down)->value_name("KEY=V,V"), "the same from row to row");
  add("curves", po::bool_switch(&a.curves), "beside each row the sigmas of its last image");
  add("cell", integer(a.cell, "--cell", "PIXELS"), "the longer side of an image on the sheet; 256 is the default");
  add("output", po::value(&a.output)->value_name("FILE.png"), "the sheet; absent: the config's name with -grid.png");
  add("model", po::value(&a.model)->value_name("MODEL"),
      "a path or name; its training sigmas are gone over; absent: the usual ones of the loaders");
  add("plot", po::value(&a.plot)->value_name("FILE.png"),
      "plots them, and the signal-to-noise ratio, against the step");
  add("kind", po::value(&a.kind)->value_name("KIND"), "scheduler, sampler, loader or pipeline");
  add("lang", po::value(&a.lang)->value_name("c++|c"), "the language; c++ is the default");
  add("config", po::value(&a.config)->value_name("CONFIG"),
      "under the rules of a config: plugins.path, plugins.allow, and plugins.lock beside it");
  add("builtin-only", po::bool_switch(&a.builtin_only), "leave out all plugins that did not come with this program");
  add("without", po::value(&a.without)->composing()->value_name("ID"),
      "leave out a plugin, by its name or file, or one thing that it offers");
  add("retry", po::bool_switch(&a.retry),
      "let in plugins that crashed when they were checked, and forget that they did");
  add("dry-run", po::bool_switch(&a.dry_run), "check everything, read no weight, and print what would be done");
  add("json", po::bool_switch(&a.json), "JSON on standard output, one object a line");
  add("markdown", po::bool_switch(&a.markdown),
      "as a page: what to take for what, then each entry; of schedulers and samplers");
  add("quiet,q", po::bool_switch(&a.quiet), "no progress on standard error; of checks the failures");
  add("junit", po::value(&a.junit)->value_name("FILE"), "writes a report in JUnit's XML");
  add("level", po::value(&a.level)->value_name("quick|full"), "how thoroughly; full is the default");
  add("only", po::value(&a.only)->composing()->value_name("CHECK"),
      "this check only, and what it needs; may be given again");
  add("seed", integer(a.seed, "--seed", "N"), "of what is chosen at random; 1 is the default");
  add("time-limit", integer(a.time_limit, "--time-limit", "SECONDS"), "of one check; 30 is the default");
  add("help,h", po::bool_switch(&a.help), "this text");
  return out;
}

/// What is wrong with how an option was given, in this program's words.
std::string problem_of(const po::invalid_command_line_syntax& e, const po::options_description& options) {
  const std::string given = e.get_option_name();
  const size_t name = given.find_first_not_of('-');
  if (name == given.npos) return "want an option's name after --, got none";
  const auto* option = options.find_nothrow(given.substr(name), false);
  const std::string wanted = option ? option->format_parameter() : "a value";
  if (e.kind() == po::invalid_command_line_syntax::extra_parameter) return given + ": want no value, got one";
  return given + ": want " + wanted + ", got nothing";
}

}  // namespace

Arguments parse(const Command& command, int count, const char* const* words) {
  Arguments a;
  const auto fail = [&](const std::string& what) { return Error(ErrorCode::usage, what + "\n" + help(command)); };
  po::options_description all = options_of(command, a);
  all.add_options()("names", po::value(&a.names));
  po::positional_options_description positional;
  positional.add("names", -1);
  try {
    po::variables_map map;
    // no guessing: an option is written in full
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(std::vector<std::string>(words, words + count))
                  .options(all)
                  .positional(positional)
                  .style(style)
                  .run(),
              map);
    po::notify(map);
    a.has_steps = map.count("steps");
  } catch (const po::unknown_option& e) {
    std::vector<std::string> known;
    for (const auto& name : command.options) known.push_back("--" + name);
    known.push_back("--help");
    throw fail(unknown_name("option", e.get_option_name(), known));
  } catch (const po::invalid_command_line_syntax& e) {
    throw fail(command.name + ": " + problem_of(e, all));
  } catch (const po::multiple_occurrences& e) {
    throw fail(command.name + ": " + e.get_option_name() + ": want it once, got it more often");
  } catch (const Error& e) {  // of a value
    throw fail(command.name + ": " + e.what());
  } catch (const po::error& e) {
    throw fail(command.name + ": want the options below, got what is none: " + e.what());
  }
  return a;
}

std::string help(const Command& command) {
  Arguments unused;
  std::ostringstream out;
  out << "usage: " << kProgram << ' ' << command.name << (command.usage.empty() ? "" : " ") << command.usage << "\n"
      << command.summary << "\n\n"
      << options_of(command, unused);
  return out.str();
}

std::string help(const std::vector<Command>& group) {
  std::string out;
  for (const auto& c : group) {
    if (c.group)
      out += help(c.group());
    else
      out += "  " + std::string(kProgram) + " " + c.name + (c.usage.empty() ? "" : " ") + c.usage + "\n      " +
             c.summary + "\n";
  }
  return out;
}

std::string help() {
  return "calotype " CALOTYPE_VERSION ": generates images by diffusion; everything it uses is a plugin\n\n" +
         help(commands()) + "\ncalotype COMMAND --help explains it\n";
}

}  // namespace calotype::cli
