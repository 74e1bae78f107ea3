#pragma once
#include <calotype/host/catalog.h>

#include <string>

namespace calotype::cli {

/// What docs/schedulers.md or docs/samplers.md has of all entries of this kind, in Markdown: a table of what to take
/// for what, then by category an image and each entry, with its variants for other programs ("beta@a1111") under it.
/// Names the images that tools/write_pages generates.
std::string page_of(const Catalog& catalog, Kind kind);

}  // namespace calotype::cli
