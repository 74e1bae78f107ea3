#pragma once
#include <string>
#include <vector>

namespace calotype::cli {

/// Prints rows of cells, of which the first row is the heading. Each column is as wide as its widest cell. On a
/// terminal a table that is too wide loses the columns `spare`, in this order, and its last column is broken into
/// lines.
void print_table(std::vector<std::vector<std::string>> rows, const std::vector<std::string>& spare = {});

}  // namespace calotype::cli
