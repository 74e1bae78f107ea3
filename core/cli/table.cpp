#include "cli/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

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

/// Of each column but the last, with the gap behind it.
std::vector<size_t> widths_before_last(const std::vector<Row>& rows) {
  std::vector<size_t> out(rows.front().size() - 1);
  for (const Row& row : rows)
    for (size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], columns(row[i]) + kGap);
  return out;
}

size_t sum(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), size_t(0));
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
    if (width && sum(widths_before_last(rows)) + kLeastText > width) remove_column(rows, heading);
  const std::vector<size_t> widths = widths_before_last(rows);
  const size_t before = sum(widths);
  const bool is_broken = width >= before + kLeastText;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) line += row[i] + std::string(widths[i] - columns(row[i]), ' ');
    for (const auto& text : is_broken ? broken(row.back(), width - before) : Row{row.back()}) {
      line += text;
      put_line(stdout, line.substr(0, line.find_last_not_of(' ') + 1));
      line.assign(before, ' ');
    }
  }
}

}  // namespace calotype::cli
