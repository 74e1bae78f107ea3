// Many settings side by side: an image is generated for each column and row, with one loaded model and the same noise,
// and the images are laid on one sheet. Each finished image is kept under a name made of all it was generated from, so
// a grid that was cut short, or that gets another column, generates only what is not there.
#include <calotype/file_kind.h>
#include <calotype/host/host.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/figures_library.h"
#include "cli/plugin_options.h"
#include "cli/print.h"
#include "cli/run_support.h"
#include "config/config_keys.h"
#include "host/made_from.h"
#include "image/image_io.h"
#include "image/png_metadata.h"
#include "schedule/restart.h"

namespace calotype::cli {
namespace {
namespace fs = std::filesystem;

constexpr size_t kMostBytes = size_t(1) << 30;

/// One --x or --y.
struct Axis {
  std::string key;
  std::vector<std::string> values;
  std::vector<std::string> overrides(size_t i) const {
    return values.empty() ? std::vector<std::string>{} : std::vector{key + "=" + values[i]};
  }
  size_t count() const { return std::max<size_t>(values.size(), 1); }
};

Axis read_axis(const char* option, const std::string& text) {
  if (text.empty()) return {};
  const size_t equals = text.find('=');
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::usage, "grid: " + std::string(option) + ": " + what + ", got \"" + text + "\"");
  };
  if (equals == text.npos || equals == 0) fail("want KEY=VALUE,VALUE");
  Axis out{text.substr(0, equals), {}};
  const char separator = text.find('|') != text.npos ? '|' : ',';
  for (size_t at = equals + 1; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    if (end == at) fail("want values between the separators");
    out.values.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// "1.5 s"
std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

/// One image of the grid. `plan` is absent where it cannot be generated; that was reported.
struct Cell {
  std::string label, path;
  std::optional<Plan> plan;
};

/// A value as a part of a file's name.
std::string plain(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-' && c != '@') c = '_';
  return text.substr(0, 40);
}

class Grid {
 public:
  Grid(Host& host, const Arguments& arguments)
      : host_(host),
        arguments_(arguments),
        across_(read_axis("--x", arguments.across)),
        down_(read_axis("--y", arguments.down)) {
    if (across_.values.empty() && down_.values.empty())
      throw Error(ErrorCode::usage, "grid: want --x KEY=VALUE,VALUE or --y, got neither");
    if (across_.key == down_.key)
      throw Error(ErrorCode::usage, "grid: --x and --y: want two keys, got \"" + across_.key + "\" twice");
    const fs::path config(arguments.names[0]);
    sheet_ = arguments.output.empty() ? config.stem().string() + "-grid.png" : arguments.output;
    if (fs::path(sheet_).extension() != ".png")
      throw Error(ErrorCode::usage, "grid: --output: want a name that ends in .png, got \"" + sheet_ + "\"");
    folder_ = fs::path(sheet_).replace_extension(".cells");
    const size_t longest = 255, bytes = folder_.filename().native().size();
    if (bytes > longest)
      throw Error(ErrorCode::usage, "grid: --output: want a shorter name, got one whose folder of images, " +
                                        one_line(folder_.filename().string()) + ", has " + std::to_string(bytes) +
                                        " bytes, and " + std::to_string(longest) + " is the most");
    check_sheet();
  }

  /// Returns the exit code: that of the first image that could not be generated.
  int run() {
    // what is wrong whatever the values are is reported once
    const Config config = open_config(arguments_.names[0], arguments_.overrides);
    host_.plan(host_.resolve(config));
    for (size_t row = 0; row < down_.count(); ++row)
      for (size_t column = 0; column < across_.count(); ++column) plan(row, column);
    if (std::none_of(cells_.begin(), cells_.end(), [](const Cell& c) { return c.plan.has_value(); })) return code_;
    for (const Cell& cell : cells_)
      if (cell.plan && is_there(cell.path)) check_cell(cell);
    size_t done = 0;
    for (const Cell& cell : cells_) {
      ++done;
      if (cell.plan && !is_there(cell.path)) generate(cell, done);
    }
    if (lay_out()) put_path(sheet_), check_output();
    return code_;
  }

 private:
  /// A sheet is laid out again by each run; nothing else is overwritten.
  void check_sheet() const {
    const FileKind kind = kind_of(sheet_);
    if (kind == FileKind::nothing) return;
    if (kind != FileKind::file || !read_png_texts(read_file(sheet_, kMostBytes), sheet_).contains("grid"))
      throw Error(ErrorCode::cannot_create,
                  "grid: " + sheet_ + ": is there already, and is no grid; want another --output");
  }

  /// What lies where an earlier run would have left a cell must be one, or it would stand on the sheet for it.
  static void check_cell(const Cell& cell) {
    try {
      const std::string bytes = read_file(cell.path, kMostBytes);
      if (read_png_texts(bytes, cell.path).contains("calotype")) return;
    } catch (const Error& e) {
      fail_cell(cell, e.what());
    }
    fail_cell(cell, cell.path + ": want an image of a grid, got another file");
  }
  [[noreturn]] static void fail_cell(const Cell& cell, const std::string& what) {
    throw Error(ErrorCode::bad_data, "grid: " + cell.label + ": " + what + "; remove it, and it is generated again");
  }

  std::vector<std::string> overrides(size_t row, size_t column) const {
    std::vector<std::string> out = arguments_.overrides;
    for (const auto& text : across_.overrides(column)) out.push_back(text);
    for (const auto& text : down_.overrides(row)) out.push_back(text);
    return out;
  }

  void plan(size_t row, size_t column) {
    Cell& cell = cells_.emplace_back();
    std::vector<std::string> overrides = this->overrides(row, column);
    std::string name;
    for (const auto& [axis, i] : {std::pair(&across_, column), {&down_, row}}) {
      for (const auto& text : axis->overrides(i)) cell.label += (cell.label.empty() ? "" : ", ") + text;
      if (!axis->values.empty()) name += plain(axis->values[i]) + "-";
    }
    overrides.push_back("images=1");
    try {
      Plan found = host_.plan(host_.resolve(open_config(arguments_.names[0], overrides)));
      cell.path = (folder_ / (name + made_from_(found) + ".png")).string();
      found.outputs = {cell.path};
      found.config.exists = IfExists::overwrite;  // the same image, of a grid that runs twice at once
      found.config.latents.reset(), found.latents.clear();
      cell.plan = std::move(found);
    } catch (const Error& e) {
      fail(cell, e);
    }
  }

  void fail(const Cell& cell, const Error& e) {
    put_line(stderr, "calotype: grid: " + cell.label + ": " + e.what());
    if (!code_) code_ = int(e.code());
  }

  void generate(const Cell& cell, size_t number) {
    ProgressBar bar(arguments_.quiet);
    std::stop_source stop;
    try {
      const Result result = [&] {
        const CaughtSignals signals;
        return host_.run(*cell.plan, watched_run(bar, stop));
      }();
      bar.clear();
      for (const auto& w : result.warnings) put_line(stderr, "calotype: warning: " + cell.label + ": " + w);
      if (!arguments_.quiet)
        put_line(stderr, std::to_string(number) + "/" + std::to_string(cells_.size()) + " " + cell.label + ": " +
                             seconds_text(result.statistics.total_seconds));
    } catch (const Error& e) {
      bar.clear();
      if (e.code() == ErrorCode::cancelled) throw;
      fail(cell, e);
    }
  }

  /// Each row's sigmas, of its last image, and those of the usual scheduler.
  void add_curves(figures::Sheet& sheet) {
    const size_t columns = across_.count();
    size_t longest = cells_.size();  // of the cells
    for (size_t row = 0; row < down_.count(); ++row) {
      figures::Curve& curve = sheet.curves.emplace_back();
      for (size_t i = row * columns; i < (row + 1) * columns; ++i)
        if (cells_[i].plan) {
          curve.sigmas.clear();
          for (const PassInterval& interval :
               pass_intervals(cells_[i].plan->passes.front(), cells_[i].plan->config.restart)) {
            const bool goes_on = !curve.sigmas.empty() && !interval.from;
            curve.sigmas.insert(curve.sigmas.end(), interval.sigmas.begin() + goes_on, interval.sigmas.end());
          }
          if (longest == cells_.size() || cells_[i].plan->sigmas.size() > cells_[longest].plan->sigmas.size())
            longest = i;
        }
    }
    auto usual = overrides(longest / columns, longest % columns);
    sheet.reference.name = std::get<std::string>(find_key("scheduler.id")->info.default_value);
    usual.push_back("scheduler=" + sheet.reference.name);
    sheet.reference.sigmas = host_.plan(host_.resolve(open_config(arguments_.names[0], usual))).sigmas;
  }

  /// What is on the sheet, for `calotype show`.
  std::string record() const {
    Json out{{"config", fs::path(arguments_.names[0]).filename().string()}, {"curves", arguments_.curves}};
    if (!across_.key.empty()) out["across"] = {{"key", across_.key}, {"values", across_.values}};
    if (!down_.key.empty()) out["down"] = {{"key", down_.key}, {"values", down_.values}};
    if (!fallbacks_.empty()) out["fallbacks"] = fallbacks_;
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  /// Such an image is not quite what the config asks for.
  void tell_fallbacks(const Cell& cell, const std::string& fallbacks) {
    put_line(stderr, "calotype: grid: " + cell.label + ": memory ran out; generated with " + fallbacks);
    fallbacks_[cell.label] = fallbacks;
  }

  /// Whether there is an image to lay out.
  bool lay_out() {
    figures::Sheet sheet;
    sheet.title = printable_line(fs::path(arguments_.names[0]).filename().string());
    for (const auto& value : across_.values) sheet.columns.push_back(value);
    for (const auto& value : down_.values) sheet.rows.push_back(value);
    if (!across_.key.empty()) sheet.title += "    across: " + across_.key;
    if (!down_.key.empty()) sheet.title += "    down: " + down_.key;
    bool any = false;
    for (const Cell& cell : cells_) {
      sheet.images.emplace_back();
      if (!cell.plan || !is_there(cell.path)) continue;
      const std::string bytes = read_file(cell.path, kMostBytes);
      Image image;
      try {
        image = decode_image(bytes, cell.path);
      } catch (const Error& e) {
        fail_cell(cell, e.what());
      }
      if (const auto texts = read_png_texts(bytes, cell.path); texts.contains("fallbacks"))
        tell_fallbacks(cell, texts.at("fallbacks"));
      sheet.images.back() =
          figures_library().reduce({image.width, image.height, std::move(image.rgb)}, arguments_.cell);
      any = true;
    }
    if (!any) return false;
    if (!fallbacks_.empty()) sheet.title += "    short of memory: " + std::to_string(fallbacks_.size());
    if (arguments_.curves) add_curves(sheet);
    write_file(sheet_, with_png_text(figures_library().draw_sheet(sheet), "grid", record()));
    return true;
  }

  Host& host_;
  const Arguments& arguments_;
  Axis across_, down_;
  std::string sheet_;
  fs::path folder_;
  std::vector<Cell> cells_;
  MadeFrom made_from_;
  std::map<std::string, std::string> fallbacks_;  // of cells, by their labels
  int code_ = 0;
};

}  // namespace

int grid_command(const Arguments& arguments) {
  if (arguments.names.size() != 1)
    throw Error(ErrorCode::usage, "grid: want one config or image, got " + std::to_string(arguments.names.size()));
  if (arguments.cell < 16 || arguments.cell > 4096)
    throw Error(ErrorCode::usage, "grid: --cell: want 16 to 4096, got " + std::to_string(arguments.cell));
  if (arguments.names[0] == "-")
    throw Error(ErrorCode::usage, "grid: want a file, which is read again for each image, got standard input");
  if (kind_of(arguments.names[0]) == FileKind::other)
    throw Error(ErrorCode::usage, "grid: " + arguments.names[0] +
                                      ": want a file, which is read again for each image, got a pipe or device");
  Host host(host_options(arguments));
  return Grid(host, arguments).run();
}

}  // namespace calotype::cli
