#include "cli/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/utf8.h"
#include "cli/edge.h"

namespace calotype::cli {
namespace {

using Row = std::vector<std::string>;
constexpr size_t kGap = 2, kLeastText = 30;

/// Of standard output, in columns; 0 where it is no terminal.
size_t terminal_width() {
  winsize size{};
  return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// Characters of UTF-8, as a terminal counts its columns.
size_t columns(const std::string& text) {
  return size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

size_t column_width(const std::vector<Row>& rows, size_t i) {
  size_t out = 0;
  for (const Row& row : rows) out = std::max(out, columns(row[i]));
  return out;
}

/// Of all columns but the last, with the gaps behind them.
size_t width_before_last(const std::vector<Row>& rows) {
  size_t out = 0;
  for (size_t i = 0; i + 1 < rows.front().size(); ++i) out += column_width(rows, i) + kGap;
  return out;
}

void remove_column(std::vector<Row>& rows, const std::string& heading) {
  const auto found = std::find(rows.front().begin(), rows.front().end(), heading);
  if (found == rows.front().end()) return;
  const auto at = found - rows.front().begin();
  for (Row& row : rows) row.erase(row.begin() + at);
}

/// Lines of at most `width` columns, broken at spaces; a word that is longer has a line of its own.
std::vector<std::string> broken(const std::string& text, size_t width) {
  std::vector<std::string> out{""};
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!out.back().empty() && columns(out.back()) + 1 + columns(word) > width) out.emplace_back();
    out.back() += (out.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return out;
}

}  // namespace

void print_table(std::vector<Row> rows, const std::vector<std::string>& spare) {
  for (Row& row : rows)
    for (std::string& cell : row) cell = printable_line(cell);
  const size_t width = terminal_width();
  for (const std::string& heading : spare)
    if (width && width_before_last(rows) + kLeastText > width) remove_column(rows, heading);
  const size_t before = width_before_last(rows);
  const bool is_broken = width >= before + kLeastText;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i + 1 < row.size(); ++i)
      line += row[i] + std::string(column_width(rows, i) - columns(row[i]) + kGap, ' ');
    for (const auto& text : is_broken ? broken(row.back(), width - before) : Row{row.back()}) {
      line += text;
      put_line(stdout, line.substr(0, line.find_last_not_of(' ') + 1));
      line.assign(before, ' ');
    }
  }
}

}  // namespace calotype::cli
